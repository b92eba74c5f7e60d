// SPDX-License-Identifier: MIT
// Section "bits": map and map_reduce of one and two inputs, leaves of another type than the inputs, and reads through views.
#include "bits.hpp"
#include "operations.hpp"
#include "sweep.hpp"

#include <functional>
#include <span>

namespace gpu_check {

FOLDGRID_FUNCTION(truncated, (double x), { return static_cast<int>(x * 1000.0); })
FOLDGRID_FUNCTION(halved, (int k), { return 0.5 * k; })
FOLDGRID_FUNCTION(mixed, (float x, double y), { return x * y - 0.25; })
FOLDGRID_FUNCTION(low_byte, (int k), { return static_cast<unsigned char>(k); })
/// Element i of a view that begins anywhere, and of it the neighbour before.
FOLDGRID_FUNCTOR(difference_at, (fg::view<const double> u;), (std::size_t i), { return u[i] - 0.5 * u[i == 0 ? u.size() - 1 : i - 1]; })

namespace {

/// The view without its first element, unless that is all.
fg::view<const double> shifted(fg::view<const double> all) { return all.size() < 2 ? all : all.subview(1, all.size() - 1); }
fg::view<const double> shifted(std::span<const double> all) { return shifted(fg::view<const double>(all.data(), all.size())); }
fg::view<const double> shifted(const fg::device_array<double>& all) { return shifted(all.view()); }

template <class F, class Op>
auto mapped_and_reduced(F f, Op op) {
  return [=](const auto& pool, const auto&... x) { return pool.map_reduce(f, op, x...); };
}

}  // namespace

void check_map_reduce(session& with) {
  const std::plus<> plus;
  const std::size_t largest = largest_size(with, 8);
  const auto f32 = random_array<float>(with, largest + 16, 10), other_f32 = random_array<float>(with, largest + 16, 11);
  const auto f64 = random_array<double>(with, largest + 16, 12), other_f64 = random_array<double>(with, largest + 16, 13);
  const auto i32 = random_array<int>(with, largest + 16, 14);
  sweep(with, "f32", largest, std::tie(f32), verb{"map_reduce of squares in f64", mapped_and_reduced(widened_square, plus)},
        verb{"map", mapped(scaled_f32)});
  sweep(with, "f32, f32", largest, std::tie(f32, other_f32), verb{"dot in f64", mapped_and_reduced(widened_product, plus)},
        verb{"map", mapped(scaled_sum_f32)});
  sweep(with, "f64", largest, std::tie(f64), verb{"map_reduce to i32", mapped_and_reduced(truncated, fg::max)},
        verb{"map", mapped(scaled_f64)}, verb{"map to i32", mapped(truncated)},
        verb{"map_reduce through a view",
             [=](const auto& pool, const auto& x) {
               const auto view = shifted(x);
               return pool.map_reduce(difference_at{view}, plus, fg::iota(view.size()));
             },
             true});
  sweep(with, "f64, f64", largest, std::tie(f64, other_f64), verb{"dot", mapped_and_reduced(std::multiplies<>{}, plus)},
        verb{"map", mapped(scaled_sum_f64)});
  sweep(with, "f32, f64", largest, std::tie(f32, f64), verb{"map_reduce of both", mapped_and_reduced(mixed, plus)},
        verb{"map", mapped(mixed)});
  sweep(with, "i32", largest, std::tie(i32), verb{"map_reduce to f64", mapped_and_reduced(halved, plus)},
        verb{"map to f64", mapped(halved)}, verb{"map to u8", mapped(low_byte)});
}

}  // namespace gpu_check
