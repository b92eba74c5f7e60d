// SPDX-License-Identifier: MIT
// The views that a function holds: on which side the arrays lie that it reads.
#pragma once

#include <foldgrid/detail/device_text.hpp>
#include <foldgrid/function.hpp>
#include <foldgrid/view.hpp>

#include <cstddef>
#include <string_view>
#include <type_traits>

namespace foldgrid::detail {

/// Where the arrays lie that a function reads. Empty views lie everywhere.
struct view_places {
  bool here = true;    ///< all in the host's memory
  bool on_gpu = true;  ///< all on a GPU
};

template <class T>
inline constexpr bool is_view = false;
template <class T>
inline constexpr bool is_view<view<T>> = true;
template <class T>
inline constexpr bool is_bound_front = false;
template <class F, class First>
inline constexpr bool is_bound_front<bound_front<F, First>> = true;

template <class F>
constexpr void find_views(const F& f, view_places& found) {
  if constexpr (is_view<F>) {
    if (f.empty()) return;
    if (f.data() == nullptr) found.here = false;
    if (f.gpu_data() == nullptr) found.on_gpu = false;
  } else if constexpr (is_bound_front<F>) {
    find_views(f.function, found);
    find_views(f.first, found);
  } else if constexpr (std::is_array_v<F>) {
    for (const auto& each : f) find_views(each, found);
  } else if constexpr (has_device_text<F>) {
    constexpr std::size_t count = member_count<F>(F::foldgrid_text.state);
    static_assert(count != 0 || !any_name(F::foldgrid_text.state, [](std::string_view name) { return name == "view"; }),
                  "foldgrid: a struct that holds views declares nothing but members, at most 16 of them");
    visit_members<count>(f, [&](const auto& member) { find_views(member, found); });
  }
}
template <class... F>
constexpr view_places places_of_views(const F&... functions) {
  view_places found;
  (find_views(functions, found), ...);
  return found;
}

[[noreturn]] FOLDGRID_API void throw_view_not_here(const char* verb);
/// std::invalid_argument when one of the functions would read what does not lie in the host's memory.
template <class... F>
void check_views_here(const char* verb, const F&... functions) {
  if (!places_of_views(functions...).here) throw_view_not_here(verb);
}

}  // namespace foldgrid::detail
