// SPDX-License-Identifier: MIT
// SHA-256, which names kernels by their text: equal names mean equal texts.
#pragma once

#include <string>
#include <string_view>

namespace foldgrid::detail::cuda {

/// The SHA-256 digest of the bytes, as 64 hexadecimal digits. About 4 ns a byte. (FIPS 180-4, section 6.2)
std::string sha256(std::string_view bytes);

}  // namespace foldgrid::detail::cuda
