// SPDX-License-Identifier: MIT
// The texts of errors that templates throw.
#include <foldgrid/detail/throw.hpp>

#include <string>

namespace foldgrid::detail {

void throw_empty(const char* verb) {
  throw std::invalid_argument(std::string(verb) + ": asked to reduce no elements, which has no value; give at least one" +
                              (std::string(verb).find("reduce") != std::string::npos ? ", or an initial value" : ""));
}

void throw_wrong_shape(const char* verb, const std::string& rows, const std::string& columns, std::size_t found) {
  throw std::invalid_argument(std::string(verb) + ": asked for a matrix of " + rows + " rows and " + columns + " columns, found " +
                              std::to_string(found) + " elements; give rows x columns elements");
}

void throw_unequal_arrays(const char* verb, std::size_t index, std::size_t found, std::size_t expected) {
  throw std::invalid_argument(std::string(verb) + ": asked to combine arrays of one length, found " + std::to_string(found) +
                              " elements in array " + std::to_string(index) + " and " + std::to_string(expected) +
                              " in the first; give arrays of equal length");
}

}  // namespace foldgrid::detail
