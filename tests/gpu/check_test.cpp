// SPDX-License-Identifier: MIT
// fg::check: what it says of functions that do not compile for the GPU. Runs with the real NVRTC, where there is one, and with the
// stand-in.
#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <initializer_list>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <tuple>

namespace fg = foldgrid;

static const double on_the_host = 2;

FOLDGRID_STRUCT(point, (double x; double y;))
FOLDGRID_STRUCT(mixed, (char tag; double value; short counts[3]; int last = 4;))
FOLDGRID_FUNCTION(good, (double a, double x), { return a * std::sqrt(x) + M_PI; })
FOLDGRID_FUNCTION(with_a_struct, (point p), { return mixed{'a', p.x, {1, 2, 3}, 4}.value; })
FOLDGRID_FUNCTION_USING((mixed), makes_a_struct, (point p), { return mixed{'a', p.x, {1, 2, 3}, 4}; })
FOLDGRID_FUNCTOR(with_state, (float a, b; int m[3]; double c = 0;), (double x), { return a * x + b + m[2] + c; })
FOLDGRID_FUNCTOR(with_odd_state, (static constexpr int n = 3; double c;), (double x), { return c * x; })
static constexpr int invisible_line = __LINE__ + 1;
FOLDGRID_FUNCTION(invisible, (double x), { return x + on_the_host; })
static constexpr int unnamed_line = __LINE__ + 1;
FOLDGRID_FUNCTION(unnamed, (double x), { return good(x, x); })
namespace elsewhere {
constexpr double constant = 3;
FOLDGRID_FUNCTION(of_another_namespace, (double x), { return x; })
}  // namespace elsewhere
FOLDGRID_FUNCTION(qualified, (double x), { return x * elsewhere::constant; })
FOLDGRID_FUNCTION(calls_elsewhere, (double x), { return 1 + elsewhere::of_another_namespace(x); })
FOLDGRID_FUNCTION(global, (double x), { return x * ::on_the_host; })
FOLDGRID_FUNCTION(of_std, (int k), { return std::gcd(k, 6); })
FOLDGRID_FUNCTION(of_limits, (double x), { return x + std::numeric_limits<double>::max(); })
FOLDGRID_FUNCTION(throws, (double x), {
  if (x < 0) throw 3;
  return x;
})
FOLDGRID_FUNCTION(takes_a_string, (std::string text), { return text.size() * 1.0; })
FOLDGRID_FUNCTION(gives_a_tuple, (double x), { return std::tuple(x, x); })
FOLDGRID_FUNCTION(only_does, (double x), { (void)x; })
// the overloads of the host: integers and mixed arguments become double, questions give bool
FOLDGRID_FUNCTION(of_integers, (int k),
                  { return sqrt(k) + std::pow(k, 2) + exp(k) + fma(k, k, k) + fmax(k, 1.0f) + std::abs(-k) + floor(k); })
FOLDGRID_FUNCTION(of_sizes, (std::size_t n), { return sqrt(n) + log2(n); })
FOLDGRID_FUNCTION(of_mixed, (float x), { return pow(x, 2); })
FOLDGRID_FUNCTION(of_mixed_too, (float x), { return fmax(x, 3) + std::fmin(2.0, x); })
FOLDGRID_FUNCTION(of_floats, (float x), { return sqrt(x) + pow(x, x) + fma(x, x, x) + std::fmod(x, 2.0f); })
FOLDGRID_FUNCTION(asks, (double x), { return isnan(x) || std::isinf(x) || signbit(x); })
FOLDGRID_FUNCTION(asks_once, (float x), { return isfinite(x); })
FOLDGRID_FUNCTION(rounds_to_whole, (double x), { return std::lround(x) + lrint(x) + std::ilogb(x) + static_cast<long>(std::nearbyint(x)); })
FOLDGRID_FUNCTION(smaller_of, (double x, double y), { return fg::min(x, y) + fg::max(x, 2 * y); })
// names that CUDA has too
FOLDGRID_FUNCTION(norm, (double x, double y), { return sqrt(x * x + y * y); })
FOLDGRID_FUNCTION(rsqrt, (double x), { return 1 / sqrt(x); })
FOLDGRID_STRUCT(float4, (float a; float b;))
FOLDGRID_FUNCTION_USING((norm, rsqrt, float4), dim3, (double x), { return norm(x, rsqrt(x)) + float4{1, 2}.b; })

