// SPDX-License-Identifier: MIT
// Results that cannot be written are errors of their items, and exceptions bring along what is nested in them.
#include "ranks.hpp"

#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

/// Has a value that cannot be written, and is not flat.
struct fragile {
  int value = 0;
  std::string name = {};
  template <class Archive>
  void save(Archive& archive) const {
    if (value == 13) throw std::range_error("thirteen");
    archive(value, name);
  }
  template <class Archive>
  void load(Archive& archive) {
    archive(value, name);
  }
};
fragile fragile_of(int i) { return {i, "f"}; }
fragile fragile_sum(const fragile& a, const fragile& b) { return {a.value + b.value, a.name}; }

void expect_unwritten(const fg::error& e) {
  const std::string text = e.what();
  EXPECT_NE(text.find("fragile, could not be written to be sent back"), std::string::npos) << text;
  EXPECT_NE(text.find("thirteen"), std::string::npos) << text;
}

template <class Call>
void expect_item_unwritten(std::size_t index, Call&& call) {
  try {
    call();
    ADD_FAILURE() << "nothing thrown";
  } catch (const fg::task_error& e) {
    EXPECT_EQ(e.index(), index);
    expect_unwritten(e);
    try {
      std::rethrow_if_nested(e);
    } catch (const fg::error& why) {
      EXPECT_THROW(std::rethrow_if_nested(why), std::range_error);
    }
  }
  EXPECT_EQ(pool().sum(fg::iota(1, 28)), 378) << "the ranks are usable afterwards";
}

/// The chain of what() of an exception and those nested in it.
std::string chain(const std::exception& e) {
  try {
    std::rethrow_if_nested(e);
  } catch (const std::exception& inner) {
    return std::string(e.what()) + ": " + chain(inner);
  }
  return e.what();
}

}  // namespace

TEST(mpi_trouble, a_result_that_cannot_be_written_is_the_error_of_its_item) {
  if (process_count() == 1) {
    EXPECT_EQ(pool().map(fragile_of, fg::iota(20))[13].value, 13) << "nothing travels";
    return;
  }
  expect_item_unwritten(13, [] { pool().map(fragile_of, fg::iota(20)); });
  expect_item_unwritten(13, [] { pool().map({.chunk_size = 100}, fragile_of, fg::iota(20)); });
  expect_item_unwritten(12, [] { pool().map_reduce({.chunk_size = 2}, fragile_of, fragile_sum, fg::iota(-6, 13)); });  // 6 + 7
  const auto outcomes = pool().map_outcomes(fragile_of, fg::iota(20));
  for (std::size_t i = 0; i < 20; ++i) {
    if (i != 13) {
      EXPECT_EQ(outcomes[i].value().value, static_cast<int>(i));
    } else {
      try {
        outcomes[i].value();
        ADD_FAILURE() << "nothing thrown";
      } catch (const fg::error& e) {
        expect_unwritten(e);
      }
    }
  }
  try {
    pool().submit(fragile_of, 13).get();
    ADD_FAILURE() << "nothing thrown";
  } catch (const fg::error& e) {
    expect_unwritten(e);
  }
  EXPECT_EQ(pool().submit(fragile_of, 14).get().value, 14);
}

TEST(mpi_trouble, what_is_nested_travels_too) {
  const auto f = [](int i) {
    try {
      throw std::out_of_range("inner");
    } catch (...) {
      if (i == 1) std::throw_with_nested(std::invalid_argument("outer"));
      std::throw_with_nested(fg::task_error("task", 7, 3));
    }
  };
  try {
    pool().submit(f, 1).get();
    FAIL();
  } catch (const std::invalid_argument& e) {
    EXPECT_EQ(chain(e), "outer: inner");
  }
  try {
    pool().submit(f, 2).get();
    FAIL();
  } catch (const fg::task_error& e) {
    EXPECT_EQ(chain(e), "task: inner");
    EXPECT_EQ(e.index(), 7u);
    EXPECT_EQ(e.code(), 3);
  }
}
