// SPDX-License-Identifier: MIT
// Section "bench": fused map_reduce, structs, ordered products of matrices, and maps, in device memory.
#include "../text.hpp"
#include "bench.hpp"
#include "operations.hpp"
#include "random.hpp"

#include <chrono>
#include <cmath>
#include <functional>

namespace gpu_check {
namespace {

double clock_seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

bool close(double a, double b) { return std::abs(a - b) <= 1e-9 * std::abs(a); }

void measure_fused(const bench_setting& in) {
  session& with = in.with;
  const std::size_t n = in.scaled(std::size_t{1} << 28);
  const std::vector<float> xs = random_array<float>(with, n, 70), ys = random_array<float>(with, n, 71);
  const auto x = with.gpu.to_device(xs), y = with.gpu.to_device(ys);
  const float *const px = x.view().data(), *const py = y.view().data();
  const double bytes = static_cast<double>(n * sizeof(float));
  const double squares = with.gpu.map_reduce(widened_square, std::plus<>{}, x),
               dot = with.gpu.map_reduce(widened_product, std::plus<>{}, x, y);
  with.check.same({"map_reduce of squares", "f32 to f64", n, "before it is timed"}, squares,
                  with.cpu.map_reduce(widened_square, std::plus<>{}, xs));
  with.check.same({"dot", "f32 to f64", n, "before it is timed"}, dot, with.cpu.map_reduce(widened_product, std::plus<>{}, xs, ys));
  if (in.rivals) {
    with.check.holds({"map_reduce beside CUB", "f32 to f64", n}, close(squares, rivals::cub_squares(px, n).value), "the results differ");
    with.check.holds({"map_reduce beside Thrust", "f32 to f64", n}, close(squares, rivals::thrust_squares(px, n)), "the results differ");
    with.check.holds({"dot beside CUB", "f32 to f64", n},
                     std::abs(dot - rivals::cub_dot(px, py, n).value) < 1e-6 * std::sqrt(static_cast<double>(n)), "the results differ");
  }
  in.measure(
      {.work = "sum of squares f32>f64",
       .size = size_text(n),
       .bytes = bytes,
       .against = "cub TransformReduce",
       .ours = [&] { return in.device_seconds([&](const fg::options& o) { with.gpu.map_reduce(o, widened_square, std::plus<>{}, x); }); },
       .rival = [&] { return rivals::cub_squares(px, n).seconds; },
       .must = 0.95,
       .aim = 1.0});
  in.measure(
      {.work = "dot f32>f64",
       .size = size_text(n),
       .bytes = 2 * bytes,
       .against = "cub TransformReduce",
       .ours =
           [&] { return in.device_seconds([&](const fg::options& o) { with.gpu.map_reduce(o, widened_product, std::plus<>{}, x, y); }); },
       .rival = [&] { return rivals::cub_dot(px, py, n).seconds; },
       .must = 0.95,
       .aim = 1.0});
  for (const std::size_t size : {in.scaled(std::size_t{1} << 20), n}) {  // with the value back on the host
    const auto part = with.gpu.to_device(std::span<const float>(xs.data(), size));
    const float* const from = part.view().data();
    in.measure({.work = "squares, value on host",
                .size = size_text(size),
                .bytes = static_cast<double>(size * sizeof(float)),
                .against = "thrust::transform_reduce",
                .ours = [&] { return clock_seconds([&] { with.gpu.map_reduce(widened_square, std::plus<>{}, part); }); },
                .rival = [&] { return clock_seconds([&] { rivals::thrust_squares(from, size); }); },
                .must = 1.0,
                .aim = 1.1});
    in.measure({.work = "sum f32, value on host",
                .size = size_text(size),
                .bytes = static_cast<double>(size * sizeof(float)),
                .against = "thrust::reduce",
                .ours = [&] { return clock_seconds([&] { with.gpu.sum(part); }); },
                .rival = [&] { return clock_seconds([&] { rivals::thrust_sum(from, size); }); },
                .must = 1.0,
                .aim = 1.1});
    if (with.small()) break;
  }
}

/// Beside a copy that moves as many bytes in all.
template <class T, class Op>
void measure_structs(const bench_setting& in, const char* work, const Op& op, std::uint64_t salt) {
  session& with = in.with;
  const std::size_t n = in.scaled((std::size_t{1} << 30) / sizeof(T));
  const auto there = with.gpu.to_device(random_array<T>(with, n, salt));
  auto room = with.gpu.to_device(std::vector<char>(n * sizeof(T) / 2));
  in.measure({.work = work,
              .size = size_text(n),
              .bytes = static_cast<double>(n * sizeof(T)),
              .against = "copy of the device",
              .ours = [&] { return in.device_seconds([&](const fg::options& o) { with.gpu.reduce(o, op, there); }); },
              .rival = [&] { return rivals::copy_seconds(room.view().data(), there.view().data(), n * sizeof(T) / 2); },
              .must = 0.80,
              .aim = 0.90});
}

void measure_matrices(const bench_setting& in) {
  session& with = in.with;
  const std::size_t n = in.scaled(std::size_t{1} << 26);
  const auto there = with.gpu.to_device(random_array<matrix>(with, n, 75));
  const auto* const from = reinterpret_cast<const rivals::matrix*>(there.view().data());
  in.measure({.work = "product of 2x2 mod p",
              .size = size_text(n),
              .bytes = static_cast<double>(n * sizeof(matrix)),
              .against = "cub Reduce, order ignored",
              .ours = [&] { return in.device_seconds([&](const fg::options& o) { with.gpu.reduce(o, matrix_product, there); }); },
              .rival = [&] { return rivals::cub_product(from, n).seconds; },
              .must = 0.60,
              .aim = 0.75});
}

template <class T, class One, class Two>
void measure_maps(const bench_setting& in, const One& one, const Two& two) {
  session& with = in.with;
  const std::size_t n = in.scaled(std::size_t{1} << 28);
  const std::string type = bench::type_name<T>();
  const auto x = with.gpu.to_device(random_array<T>(with, n, 76)), y = with.gpu.to_device(random_array<T>(with, n, 77));
  auto out = with.gpu.to_device(std::vector<T>(n));
  const T *const px = x.view().data(), *const py = y.view().data();
  T* const to = out.view().data();
  const double bytes = static_cast<double>(n * sizeof(T));
  bench_setting here = in;
  here.rivals = in.rivals && rivals::has_transform();
  if (in.rivals && !here.rivals) with.out.progress("bench  cub::DeviceTransform is skipped: this toolkit has none");
  const auto check = [&](const char* name, const auto& ours) {  // what the rival wrote
    if (here.rivals) with.check.same({name, type, n, "beside cub::DeviceTransform, as sums"}, with.gpu.sum(ours), with.gpu.sum(out));
  };
  here.measure({.work = "map, one input, " + type,
                .size = size_text(n),
                .bytes = 2 * bytes,
                .against = "cub::DeviceTransform",
                .ours = [&] { return in.device_seconds([&](const fg::options& o) { with.gpu.map(o, one, x); }); },
                .rival = [&] { return rivals::cub_scaled(px, to, n); },
                .must = 0.95,
                .aim = 1.0});
  check("map of one input", with.gpu.map(one, x));
  here.measure({.work = "map, two inputs, " + type,
                .size = size_text(n),
                .bytes = 3 * bytes,
                .against = "cub::DeviceTransform",
                .ours = [&] { return in.device_seconds([&](const fg::options& o) { with.gpu.map(o, two, x, y); }); },
                .rival = [&] { return rivals::cub_scaled_sum(px, py, to, n); },
                .must = 0.95,
                .aim = 1.0});
  check("map of two inputs", with.gpu.map(two, x, y));
}

}  // namespace

void measure_functions(const bench_setting& in) {
  measure_fused(in);
  measure_structs<struct_12>(in, "reduce of 12 bytes", join_12, 72);
  measure_structs<struct_24>(in, "reduce of 24 bytes", join_24, 73);
  measure_structs<struct_64>(in, "reduce of 64 bytes", join_64, 74);
  measure_matrices(in);
  measure_maps<float>(in, scaled_f32, scaled_sum_f32);
  measure_maps<double>(in, scaled_f64, scaled_sum_f64);
}

}  // namespace gpu_check
