// SPDX-License-Identifier: MIT
// Studies on the GPU: the CPU's bits, failures, checkpoints that go from one to the other and those that may not, random numbers.
#include "bits.hpp"

#include <foldgrid/foldgrid.hpp>
#include <foldgrid/random.hpp>

#include <gtest/gtest.h>

#include <bit>
#include <stdexcept>
#include <string>
#include <vector>

namespace fg = foldgrid;

namespace study_gpu_test {
FOLDGRID_STRUCT(both, (double ratio; float product; int n;))
FOLDGRID_FUNCTION_USING((both), pair_at, (double x, double y),
                        { return both{x / (1 + y * y), static_cast<float>(x * y), static_cast<int>(10 * x)}; })
FOLDGRID_FUNCTION(ratio, (double x, double y), { return x / (1 + y * y); })
FOLDGRID_FUNCTION(wave, (double x, double y), { return sin(x) * y; })
FOLDGRID_FUNCTION(brittle, (double x, double y), { return x + y == 7 ? (fg::fail(static_cast<int>(x)), 0.0) : x - y; })
FOLDGRID_FUNCTION(iterated, (double x, double y), {
  for (int i = 0; i < 10; ++i) x = 3.7 * x * (1 - x);
  return x + y;
})
FOLDGRID_FUNCTION(drawn, (std::size_t i), { return fg::random_uniform(5, i, 0) + fg::random_normal(6, i, 1); })
FOLDGRID_FUNCTION(word, (std::size_t i), { return fg::random_bits(1ull << 40, i, i % 5); })
}  // namespace study_gpu_test
using namespace study_gpu_test;

