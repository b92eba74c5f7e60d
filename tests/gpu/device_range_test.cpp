// SPDX-License-Identifier: MIT
// Arrays of the caller's in a GPU's memory, in a unit that an ordinary compiler compiles: as inputs, and as what verbs write to.
#include "executors.hpp"

#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace fg = foldgrid;

namespace device_range_test {
FOLDGRID_FUNCTION(half_of, (double x), { return 0.5 * x; })
FOLDGRID_FUNCTION(product, (double x, double y), { return x * y; })
FOLDGRID_STRUCT(six, (double x[6];))
FOLDGRID_FUNCTION(join, (six l, six r), {
  for (int k = 0; k < 6; ++k) l.x[k] = 0.5 * l.x[k] + r.x[5 - k];
  return l;
})
FOLDGRID_FUNCTION(reversed, (six s), { return six{{s.x[5], s.x[4], s.x[3], s.x[2], s.x[1], s.x[0]}}; })
}  // namespace device_range_test
using namespace device_range_test;

namespace {

class device_range : public testing::Test {
 protected:
  static std::vector<double> numbers(std::size_t n) {
    std::vector<double> xs(n);
    for (std::size_t i = 0; i < n; ++i) xs[i] = 1 / (1.0 + static_cast<double>(i));
    return xs;
  }
  fg::run_report report;
  std::vector<double> xs = numbers(9001);
  fg::device_array<double> owned = gpu().to_device(xs);  // stands for memory that the program has allocated
  double* data = owned.view().gpu_data();
};

/// They are loaded 16 bytes at a time where they lie so, and their members need 8.
TEST_F(device_range, of_structs_at_any_multiple_of_their_alignment) {
  for (const std::size_t skipped : {0, 1}) {
    const std::size_t n = (xs.size() - skipped) / 6;
    std::vector<six> here(n);
    std::memcpy(here.data(), xs.data() + skipped, n * sizeof(six));
    const auto there = fg::device_range(reinterpret_cast<const six*>(data + skipped), n);
    const six found = gpu().reduce(join, there), expected = serial().reduce(join, here);
    EXPECT_EQ(std::memcmp(&found, &expected, sizeof(six)), 0) << skipped;

    auto room = gpu().to_device(std::vector<double>(xs.size()));
    gpu().map_into(fg::device_range(reinterpret_cast<six*>(room.view().gpu_data() + 1 - skipped), n), reversed, there);
    const std::vector<double> written = room.to_vector();
    const std::vector<six> turned = serial().map(reversed, here);
    EXPECT_EQ(std::memcmp(written.data() + 1 - skipped, turned.data(), n * sizeof(six)), 0) << skipped;
  }
}

TEST_F(device_range, is_an_input) {
  const auto range = fg::device_range(data, xs.size());
  EXPECT_EQ(gpu().sum({.report = &report}, range), serial().sum(xs));
  EXPECT_EQ(report.where, fg::backend::gpu);
  EXPECT_EQ(gpu().sum(fg::device_range(data, data + 33)), serial().sum(numbers(33)));
  EXPECT_EQ(gpu().sum(fg::device_range(static_cast<const double*>(data), 33)), serial().sum(numbers(33)));
  EXPECT_EQ(gpu().minmax(range).min, xs.back());
  EXPECT_EQ(gpu().argmin(range), 9000u);
  EXPECT_EQ(gpu().first_nonfinite(range), std::nullopt);
  EXPECT_EQ(gpu().map(half_of, range).to_vector(), serial().map(half_of, xs));
  EXPECT_EQ(gpu().map_reduce(product, fg::max, range, fg::linspace(0, 1, 9001)),
            serial().map_reduce(product, fg::max, xs, fg::linspace(0, 1, 9001)));
  EXPECT_EQ(gpu().reduce_rows(std::plus<>{}, fg::device_range(data, 9000), 3000, 3),
            serial().reduce_rows(std::plus<>{}, std::vector<double>(xs.begin(), xs.end() - 1), 3000, 3));
}

TEST_F(device_range, is_written_to) {
  fg::device_array<double> room = gpu().to_device(std::vector<double>(9001));
  const auto to = fg::device_range(room.view().gpu_data(), 9001);
  gpu().map_into(to, half_of, fg::device_range(data, 9001));
  EXPECT_EQ(room.to_vector(), serial().map(half_of, xs));
  gpu().reduce_into(to, std::plus<>{}, fg::device_range(data, 9001));
  EXPECT_EQ(room.to_vector()[0], serial().sum(xs));
  EXPECT_THROW(fg::device_range(data, -1), std::invalid_argument);
  EXPECT_THROW(gpu().map_into(fg::device_range(room.view().gpu_data(), 9000), half_of, fg::device_range(data, 9001)),
               std::invalid_argument);
}

TEST_F(device_range, is_copied_where_a_call_stays_on_the_cpu) {
  const fg::executor automatic;
  const auto odd = [](double x) { return 3 * x; };
  EXPECT_EQ(automatic.map_reduce({.report = &report}, odd, std::plus<>{}, fg::device_range(data, 9001)),
            serial().map_reduce(odd, std::plus<>{}, xs));
  EXPECT_EQ(report.where, fg::backend::threads);
  EXPECT_EQ(automatic.reduce([](double a, double b) { return a < b ? b : a; }, fg::device_range(data, 9001)), 1.0);
  EXPECT_EQ(automatic.map_reduce(odd, std::plus<>{}, fg::init(7.0), fg::device_range(data, 0)), 7.0);
  EXPECT_THROW(automatic.map_reduce(odd, std::plus<>{}, fg::device_range(xs.data(), 9001)), std::invalid_argument)
      << "in the host's memory";
  EXPECT_EQ(gpu().sum(fg::device_range(data, 9001)), serial().sum(xs)) << "nothing is lost";
}

TEST_F(device_range, is_refused_where_there_is_no_gpu_and_beside_host_ranges) {
  const auto refusal = [](auto&& call) {
    try {
      call();
    } catch (const std::invalid_argument& e) {
      return std::string(e.what());
    }
    return std::string("nothing");
  };
  EXPECT_NE(refusal([&] { serial().sum(fg::device_range(data, 9001)); }).find("use backend::gpu, or copy"), std::string::npos);
  EXPECT_NE(refusal([&] { gpu().map(product, fg::device_range(data, 9001), xs); }).find("copy it there by to_device first"),
            std::string::npos);
  EXPECT_NE(refusal([&] { gpu().map_reduce([](double x) { return x; }, std::plus<>{}, fg::device_range(data, 9001)); }).find("cannot go"),
            std::string::npos);
}

}  // namespace
