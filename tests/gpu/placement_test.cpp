// SPDX-License-Identifier: MIT
// What goes to the GPU, what does not, and what the report says of it. Runs wherever there is a GPU, the software one included.
#include "executors.hpp"

#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace fg = foldgrid;

FOLDGRID_FUNCTOR(affine, (double a; double b;), (double x), { return a * x + b; })
FOLDGRID_FUNCTOR(power, (int n;), (double x), {
  double result = 1;
  for (int i = 0; i < n; ++i) result *= x;
  return result;
})
FOLDGRID_FUNCTION(wave, (double x), { return sin(x); })
FOLDGRID_FUNCTION(float_of, (double x), { return static_cast<float>(x); })

namespace {

std::vector<double> values(std::size_t n) { return serial().map(affine{0.001, -3}, fg::iota(n)); }

TEST(gpu_placement, the_report_names_the_device) {
  fg::run_report report;
  const auto xs = values(5000);
  gpu().map({.report = &report}, affine{2, 1}, xs);
  EXPECT_EQ(report.where, fg::backend::gpu);
  EXPECT_FALSE(report.device.empty());
  EXPECT_EQ(report.reason, "asked for");
  EXPECT_EQ(report.elements, 5000u);
  EXPECT_EQ(report.bytes_in, 40000u);
  EXPECT_EQ(report.bytes_out, 40000u);
  EXPECT_GE(report.seconds, report.copy_seconds);
  gpu().reduce({.report = &report}, std::plus<>{}, xs);
  EXPECT_EQ(report.where, fg::backend::gpu);
}

TEST(gpu_placement, small_calls_go_there_too_when_asked) {
  fg::run_report report;
  EXPECT_EQ(gpu().reduce({.report = &report}, std::plus<>{}, std::vector<double>{1, 2}), 3);
  EXPECT_EQ(report.where, fg::backend::gpu);
}

template <class Call>
void expect_refused(Call call, const std::string& verb) {
  try {
    call();
    ADD_FAILURE() << verb << " is not refused";
  } catch (const std::invalid_argument& e) {
    EXPECT_EQ(std::string(e.what()).find(verb), 0u) << e.what();
    EXPECT_NE(std::string(e.what()).find("FOLDGRID_FUNCTION"), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("backend::automatic"), std::string::npos) << e.what();
  }
}

TEST(gpu_placement, what_cannot_go_there_is_refused_and_told_the_way_out) {
  const auto xs = values(100);
  expect_refused([&] { return gpu().map([](double x) { return x; }, xs); }, "map");
  expect_refused([&] { return gpu().reduce([](double a, double b) { return a + b; }, xs); }, "reduce");
  expect_refused([&] { return gpu().map(affine{1, 2}, std::vector<bool>(3)); }, "map");
  EXPECT_EQ(gpu().sum(xs), serial().sum(xs)) << "the executor stays usable";
}

TEST(gpu_placement, automatic_follows_its_rule) {
  const fg::executor automatic;
  fg::run_report report;
  const auto xs = values(1 << 15);
  EXPECT_EQ(automatic.map({.report = &report}, power{5}, xs), serial().map(power{5}, xs));
  EXPECT_EQ(report.where, fg::backend::gpu) << report.reason;
  EXPECT_EQ(report.reason, "automatic: worth a GPU: the function has a loop");
  automatic.map({.report = &report}, affine{2, 1}, xs);
  EXPECT_EQ(report.where, fg::backend::threads);
  EXPECT_NE(report.reason.find("copying"), std::string::npos) << report.reason;
  automatic.map({.report = &report}, wave, xs);
  EXPECT_EQ(report.where, fg::backend::threads);
  EXPECT_NE(report.reason.find("libm"), std::string::npos) << report.reason;
  automatic.map({.report = &report}, power{5}, values(100));
  EXPECT_EQ(report.where, fg::backend::threads);
  EXPECT_EQ(report.reason, "automatic: too few items to be worth a GPU");
  automatic.map_reduce({.report = &report}, affine{2, 1}, std::plus<>{}, fg::iota(1 << 15));
  EXPECT_EQ(report.reason, "automatic: too few items to be worth a GPU") << "nothing is copied";
  automatic.map({.report = &report}, [](double x) { return x; }, xs);
  EXPECT_EQ(report.where, fg::backend::threads);
}

FOLDGRID_FUNCTOR(element_of, (fg::view<const double> xs;), (std::size_t i), { return xs[i]; })

TEST(gpu_placement, automatic_works_where_a_device_array_lies) {
  const fg::executor automatic;
  fg::run_report report;
  const auto xs = values(100);
  const auto there = automatic.to_device(xs);
  EXPECT_EQ(automatic.map({.report = &report}, affine{2, 1}, there).to_vector(), serial().map(affine{2, 1}, xs));
  EXPECT_EQ(report.where, fg::backend::gpu) << report.reason;
  EXPECT_EQ(report.reason, "automatic: worth a GPU: its arrays lie there");
  EXPECT_EQ(automatic.reduce({.report = &report}, std::plus<>{}, there), serial().sum(xs));
  EXPECT_EQ(report.where, fg::backend::gpu) << report.reason;
  EXPECT_EQ(automatic.map({.report = &report}, element_of{there.view()}, fg::iota(xs.size())), xs);
  EXPECT_EQ(report.where, fg::backend::gpu) << report.reason;
  EXPECT_EQ(report.reason, "automatic: worth a GPU: the function reads what lies there");
  EXPECT_EQ(automatic.map(
                         {.report = &report}, [](double x) { return x + 1; }, there)
                .to_vector(),
            serial().map([](double x) { return x + 1; }, xs));
  EXPECT_EQ(report.where, fg::backend::threads);
  EXPECT_EQ(automatic.map({.report = &report}, wave, there).to_vector(), serial().map(wave, xs));
  EXPECT_EQ(report.where, fg::backend::threads);
  EXPECT_THROW(serial().map(affine{2, 1}, there), std::invalid_argument) << "it lies elsewhere";
}

FOLDGRID_FUNCTOR(sum_of_both, (fg::view<const double> a; fg::view<const double> b;), (std::size_t i), { return a[i] + b[i]; })
FOLDGRID_FUNCTOR(weighted_sum, (fg::view<const double> weight;), (double a, double b), { return weight[0] * a + b; })
FOLDGRID_FUNCTOR(looping, (int n;), (std::size_t i), {
  double x = static_cast<double>(i);
  for (int k = 0; k < n; ++k) x = 0.5 * x + 1;
  return x;
})

TEST(gpu_placement, views_are_read_on_their_own_side_or_not_at_all) {
  const fg::executor automatic;
  const auto xs = values(40'000);
  const auto there = gpu().to_device(xs);
  const auto shared = automatic.share(xs);
  const fg::view<const double> here(xs.data(), xs.size());
  const auto n = fg::iota(xs.size());
  EXPECT_THROW(automatic.map(sum_of_both{there.view(), here}, n), std::invalid_argument) << "one on each side";
  EXPECT_THROW(serial().map(sum_of_both{there.view(), here}, n), std::invalid_argument);
  EXPECT_THROW(serial().reduce(weighted_sum{there.view()}, xs), std::invalid_argument);
  EXPECT_THROW(serial().reduce_rows(weighted_sum{there.view()}, xs, 100, 400), std::invalid_argument);
  EXPECT_THROW(serial().reduce_columns(weighted_sum{there.view()}, xs, 100, 400), std::invalid_argument);
  EXPECT_THROW(serial().submit(sum_of_both{there.view(), there.view()}, std::size_t{0}), std::invalid_argument);
  EXPECT_THROW(serial().imap(sum_of_both{there.view(), there.view()}, n), std::invalid_argument);
  EXPECT_THROW(serial().map_outcomes(sum_of_both{there.view(), there.view()}, n), std::invalid_argument);
  EXPECT_THROW(gpu().reduce(weighted_sum{here}, xs), std::invalid_argument);
  EXPECT_THROW(gpu().reduce(weighted_sum{there.view()}, xs, 5.0), std::invalid_argument) << "the host applies the initial value";
  EXPECT_EQ(automatic.map(sum_of_both{shared, here}, n), serial().map(sum_of_both{here, here}, n));
  EXPECT_EQ(automatic.map(sum_of_both{shared, there.view()}, n), serial().map(sum_of_both{here, here}, n));
  const std::size_t many = (std::size_t{1} << 18) + 5;  // in pieces, whose values the host cannot combine
  EXPECT_EQ(gpu().map_reduce(looping{3}, weighted_sum{there.view().subview(7, 1)}, fg::iota(many)),
            serial().map_reduce(looping{3}, weighted_sum{here.subview(7, 1)}, fg::iota(many)));
}

TEST(gpu_placement, the_accumulator_may_be_wider_than_what_the_function_gives) {
  const auto xs = values(3000);
  EXPECT_EQ(gpu().map_reduce<double>(float_of, std::plus<>{}, xs), serial().map_reduce<double>(float_of, std::plus<>{}, xs));
}

TEST(gpu_placement, parallel_runs_on_the_workers_of_a_gpu_executor) {
  fg::run_report report;
  EXPECT_EQ(gpu().parallel({.report = &report}, std::vector{fg::delayed([](int k) { return k + 1; })(3)}), std::vector<int>{4});
  EXPECT_EQ(report.where, fg::backend::threads);
}

TEST(gpu_placement, a_stop_before_the_call_starts_nothing) {
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(gpu().map({.stop = source.get_token()}, affine{1, 2}, fg::iota(10)), fg::cancelled_error);
}

TEST(gpu_placement, progress_is_told) {
  std::size_t told = 0;
  const fg::options asked{.progress = [&](std::size_t done, std::size_t total) {
    told = done;
    EXPECT_EQ(total, 4000u);
  }};
  gpu().map(asked, affine{1, 2}, fg::iota(4000));
  EXPECT_EQ(told, 4000u);
}

}  // namespace
