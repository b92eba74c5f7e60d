// SPDX-License-Identifier: MIT
// Errors that many templates throw, with their texts in the library.
#pragma once

#include <foldgrid/error.hpp>

#include <cstddef>

namespace foldgrid::detail {

/// std::invalid_argument: nothing to reduce and no initial value.
[[noreturn]] FOLDGRID_API void throw_empty(const char* verb);
/// std::invalid_argument: a matrix of rows x columns does not have `found` elements.
[[noreturn]] FOLDGRID_API void throw_wrong_shape(const char* verb, const std::string& rows, const std::string& columns, std::size_t found);
/// std::invalid_argument: array `index` has `found` elements where the first has `expected`.
[[noreturn]] FOLDGRID_API void throw_unequal_arrays(const char* verb, std::size_t index, std::size_t found, std::size_t expected);

}  // namespace foldgrid::detail
