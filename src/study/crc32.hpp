// SPDX-License-Identifier: MIT
// CRC-32 of ISO 3309, as in zip files: what is read is compared with what was written.
#pragma once

#include <cstddef>
#include <cstdint>

namespace foldgrid::detail {

/// The checksum of what came before, 0 for nothing, and of these bytes. About 2 ns a byte.
std::uint32_t crc32(const void* bytes, std::size_t count, std::uint32_t before = 0) noexcept;

}  // namespace foldgrid::detail
