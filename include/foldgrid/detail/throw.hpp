// SPDX-License-Identifier: MIT
// Errors that many templates throw, with their texts in the library.
#pragma once

#include <foldgrid/error.hpp>

#include <cstddef>
#include <string>

namespace foldgrid::detail {

/// Arrays to be combined elementwise are not equally long. Misuse, even when an operator finds it in the middle of a
/// reduction.
class FOLDGRID_API unequal_arrays : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
  ~unequal_arrays() override;
};

/// std::invalid_argument: nothing to reduce and no initial value.
[[noreturn]] FOLDGRID_API void throw_empty(const char* verb);
/// std::invalid_argument: a matrix of rows x columns does not have `found` elements.
[[noreturn]] FOLDGRID_API void throw_wrong_shape(const char* verb, const std::string& rows, const std::string& columns, std::size_t found);
/// unequal_arrays: an operator was given arrays of a and b elements.
[[noreturn]] FOLDGRID_API void throw_unequal_arrays(std::size_t a, std::size_t b);
/// unequal_arrays: array `index` has `found` elements where the first has `expected`.
[[noreturn]] FOLDGRID_API void throw_unequal_arrays(const char* verb, std::size_t index, std::size_t found, std::size_t expected);

/// std::invalid_argument: inputs that should be equally long (strict) are not.
[[noreturn]] FOLDGRID_API void throw_unequal_lengths(const char* verb, std::size_t shortest, std::size_t longest);
/// The same where only one of them is known to end, after `shortest` elements.
[[noreturn]] FOLDGRID_API void throw_unequal_ends(const char* verb, std::size_t shortest);
/// std::invalid_argument: an output has room for `found` of `needed` results.
[[noreturn]] FOLDGRID_API void throw_too_short(const char* verb, std::size_t needed, std::size_t found);
/// std::invalid_argument: the value of an outcome that nobody has set.
[[noreturn]] FOLDGRID_API void throw_no_outcome();
/// error: a call over memory of a GPU could not be done there, as its report says.
[[noreturn]] FOLDGRID_API void throw_left_by_gpu(const char* verb);
/// std::invalid_argument: a negative number of elements.
[[noreturn]] FOLDGRID_API void throw_negative_size(const char* what, const std::string& asked);
/// std::invalid_argument: iota's common type cannot hold its bounds.
[[noreturn]] FOLDGRID_API void throw_iota_range(const std::string& first, const std::string& last);
/// std::invalid_argument: a grid with more points than an index can count.
[[noreturn]] FOLDGRID_API void throw_grid_too_large();

}  // namespace foldgrid::detail