namespace {

const fg::executor& gpu() {
  static const fg::executor made{{.where = fg::backend::gpu}};
  return made;
}
const fg::executor& one() {
  static const fg::executor made{{.where = fg::backend::serial}};
  return made;
}
fg::study plane() {
  fg::study study("plane");
  return std::move(study.axis("x", fg::linspace(0.1, 0.9, 41)).axis("y", fg::logspace(-1, 1, 25)));
}

TEST(study_gpu, tables_have_the_bits_of_the_cpu) {
  fg::study_report report;
  EXPECT_EQ(bits_of(plane().run(gpu(), pair_at, {.report = &report})), bits_of(plane().run(one(), pair_at)));
  EXPECT_EQ(report.where, fg::backend::gpu);
  const auto filtered = plane().filter([](double x, double y) { return x > 0.5 || y > 1; });
  EXPECT_EQ(bits_of(filtered.run(gpu(), ratio)), bits_of(filtered.run(one(), ratio)));
  fg::study zipped("zip");
  zipped.axis("x", {1, 2, 3}).zip("y", {4, 5, 6});
  EXPECT_EQ(bits_of(zipped.run(gpu(), ratio)), bits_of(zipped.run(one(), ratio)));
}

TEST(study_gpu, folds_have_the_bits_of_the_cpu) {
  const fg::statistics there = plane().statistics(gpu(), ratio), here = plane().statistics(one(), ratio);
  EXPECT_EQ(std::bit_cast<std::uint64_t>(there.mean), std::bit_cast<std::uint64_t>(here.mean));
  EXPECT_EQ(std::bit_cast<std::uint64_t>(there.variance), std::bit_cast<std::uint64_t>(here.variance));
  fg::run_report report;
  const auto best = plane().best(gpu(), ratio, 5, fg::best_is::largest, {.report = &report});
  EXPECT_EQ(report.where, fg::backend::gpu);
  const auto expected = plane().best(one(), ratio, 5, fg::best_is::largest);
  for (std::size_t k = 0; k < 5; ++k) EXPECT_EQ(best[k].point, expected[k].point);
  EXPECT_EQ(plane().histogram(gpu(), ratio, 0, 1, 10).counts, plane().histogram(one(), ratio, 0, 1, 10).counts);
}

TEST(study_gpu, failures_are_those_of_the_cpu) {
  fg::study study("brittle");
  study.axis("x", fg::iota(1, 8)).axis("y", fg::iota(1, 8));
  const fg::table there = study.run(gpu(), brittle, {.retries = 1}), here = study.run(one(), brittle);
  EXPECT_EQ(bits_of(there), bits_of(here));
  ASSERT_EQ(there.failures().size(), 6u);
  for (std::size_t k = 0; k < 6; ++k) {
    EXPECT_EQ(there.failures()[k].point, here.failures()[k].point);
    EXPECT_EQ(there.failures()[k].code, here.failures()[k].code);
    EXPECT_EQ(there.failures()[k].message, here.failures()[k].message);
  }
}

TEST(study_gpu, a_run_goes_on_elsewhere_unless_its_digits_would_change) {
  const temporary_folder at;
  const auto stopped = [&](const fg::executor& pool, const auto& f, const std::string& name) {
    std::stop_source stop;
    EXPECT_THROW(
        plane().run(pool, f, {.checkpoint = at / name, .progress = [&](auto, auto) { stop.request_stop(); }, .stop = stop.get_token()}),
        fg::cancelled_error);
  };
  stopped(one(), ratio, "ratio.fg");
  fg::study_report report;
  EXPECT_EQ(bits_of(plane().run(gpu(), ratio, {.checkpoint = at / "ratio.fg", .report = &report})), bits_of(plane().run(one(), ratio)));
  EXPECT_GT(report.resumed, 0u);
  EXPECT_GT(report.computed, 0u);

  stopped(one(), wave, "wave.fg");
  EXPECT_EQ(thrown<fg::error>([&] { plane().run(gpu(), wave, {.checkpoint = at / "wave.fg"}); }),
            "study 'plane': asked to go on on a GPU with checkpoint '" + (at / "wave.fg") +
                "' begun on the CPU, found that the function may call libm, whose digits differ there; go on with backend::threads, or "
                "begin another "
                "file");
  const fg::executor automatic;  // which keeps what calls libm on the CPU
  EXPECT_EQ(bits_of(plane().run(automatic, wave, {.checkpoint = at / "wave.fg"})), bits_of(plane().run(one(), wave)));

  fg::study large("large");
  large.axis("x", fg::linspace(0, 1, 400)).axis("y", fg::linspace(0, 1, 400));  // more than the first wave
  std::stop_source stop;
  EXPECT_THROW(large.run(gpu(), wave,
                         {.checkpoint = at / "large.fg", .progress = [&](auto, auto) { stop.request_stop(); }, .stop = stop.get_token()}),
               fg::cancelled_error);
  EXPECT_EQ(thrown<fg::error>([&] { large.run(one(), wave, {.checkpoint = at / "large.fg"}); }),
            "study 'large': asked to go on on the CPU with checkpoint '" + (at / "large.fg") +
                "' begun on a GPU, found that the function may call libm, whose digits differ there; go on with backend::gpu, or begin "
                "another file");
  EXPECT_EQ(large.run(gpu(), wave, {.checkpoint = at / "large.fg"}).rows(), 160'000u);
}

TEST(study_gpu, automatic_sends_large_studies_with_loops) {
  fg::study study("automatic");
  study.axis("x", fg::linspace(0.1, 0.9, 200)).axis("y", fg::linspace(0, 1, 200));
  const fg::executor automatic;
  fg::study_report report;
  const auto there = bits_of(study.run(automatic, iterated, {.report = &report}));
  EXPECT_EQ(report.where, fg::backend::gpu);
  EXPECT_EQ(there, bits_of(study.run(one(), iterated)));
  study.run(automatic, ratio, {.report = &report});
  EXPECT_EQ(report.where, fg::backend::threads);
  plane().run(automatic, iterated, {.report = &report});
  EXPECT_EQ(report.where, fg::backend::threads);
}

TEST(study_gpu, what_cannot_go_there_is_refused) {
  EXPECT_THROW(plane().run(gpu(), [](double x, double y) { return x + y; }), std::invalid_argument);
}

TEST(study_gpu, random_numbers_are_the_same_there) {
  EXPECT_EQ(gpu().map(word, fg::iota(std::size_t{20'000})), one().map(word, fg::iota(std::size_t{20'000})));
  const auto there = gpu().map(drawn, fg::iota(std::size_t{20'000})), here = one().map(drawn, fg::iota(std::size_t{20'000}));
  for (std::size_t i = 0; i < here.size(); ++i)
    ASSERT_EQ(std::bit_cast<std::uint64_t>(there[i]), std::bit_cast<std::uint64_t>(here[i])) << i;
  EXPECT_FALSE(fg::check(drawn).has_value()) << *fg::check(drawn);
}

}  // namespace
