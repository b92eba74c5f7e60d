// SPDX-License-Identifier: MIT
// How a study is put together, and what it refuses.
#include <foldgrid/study.hpp>

#include <stdexcept>

namespace foldgrid {
namespace {

void check_axis(const std::string& study, const std::vector<detail::study_axis>& axes, const detail::study_axis& axis) {
  const std::string asked = "study '" + study + "': asked for ";
  if (axis.name.empty()) throw std::invalid_argument(asked + "an axis without a name; give it one");
  if (axis.count == 0) throw std::invalid_argument(asked + "axis '" + axis.name + "' without values; give at least one");
  for (const detail::study_axis& each : axes)
    if (each.name == axis.name) throw std::invalid_argument(asked + "two axes called '" + axis.name + "'; give each its own name");
  if (axes.size() == detail::most_axes)
    throw std::invalid_argument(asked + "more than " + std::to_string(detail::most_axes) +
                                " axes; join some by a list of cases, whose number the function takes");
}

}  // namespace

void study::add(detail::study_axis axis) {
  check_axis(name_, axes_, axis);
  axes_.push_back(std::move(axis));
}

void study::join(detail::study_axis axis) {
  check_axis(name_, axes_, axis);
  if (axes_.empty())
    throw std::invalid_argument("study '" + name_ + "': asked to let '" + axis.name +
                                "' walk together with the axis before it, found none; give an axis first");
  if (axes_.back().count != axis.count)
    throw std::invalid_argument("study '" + name_ + "': asked to let '" + axis.name + "' walk together with '" + axes_.back().name +
                                "', found " + std::to_string(axis.count) + " and " + std::to_string(axes_.back().count) +
                                " values; give as many");
  axis.joins = true;
  axes_.push_back(std::move(axis));
}

std::vector<std::string> study::names() const {
  std::vector<std::string> all;
  for (const detail::study_axis& axis : axes_) all.push_back(axis.name);
  return all;
}

std::size_t study::size() const { return points()->size(); }

std::shared_ptr<const detail::study_points> study::points() const { return std::make_shared<const detail::study_points>(axes_, filters_); }

best_point study::only(std::vector<best_point> found, const char* verb) const {
  if (found.empty())
    throw std::invalid_argument("study '" + name_ + "': asked for " + verb +
                                ", found no value but NaN; give a function that has values here");
  return std::move(found.front());
}

namespace detail {

void throw_wrong_arity(const std::string& study, const char* what, const std::vector<std::size_t>& takes,
                       const std::vector<std::string>& axes) {
  std::string numbers, names;
  for (const std::size_t n : takes) numbers.append(numbers.empty() ? "" : " or ").append(std::to_string(n));
  for (const std::string& name : axes) names.append(names.empty() ? "" : ", ").append(name);
  throw std::invalid_argument("study '" + study + "': given a " + what + " that takes " + numbers +
                              (numbers == "1" ? " number" : " numbers") + ", found " + std::to_string(axes.size()) +
                              (axes.size() == 1 ? " axis" : " axes") + (names.empty() ? "" : " (" + names + ")") +
                              "; give a function with a parameter for each axis, in their order");
}

void throw_not_exact(const std::string& axis, const std::string& value) {
  throw std::invalid_argument("axis '" + axis + "': given " + value +
                              ", which a double cannot hold exactly; give whole numbers of at most 2^53");
}

study_axis words_axis(std::string name, std::vector<std::string> words) {
  study_axis axis{.name = std::move(name)};
  axis.count = words.size();
  axis.last = words.empty() ? 0 : static_cast<double>(words.size() - 1);
  axis.words = std::move(words);
  return axis;
}

}  // namespace detail
}  // namespace foldgrid
