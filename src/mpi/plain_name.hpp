// SPDX-License-Identifier: MIT
// The name of a type as the source has it.
#pragma once

#include <cxxabi.h>

#include <cstdlib>
#include <string>

namespace foldgrid::detail::remote {

/// For a name of std::type_info; names of types with internal linkage may start with a star.
inline std::string plain_name(const char* mangled) {
  int status = 0;
  char* const plain = abi::__cxa_demangle(*mangled == '*' ? mangled + 1 : mangled, nullptr, nullptr, &status);
  std::string name = plain ? plain : mangled;
  std::free(plain);
  return name;
}

}  // namespace foldgrid::detail::remote
