// SPDX-License-Identifier: MIT
// The texts of errors that templates throw.
#include <foldgrid/detail/throw.hpp>
#include <foldgrid/detail/views.hpp>

#include <string>
#include <string_view>

namespace foldgrid::detail {

namespace {
bool takes_initial_value(std::string_view verb) { return verb == "reduce" || verb == "map_reduce" || verb == "reduce_async"; }
}  // namespace

void throw_empty(const char* verb) {
  throw std::invalid_argument(std::string(verb) + ": asked to reduce no elements, which has no value; give at least one" +
                              (takes_initial_value(verb) ? ", or an initial value" : ""));
}

void throw_wrong_shape(const char* verb, const std::string& rows, const std::string& columns, std::size_t found) {
  throw std::invalid_argument(std::string(verb) + ": asked for a matrix of " + rows + " rows and " + columns + " columns, found " +
                              std::to_string(found) + " elements; give rows x columns elements");
}

unequal_arrays::~unequal_arrays() = default;

void throw_unequal_arrays(std::size_t a, std::size_t b) {
  throw unequal_arrays("elementwise: asked to combine arrays of one length, found " + std::to_string(a) + " and " + std::to_string(b) +
                       " elements; give arrays of equal length");
}

void throw_unequal_arrays(const char* verb, std::size_t index, std::size_t found, std::size_t expected) {
  throw unequal_arrays(std::string(verb) + ": asked to combine arrays of one length, found " + std::to_string(found) +
                       " elements in array " + std::to_string(index) + " and " + std::to_string(expected) +
                       " in the first; give arrays of equal length");
}

void throw_unequal_lengths(const char* verb, std::size_t shortest, std::size_t longest) {
  throw std::invalid_argument(std::string(verb) + ": asked for inputs of equal length (strict), found lengths from " +
                              std::to_string(shortest) + " to " + std::to_string(longest) +
                              "; give equal lengths, or leave strict out to stop at the shortest");
}

void throw_unequal_ends(const char* verb, std::size_t shortest) {
  throw std::invalid_argument(std::string(verb) + ": asked for inputs of equal length (strict), found that one ended after " +
                              std::to_string(shortest) +
                              " elements and another goes on; give equal lengths, or leave strict out to stop at the shortest");
}

void throw_no_outcome() {
  throw std::invalid_argument("outcome: asked for its value, found neither value nor error; set one, or ask has_value() before");
}

void throw_left_by_gpu(const char* verb) {
  throw error(std::string(verb) +
              ": asked to write to a GPU's memory; the GPU cannot run the call, as its report says, and nothing else can write there");
}
void throw_too_short(const char* verb, std::size_t needed, std::size_t found) {
  throw std::invalid_argument(std::string(verb) + ": asked to write " + std::to_string(needed) +
                              (needed == 1 ? " result, found room for " : " results, found room for ") + std::to_string(found) +
                              "; give an output range at least that long");
}

void throw_view_not_here(const char* verb) {
  throw std::invalid_argument(std::string(verb) +
                              ": asked to run on the CPU, given a function that holds a view of an array on a GPU; use the executor that "
                              "made the array, or pass executor::share of a range in the host's memory");
}

void throw_negative_size(const char* what, const std::string& asked) {
  throw std::invalid_argument(std::string(what) + ": asked for " + asked + " elements; give a number that is not negative");
}

void throw_iota_range(const std::string& first, const std::string& last) {
  throw std::invalid_argument("iota: asked for the integers from " + first + " to " + last +
                              ", found that their common type cannot hold them; give both as signed integers");
}

void throw_grid_too_large() {
  throw std::invalid_argument("grid: asked for a product of axes with more than 2^63 - 1 points; give shorter axes");
}

}  // namespace foldgrid::detail
