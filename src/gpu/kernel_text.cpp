// SPDX-License-Identifier: MIT
// Puts the definitions of user functions into the order and the namespace they are compiled in.
#include <foldgrid/detail/kernel_text.hpp>

#include <algorithm>
#include <cctype>

namespace foldgrid::detail {
namespace {

/// Math functions whose results may differ between host and GPU, because both call a libm of their own.
constexpr std::string_view libm_names[] = {"acos",      "acosh", "asin",   "asinh", "atan",  "atan2", "atanh", "cbrt",
                                           "cos",       "cosh",  "erf",    "erfc",  "exp",   "exp2",  "expm1", "fdim",
                                           "fmod",      "hypot", "lgamma", "log",   "log10", "log1p", "log2",  "pow",
                                           "remainder", "sin",   "sincos", "sinh",  "tan",   "tanh",  "tgamma"};

bool is_libm(std::string_view name) {
  const auto listed = [](std::string_view each) {
    return std::find(std::begin(libm_names), std::end(libm_names), each) != std::end(libm_names);
  };
  return listed(name) || (name.size() > 1 && (name.back() == 'f' || name.back() == 'l') && listed(name.substr(0, name.size() - 1)));
}

/// True when one of the names and keywords in the text satisfies the condition.
template <class Condition>
bool any_name(std::string_view text, Condition condition) {
  const auto in_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  for (std::size_t i = 0, end = 0; i < text.size(); i = end + 1) {
    for (end = i; end < text.size() && in_name(text[end]);) ++end;
    if (end > i && condition(text.substr(i, end - i))) return true;
  }
  return false;
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
  to.definitions_ += "namespace foldgrid_user {\n#line ";
  to.definitions_ += std::to_string(text.line);
  to.definitions_ += " \"";
  to.definitions_ += text.file;
  to.definitions_ += "\"\nstruct ";
  to.definitions_ += type;
  to.definitions_ += " { ";
  to.definitions_ += inside(text.state);
  if (!is_struct) {
    to.definitions_ += " auto operator()";
    to.definitions_ += text.parameters;
    to.definitions_ += " const { using namespace ::foldgrid::function_names; ";
    to.definitions_ += text.body;
    to.definitions_ += " }";
  }
  to.definitions_ += " };\n";
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

std::string kernel_text::whole() const { return definitions_ + "#line 1 \"foldgrid kernel\"\n" + entry_; }

}  // namespace foldgrid::detail
