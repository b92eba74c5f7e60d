// SPDX-License-Identifier: MIT
// The backends that every test of the contract suite is instantiated for; with FOLDGRID_TEST_GPU that is the GPU alone.
#pragma once

#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <string_view>
#include <utility>

namespace fg = foldgrid;

struct serial {
  static fg::executor_options options() { return {.where = fg::backend::serial}; }
};

template <std::size_t workers>
struct threads {
  static fg::executor_options options() { return {.where = fg::backend::threads, .workers = workers}; }
};

struct gpu {
  static fg::executor_options options() { return {.where = fg::backend::gpu}; }
};

#if defined(FOLDGRID_TEST_GPU)
using backends = testing::Types<gpu>;
#else
using backends = testing::Types<serial, threads<1>, threads<2>, threads<3>, threads<5>, threads<8>, threads<64>>;
#endif

#if defined(FOLDGRID_TEST_GPU)
/// What has no kernel: a gpu executor refuses it, and the automatic one does it on the threads.
inline bool left_out(std::string_view suite, std::string_view test) {
  const std::pair<std::string_view, std::string_view> names[] = {
      {"search_contract", ""},
      {"rows_and_columns_contract", "every_shape"},
      {"rows_and_columns_contract", "a_wrong_size_is_misuse"},
      {"tree_shape_contract", "rows_and_columns"},
      {"published_sums_contract", "several_lanes_as_columns"},
      {"float_bits_contract", "of_equal_zeros_minmax_takes_the_first"},
      {"integer_contract", "extremes_and_where_they_are"},
      {"integer_contract", "bits_and_logic"},
      {"lazy_inputs_contract", "worked_example_of_extremes"},
      {"reduce_contract", "a_range_of_unknown_length_is_the_same_tree"},
      {"reduce_contract", "a_wider_accumulator_over_a_stream"},
      {"reduce_contract", "worked_example_of_27_in_one_pass"},
      {"reduce_contract", "arrays_are_folded_elementwise"},
  };
  for (const auto& [of, name] : names)
    if (suite.substr(0, suite.find('/')) == of && (name.empty() || name == test)) return true;
  return false;
}
#else
inline bool left_out(std::string_view, std::string_view) { return false; }
#endif

/// Tests share one executor per backend.
template <class Backend>
class contract : public testing::Test {
 protected:
  void SetUp() override {
    const auto* const test = testing::UnitTest::GetInstance()->current_test_info();
    if (left_out(test->test_suite_name(), test->name())) GTEST_SKIP() << "left out on the GPU: " << test->name();
  }
  static const fg::executor& pool() {
    static const fg::executor made{Backend::options()};
    return made;
  }
};
