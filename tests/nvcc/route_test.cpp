// SPDX-License-Identifier: MIT
// <foldgrid/cuda.cuh> compiled for the software GPU: the kernels of this unit run there, with the bits of the host.
#include <foldgrid/cuda.cuh>

#include "functions.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace fg = foldgrid;

/// Of equal sizes the first: the order counts.
FOLDGRID_FUNCTION(nearer, (double a, double b), { return b * b < a * a ? b : a; })
FOLDGRID_FUNCTION(square_of, (double x), { return x * x; })
FOLDGRID_FUNCTION(fussy, (double x), { return x < 0 ? (fg::fail(3), 0.0) : 2 * x; })
FOLDGRID_FUNCTION(sum_of_three, (double x, double y, double z), { return x + y + z; })

namespace {

/// An array in the memory of the software GPU.
template <class T>
struct there {
  explicit there(const std::vector<T>& values)
      : data(static_cast<T*>(software_gpu::allocate(values.size() * sizeof(T)))), count(values.size()) {
    software_gpu::copy_in(data, values.data(), count * sizeof(T));
  }
  there(const there&) = delete;
  there& operator=(const there&) = delete;
  ~there() { software_gpu::deallocate(data); }
  std::vector<T> back() const {
    std::vector<T> values(count);
    software_gpu::copy_out(values.data(), data, count * sizeof(T));
    return values;
  }
  T* data;
  std::size_t count;
};

/// What Thrust's fancy iterators are: something with an index, read on the GPU.
struct squares {
  using value_type = double;
  using difference_type = long;
  using pointer = void;
  using reference = double;
  using iterator_category = std::random_access_iterator_tag;
  const double* from;
  double operator*() const { return *from * *from; }
  squares operator+(long n) const { return {from + n}; }
};

std::vector<double> numbers(std::size_t n) {
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = static_cast<double>(i * 2654435761u % 100003) / 7 - 6000;
  return values;
}

class nvcc_route : public testing::Test {
 protected:
  fg::executor gpu{{.where = fg::backend::gpu}};
  fg::executor host{{.where = fg::backend::serial}};
  fg::run_report report;
};

TEST_F(nvcc_route, maps_and_reduces_with_the_bits_of_the_host) {
  for (const std::size_t n : {1, 2, 31, 33, 1000, 4097, 20001}) {
    const std::vector<double> xs = numbers(n), ys = host.map(scaled{0.3}, xs);
    EXPECT_EQ(gpu.map({.report = &report}, fg::device(scaled{0.3}), xs), ys);
    EXPECT_EQ(report.where, fg::backend::gpu);
    EXPECT_EQ(gpu.map(fg::device(sum_of_two{}), xs, ys), host.map(sum_of_two{}, xs, ys));
    EXPECT_EQ(gpu.reduce({.report = &report}, fg::device(sum_of_two{}), xs), host.sum(xs));
    EXPECT_EQ(report.where, fg::backend::gpu);
    EXPECT_EQ(gpu.reduce(fg::device(first_not_zero{}), xs), xs[0]);
    EXPECT_EQ(gpu.map_reduce(fg::device(scaled{0.3}), std::plus<>{}, xs), host.sum(ys));
    EXPECT_EQ(gpu.map_reduce(fg::device(scaled{0.3}), fg::max, fg::linspace(-1, 2, n)),
              host.map_reduce(scaled{0.3}, fg::max, fg::linspace(-1, 2, n)));
  }
}

TEST_F(nvcc_route, knows_structs_of_the_user) {
  const std::vector<double> xs = numbers(5000);
  const auto made = gpu.map_reduce({.report = &report}, fg::device(to_point{}), fg::device(add_points{}), xs, fg::iota(5000l));
  const auto expected = host.map_reduce(to_point{}, add_points{}, xs, fg::iota(5000l));
  EXPECT_EQ(report.where, fg::backend::gpu);
  EXPECT_EQ(std::memcmp(&made, &expected, sizeof made), 0);
}

TEST_F(nvcc_route, folds_rows_and_columns) {
  const std::vector<double> xs = numbers(70 * 90);
  EXPECT_EQ(gpu.reduce_rows(fg::device(sum_of_two{}), xs, 70, 90), host.reduce_rows(std::plus<>{}, xs, 70, 90));
  EXPECT_EQ(gpu.reduce_columns({.report = &report}, fg::device(sum_of_two{}), xs, 70, 90), host.reduce_columns(std::plus<>{}, xs, 70, 90));
  EXPECT_EQ(report.where, fg::backend::gpu);
}

TEST_F(nvcc_route, reads_and_writes_device_memory) {
  const std::vector<double> xs = numbers(9000);
  const there<double> on_gpu(xs), out(std::vector<double>(9000));
  const auto range = fg::device_range(on_gpu.data, on_gpu.count);
  EXPECT_EQ(gpu.sum(range), host.sum(xs));
  EXPECT_EQ(gpu.minmax(range).max, host.minmax(xs).max);
  EXPECT_EQ(gpu.argmin(range), host.argmin(xs));
  EXPECT_EQ(gpu.map(fg::device(scaled{2}), range).to_vector(), host.map(scaled{2}, xs));
  gpu.map_into(fg::device_range(out.data, out.count), fg::device(scaled{3}), range);
  EXPECT_EQ(out.back(), host.map(scaled{3}, xs));
  EXPECT_THROW(gpu.map_into(fg::device_range(out.data, 8999), fg::device(scaled{3}), range), std::invalid_argument);
  EXPECT_THROW(host.sum(range), std::invalid_argument);
  EXPECT_THROW(gpu.map(fg::device(sum_of_two{}), range, xs), std::invalid_argument);
}

TEST_F(nvcc_route, reads_iterators) {
  const std::vector<double> xs = numbers(9000), squared = host.map([](double x) { return x * x; }, xs);
  const there<double> on_gpu(xs);
  const auto range = fg::device_range(squares{on_gpu.data}, on_gpu.count);
  EXPECT_EQ(gpu.sum({.report = &report}, range), host.sum(squared));
  EXPECT_EQ(report.where, fg::backend::gpu);
  EXPECT_EQ(gpu.minmax(range).max, host.minmax(squared).max);
  EXPECT_EQ(gpu.argmax(range), host.argmax(squared));
  EXPECT_EQ(gpu.map(fg::device(scaled{2}), range).to_vector(), host.map(scaled{2}, squared));
}

TEST_F(nvcc_route, starts_after_the_stream) {
  const there<double> on_gpu(std::vector<double>(1000, 1.0));
  foldgrid::detail::cuda::stream_object mine;
  mine.work.push_back([&] { software_gpu::copy_in(on_gpu.data, std::vector<double>(1000, 2.0).data(), 8000); });
  EXPECT_EQ(gpu.sum(fg::device_range(on_gpu.data, 1000, &mine)), 2000);
  mine.work.push_back([&] { software_gpu::copy_in(on_gpu.data, std::vector<double>(1000, 3.0).data(), 8000); });
  const fg::executor automatic;
  EXPECT_EQ(automatic.map_reduce(
                {.report = &report}, [](double x) { return x; }, std::plus<>{}, fg::device_range(on_gpu.data, 1000, &mine)),
            3000);
  EXPECT_EQ(report.where, fg::backend::threads) << "the elements were copied";
}

TEST_F(nvcc_route, reduces_into_device_memory) {
  const std::vector<double> xs = numbers(9000);
  const there<double> on_gpu(xs), out(std::vector<double>(2));
  const auto range = fg::device_range(on_gpu.data, on_gpu.count), to = fg::device_range(out.data, out.count);
  gpu.reduce_into({.report = &report}, to, std::plus<>{}, range);
  EXPECT_EQ(out.back()[0], host.sum(xs));
  EXPECT_EQ(report.where, fg::backend::gpu);
  gpu.reduce_into(to, fg::device(first_not_zero{}), gpu.to_device(xs));
  EXPECT_EQ(out.back()[0], xs[0]);
  std::vector<double> here(1);
  gpu.reduce_into(here, fg::max, xs);
  EXPECT_EQ(here[0], host.minmax(xs).max);
  EXPECT_THROW(gpu.reduce_into(fg::device_range(out.data, 0), std::plus<>{}, range), std::invalid_argument);
  EXPECT_THROW(gpu.reduce_into(to, std::plus<>{}, fg::device_range(on_gpu.data, 0)), std::invalid_argument);
  EXPECT_THROW(gpu.reduce_into(std::span<double>(), std::plus<>{}, xs), std::invalid_argument);
}

/// A map and a reduction of what it gives, captured into a graph.
struct captured {
  captured(const fg::executor& gpu, std::size_t n) : in(std::vector<double>(n)), between(std::vector<double>(n)), out({0}) {
    cudaStreamBeginCapture(&stream);
    const auto middle = fg::device_range(between.data, n, &stream);
    gpu.map_into(middle, fg::device(scaled{0.5}), fg::device_range(in.data, n, &stream));
    gpu.reduce_into(fg::device_range(out.data, 1, &stream), nearer, middle);
    graph = cudaStreamEndCapture(&stream);
  }
  void replay(const std::vector<double>& xs) {
    stream.push([=, this] { software_gpu::copy_in(in.data, xs.data(), xs.size() * sizeof(double)); });
    cudaGraphLaunch(graph, &stream);
  }
  /// Does a piece of what the stream holds; false when that is nothing.
  bool step() {
    bool once = true;
    EXPECT_EQ(do_work(&stream, [&] { return std::exchange(once, false); }), 0);
    return !stream.work.empty();
  }
  cudaGraph_t graph;
  there<double> in, between, out;
  foldgrid::detail::cuda::stream_object stream;
};

TEST_F(nvcc_route, is_captured_into_a_graph) {
  const auto expected = [&](const std::vector<double>& xs) { return host.reduce(nearer, host.map(scaled{0.5}, xs)); };
  for (const std::size_t n : {100, 20'001}) {
    captured graph(gpu, n);  // nearer is compiled and loaded meanwhile, which only a relaxed thread may do
    ASSERT_NE(graph.graph, nullptr);
    EXPECT_EQ(graph.out.back()[0], 0) << "nothing ran";
    for (int k = 1; k <= 3; ++k) {
      const std::vector<double> xs = host.map([=](double x) { return k * x; }, numbers(n));
      graph.replay(xs);
      EXPECT_EQ(cudaStreamSynchronize(&graph.stream), cudaSuccess);
      EXPECT_EQ(graph.out.back()[0], expected(xs)) << k;
    }
  }
}

TEST_F(nvcc_route, graphs_do_not_share_what_they_work_in) {
  const std::vector<double> xs = numbers(20'001), ys = host.map(scaled{3}, xs);
  captured first(gpu, xs.size()), second(gpu, ys.size());
  first.replay(xs);
  second.replay(ys);
  for (bool one = true, two = true; one || two;) {  // in turns, node by node, and another call between
    one = first.step();
    two = second.step();
    EXPECT_EQ(gpu.sum(xs), host.sum(xs));
  }
  EXPECT_EQ(first.out.back()[0], host.reduce(nearer, host.map(scaled{0.5}, xs)));
  EXPECT_EQ(second.out.back()[0], host.reduce(nearer, host.map(scaled{0.5}, ys)));
}

TEST_F(nvcc_route, refuses_what_cannot_be_captured) {
  const there<double> on_gpu(numbers(20'001)), out({0});
  foldgrid::detail::cuda::stream_object mine, other;
  cudaStreamBeginCapture(&mine);
  const auto range = fg::device_range(on_gpu.data, on_gpu.count, &mine), to = fg::device_range(out.data, 1, &mine);
  const auto refusal = [](auto&& call) {
    try {
      call();
    } catch (const std::invalid_argument& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  EXPECT_NE(refusal([&] { gpu.sum(range); }).find("use reduce_into or map_into"), std::string::npos);
  EXPECT_NE(refusal([&] { gpu.map(fg::device(scaled{2}), range); }).find("use reduce_into or map_into"), std::string::npos);
  EXPECT_NE(refusal([&] { gpu.reduce_into(fg::device_range(out.data, 1, &other), std::plus<>{}, range); }).find("several streams"),
            std::string::npos);
  EXPECT_NE(refusal([&] { gpu.reduce_into(to, std::plus<>{}, fg::device_range(on_gpu.data, 9)); }).find("legacy default stream"),
            std::string::npos);
  const auto into = fg::device_range(on_gpu.data, 6, &mine);
  EXPECT_NE(refusal([&] { gpu.map_into(into, fussy, into); }).find("calls fail"), std::string::npos);
  const std::vector<double> axis{1, 2};
  EXPECT_NE(refusal([&] { gpu.map_into(into, sum_of_three, into, fg::grid(axis, fg::linspace(0, 1, 3))); }).find("axis"),
            std::string::npos);
  gpu.reduce_into(to, std::plus<>{}, range);
  EXPECT_NE(cudaStreamEndCapture(&mine), nullptr) << "the capture is whole";
  EXPECT_EQ(gpu.sum(range), host.sum(numbers(20'001))) << "and so is the device";
}

TEST_F(nvcc_route, other_calls_go_on_while_somebody_captures) {
  foldgrid::detail::cuda::stream_object mine;
  const std::vector<double> many = numbers(1'000'001), few = host.map(square_of, numbers(99));
  cudaStreamBeginCapture(&mine);
  for (const bool elsewhere : {false, true}) {
    const auto call = [&] {
      EXPECT_EQ(gpu.sum(many), host.sum(many));  // through pinned memory, whose events are waited for
      EXPECT_EQ(gpu.map(fussy, few), host.map(fussy, few));
      EXPECT_EQ(gpu.to_device(few).to_vector(), few);
    };
    elsewhere ? std::thread(call).join() : call();
  }
  EXPECT_NE(cudaStreamEndCapture(&mine), nullptr) << "the capture is whole";
}

TEST_F(nvcc_route, a_reduction_into_gpu_memory_tells_its_times) {
  const there<double> on_gpu(numbers(20'001)), out({0});
  fg::run_report report;
  std::vector<std::thread> at_once;  // each on a lane of its own
  for (int k = 0; k < 4; ++k)
    at_once.emplace_back([&, k] {
      fg::run_report own;
      gpu.reduce_into({.report = &own}, fg::device_range(out.data, 1), nearer, fg::device_range(on_gpu.data, on_gpu.count));
      if (k == 0) report = own;
    });
  for (std::thread& each : at_once) each.join();
  EXPECT_EQ(report.where, fg::backend::gpu);
  EXPECT_EQ(out.back()[0], host.reduce(nearer, numbers(20'001)));
}

TEST_F(nvcc_route, leaves_plain_functions_to_the_threads) {
  fg::executor any;
  const std::vector<double> xs = numbers(100000);
  EXPECT_EQ(any.map({.report = &report}, [](double x) { return x + 1; }, xs), host.map([](double x) { return x + 1; }, xs));
  EXPECT_EQ(report.where, fg::backend::threads);
  EXPECT_FALSE(report.reason.empty());
  EXPECT_EQ(any.map({.report = &report}, fg::device(scaled{2}), xs), host.map(scaled{2}, xs));
  EXPECT_EQ(report.where, fg::backend::gpu);
}

}  // namespace
