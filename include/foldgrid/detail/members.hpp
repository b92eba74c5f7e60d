// SPDX-License-Identifier: MIT
// The members of a struct of a FOLDGRID_ macro: counted and named by reading its text, reached by structured bindings.
#pragma once

#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace foldgrid::detail {

inline constexpr std::size_t most_members = 16;

/// The members that a text declares.
struct declared_members {
  std::size_t count = 0;
  std::string_view names[most_members];
};

constexpr bool is_in_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

/// True when one of the names, keywords and numbers in the text satisfies the condition.
template <class Condition>
constexpr bool any_name(std::string_view text, Condition condition) {
  for (std::size_t i = 0, end = 0; i < text.size(); i = end + 1) {
    for (end = i; end < text.size() && is_in_name(text[end]);) ++end;
    if (end > i && condition(text.substr(i, end - i))) return true;
  }
  return false;
}

/// The last name in a text; empty when there is none.
constexpr std::string_view last_name(std::string_view text) {
  std::size_t end = text.size();
  while (end > 0 && !is_in_name(text[end - 1])) --end;
  std::size_t first = end;
  while (first > 0 && is_in_name(text[first - 1])) --first;
  return text.substr(first, end - first);
}

/// Reads declarations in parentheses: "(double k, w; int m[2];)" declares k, w and m. Gives none at all when there are more than
/// most_members, or anything but plain members, which may have initial values: nobody may then rely on the count.
constexpr declared_members members_of(std::string_view text) {
  if (text.size() < 2) return {};
  text = text.substr(1, text.size() - 2);
  declared_members found;
  int depth = 0;         // of brackets
  bool initial = false;  // behind a =
  std::size_t declarator = 0, end = std::string_view::npos;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' || c == '\'') return {};  // anything may stand in there
    const bool after_equals = initial && depth == 0;
    if (c == '=' && depth == 0) {
      if (end == std::string_view::npos) end = i;
      initial = true;
    } else if (c == '[' || c == '{') {
      if (depth == 0 && end == std::string_view::npos) end = i;
      ++depth;
    } else if (c == '(') {
      if (!initial) return {};  // a function, or a pointer to one
      ++depth;
    } else if (c == '<') {
      if (after_equals) return {};  // a comparison or an argument list?
      ++depth;
    } else if (c == ']' || c == '}' || c == ')' || c == '>') {
      if (--depth < 0) return {};
    } else if (c == ':') {
      const bool scope = (i + 1 < text.size() && text[i + 1] == ':') || (i > 0 && text[i - 1] == ':');
      if (!scope && depth == 0) return {};  // a bit field
    } else if ((c == ',' || c == ';') && depth == 0) {
      const std::string_view name = last_name(text.substr(declarator, (end == std::string_view::npos ? i : end) - declarator));
      if (name.empty() || found.count == most_members) return {};
      found.names[found.count++] = name;
      declarator = i + 1;
      end = std::string_view::npos;
      initial = false;
    }
  }
  for (std::size_t i = declarator; i < text.size(); ++i)
    if (is_in_name(text[i])) return {};  // no ; at its end
  const auto declares_more = [](std::string_view word) {
    for (const std::string_view each : {"static", "using", "typedef", "friend", "enum", "struct", "class", "union", "template", "alignas"})
      if (word == each) return true;
    return false;
  };
  return any_name(text, declares_more) ? declared_members() : found;
}

/// Whatever a member is made from.
struct any_value {
  template <class T>
  operator T() const;
};
template <class T, std::size_t... I>
constexpr bool is_made_from(std::index_sequence<I...>) {
  return requires { T{(static_cast<void>(I), any_value())...}; };
}
/// The number of members that a text declares of T; 0 where T itself has another number, as when a macro declares some.
template <class T>
constexpr std::size_t member_count(std::string_view text) {
  constexpr auto from = []<std::size_t n>(std::integral_constant<std::size_t, n>) {
    return is_made_from<T>(std::make_index_sequence<n>()) ? n : 0;
  };
  const std::size_t declared = members_of(text).count;
  const bool arrays = text.find('[') != std::string_view::npos;  // whose elements count
  std::size_t found = 0;
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (((I + 1 == declared && from(std::integral_constant<std::size_t, I + 1>()) != 0 &&
       (arrays || from(std::integral_constant<std::size_t, I + 2>()) == 0))
          ? static_cast<void>(found = declared)
          : static_cast<void>(0)),
     ...);
  }(std::make_index_sequence<most_members>());
  return found;
}

#define FOLDGRID_DETAIL_BIND(number, ...) \
  if constexpr (count == number) {        \
    auto& [__VA_ARGS__] = object;         \
    visit_each(visit, __VA_ARGS__);       \
  }
template <class Visit, class... Member>
constexpr void visit_each(Visit& visit, Member&... members) {
  (visit(members), ...);
}
/// visit(member) for each of the `count` members of a struct, in their order.
template <std::size_t count, class Object, class Visit>
constexpr void visit_members(Object& object, Visit&& visit) {
  FOLDGRID_DETAIL_BIND(1, a)
  FOLDGRID_DETAIL_BIND(2, a, b)
  FOLDGRID_DETAIL_BIND(3, a, b, c)
  FOLDGRID_DETAIL_BIND(4, a, b, c, d)
  FOLDGRID_DETAIL_BIND(5, a, b, c, d, e)
  FOLDGRID_DETAIL_BIND(6, a, b, c, d, e, f)
  FOLDGRID_DETAIL_BIND(7, a, b, c, d, e, f, g)
  FOLDGRID_DETAIL_BIND(8, a, b, c, d, e, f, g, h)
  FOLDGRID_DETAIL_BIND(9, a, b, c, d, e, f, g, h, i)
  FOLDGRID_DETAIL_BIND(10, a, b, c, d, e, f, g, h, i, j)
  FOLDGRID_DETAIL_BIND(11, a, b, c, d, e, f, g, h, i, j, k)
  FOLDGRID_DETAIL_BIND(12, a, b, c, d, e, f, g, h, i, j, k, l)
  FOLDGRID_DETAIL_BIND(13, a, b, c, d, e, f, g, h, i, j, k, l, m)
  FOLDGRID_DETAIL_BIND(14, a, b, c, d, e, f, g, h, i, j, k, l, m, n)
  FOLDGRID_DETAIL_BIND(15, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o)
  FOLDGRID_DETAIL_BIND(16, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)
}
#undef FOLDGRID_DETAIL_BIND

}  // namespace foldgrid::detail
