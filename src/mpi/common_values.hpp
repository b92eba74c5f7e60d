// SPDX-License-Identifier: MIT
// The values that a worker keeps because they are sent only once.
#pragma once

#include "transport.hpp"

#include <cstdint>

namespace foldgrid::detail::remote {

/// Keeps the bytes of a value, after `skip` others, until it is asked for.
void keep_common(std::uint64_t number, message&& bytes, std::size_t skip);
void drop_common(std::uint64_t number) noexcept;

}  // namespace foldgrid::detail::remote
