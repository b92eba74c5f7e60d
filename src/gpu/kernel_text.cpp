// SPDX-License-Identifier: MIT
// Puts the definitions of user functions into the order and the namespace they are compiled in.
#include <foldgrid/detail/kernel_text.hpp>

#include <algorithm>

namespace foldgrid::detail {
namespace {

/// Math functions but sqrt, fma, abs, min, max, floor, ceil and trunc: host and GPU have a libm each, and its digits may differ.
constexpr std::string_view libm_names[] = {
    "acos",      "acosh",  "asin",      "asinh", "atan",  "atan2",  "atanh", "cbrt",   "copysign", "cos",    "cosh",  "erf",
    "erfc",      "exp",    "exp2",      "expm1", "fdim",  "fmax",   "fmin",  "fmod",   "frexp",    "hypot",  "ilogb", "ldexp",
    "lgamma",    "llrint", "llround",   "log",   "log10", "log1p",  "log2",  "logb",   "lrint",    "lround", "modf",  "nearbyint",
    "nextafter", "pow",    "remainder", "rint",  "round", "scalbn", "sin",   "sincos", "sinh",     "tan",    "tanh",  "tgamma"};

bool is_libm(std::string_view name) {
  const auto listed = [](std::string_view each) {
    return std::find(std::begin(libm_names), std::end(libm_names), each) != std::end(libm_names);
  };
  return listed(name) || (name.size() > 1 && (name.back() == 'f' || name.back() == 'l') && listed(name.substr(0, name.size() - 1)));
}

/// The text between the outer parentheses.
std::string_view inside(std::string_view text) { return text.size() < 2 ? std::string_view() : text.substr(1, text.size() - 2); }

}  // namespace

kernel_text& kernel_text::operator<<(const char* code) {
  entry_ += code;
  return *this;
}
kernel_text& kernel_text::operator<<(std::size_t number) {
  entry_ += std::to_string(number);
  return *this;
}

void kernel_text::name(const device_text& text) {
  define(*this, text);
  entry_ += "foldgrid_user::";
  entry_ += text.name;
  if (text.kind == device_text_kind::function) entry_ += "_function";
}

void define(kernel_text& to, const device_text& text) {
  if (std::find(to.defined_.begin(), to.defined_.end(), &text) != to.defined_.end()) return;
  to.defined_.push_back(&text);
  if (text.define_parameters != nullptr) text.define_parameters(to);
  for (const bool structs : {true, false})  // a function that is used may take a struct that is named after it
    for (std::size_t k = 1; k < text.used_count; ++k)
      if ((text.used[k]->kind == device_text_kind::structure) == structs) define(to, *text.used[k]);
  const bool is_function = text.kind == device_text_kind::function, is_struct = text.kind == device_text_kind::structure;
  const std::string type = std::string(text.name) + (is_function ? "_function" : "");
  const std::string place = "#line " + std::to_string(text.line) + " \"" + text.file + "\"\n";
  to.definitions_ += "namespace foldgrid_names::foldgrid_user {\n";
  to.definitions_ += place;
  to.definitions_ += "struct ";
  to.definitions_ += type;
  to.definitions_ += " { ";
  to.definitions_ += inside(text.state);
  if (!is_struct) {
    to.definitions_ += " auto operator()";
    to.definitions_ += text.parameters;
    to.definitions_ += " const { using namespace ::foldgrid::function_names;\n";
    to.definitions_ += place;  // messages show the body alone
    to.definitions_ += text.body;
    to.definitions_ += "\n}";
  }
  to.definitions_ += " };\n";
  if (text.assert_layout != nullptr) text.assert_layout(to);
  if (is_function) {
    to.definitions_ += "static __device__ const ";
    to.definitions_ += type;
    to.definitions_ += ' ';
    to.definitions_ += text.name;
    to.definitions_ += "{};\n";
  }
  to.definitions_ += "}\n";
  if (any_name(text.body, is_libm)) to.calls_libm_ = true;
  if (any_name(text.body, [](std::string_view name) { return name == "for" || name == "while" || name == "do"; })) to.loops_ = true;
}

void kernel_text::assert_layout(const device_text& text, std::size_t size, std::size_t alignment, const std::size_t* offsets,
                                std::size_t count) {
  const std::string name = text.name;
  definitions_ += "#line 1 \"foldgrid layout\"\n";
  const auto check = [&](const char* how, std::string_view member, std::size_t value) {
    definitions_.append("static_assert(").append(how).append("(").append(name);
    if (!member.empty()) definitions_.append(", ").append(member);
    definitions_.append(") == ").append(std::to_string(value)).append(", \"foldgrid: ").append(name);
    if (!member.empty()) definitions_.append("::").append(member);
    definitions_.append(" lies elsewhere on the GPU than on the host\");\n");
  };
  check("sizeof", {}, size);
  check("alignof", {}, alignment);
  const declared_members members = members_of(text.state);
  for (std::size_t k = 0; k < count && k < members.count; ++k) check("FOLDGRID_OFFSET_OF", members.names[k], offsets[k]);
}

std::string kernel_text::whole() const { return definitions_ + "#line 1 \"foldgrid kernel\"\n" + entry_; }

}  // namespace foldgrid::detail