namespace {

class gpu_check : public testing::Test {
 protected:
  void SetUp() override {
    const std::optional<std::string> message = fg::check(good);
    if (message && message->find("not checked") != std::string::npos) GTEST_SKIP() << *message;
  }
};

template <class F>
void expect_good(const F& f) {
  const std::optional<std::string> message = fg::check(f);
  EXPECT_FALSE(message.has_value()) << *message;
}
template <class F>
void expect_said(const F& f, std::initializer_list<std::string> words) {
  const std::optional<std::string> message = fg::check(f);
  ASSERT_TRUE(message.has_value());
  for (const std::string& each : words) EXPECT_NE(message->find(each), std::string::npos) << "'" << each << "' is not in: " << *message;
}

TEST_F(gpu_check, nothing_is_said_of_what_compiles) {
  expect_good(good);
  expect_good(fg::bind_front(good, 2.0));
  expect_good(makes_a_struct);
  expect_good(with_state{});
  expect_good(with_odd_state{});
  expect_good(only_does);
  expect_good(of_integers);
  expect_good(of_sizes);
  expect_good(of_mixed);
  expect_good(of_mixed_too);
  expect_good(of_floats);
  expect_good(asks);
  expect_good(asks_once);
  expect_good(rounds_to_whole);
  expect_good(smaller_of);
  expect_good(norm);
  expect_good(dim3);
}

TEST_F(gpu_check, a_name_of_the_host_is_shown_where_it_stands) {
  expect_said(invisible, {"invisible: does not compile for the GPU",
                          ("check_test.cpp:" + std::to_string(invisible_line) + ": on_the_host is not visible on the GPU"),
                          "pass it as state or name it in _USING", "{ return x + on_the_host; }"});
  expect_said(unnamed, {("check_test.cpp:" + std::to_string(unnamed_line) + ": good is not visible"), "name it in _USING"});
  expect_said(with_a_struct, {"mixed is not visible"});
  expect_said(qualified, {"elsewhere", "is not visible on the GPU; pass it as state or name it in _USING", "x * elsewhere::constant"});
  expect_said(calls_elsewhere, {"elsewhere", "is not visible on the GPU; pass it as state or name it in _USING"});
  expect_said(global, {"::on_the_host is not visible on the GPU; pass it as state or name it in _USING"});
  if (std::getenv("FOLDGRID_NVRTC") != nullptr) return;  // an ordinary compiler names the namespace alone
  expect_said(qualified, {"elsewhere::constant is not visible"});
  expect_said(calls_elsewhere, {"elsewhere::of_another_namespace is not visible"});
}

TEST_F(gpu_check, warnings_and_notes_of_the_compiler_are_left_out) {
  for (const auto& message : {fg::check(of_std), fg::check(of_limits), fg::check(throws)}) {
    if (!message) continue;  // an ordinary compiler takes a throw
    for (const char* const word : {"warning", "Remark", "Note #"}) EXPECT_EQ(message->find(word), std::string::npos) << *message;
  }
}

TEST_F(gpu_check, what_cannot_be_there_is_told_in_our_words) {
  expect_said(of_std, {"std::gcd does not exist on the GPU"});
  expect_said(takes_a_string, {"its parameter number 1", "FOLDGRID_STRUCT"});
  expect_said(gives_a_tuple, {"its result", "FOLDGRID_STRUCT"});
}

TEST_F(gpu_check, a_throw_is_refused_where_the_device_cannot) {
  if (std::getenv("FOLDGRID_NVRTC") != nullptr) GTEST_SKIP() << "left out: an ordinary compiler takes it";
  expect_said(throws, {"fg::fail"});
}

}  // namespace
