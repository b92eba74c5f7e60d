// SPDX-License-Identifier: MIT
// Small files that processes share: whole or not there, readable by their owner alone.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace foldgrid::detail::cuda {

/// All bytes of a regular file; empty when it cannot be read.
std::optional<std::string> text_in(const std::filesystem::path& file);

/// Writes a file below the folder, aside first, then renamed: others see all of it, or what was there before. Makes the folders that are
/// missing, `folder` for the owner alone. Where the disk does not let it, nothing is left behind. Gives the number of files that this
/// process wrote before.
unsigned put_file(const std::filesystem::path& folder, const std::filesystem::path& file, const std::string& bytes);

}  // namespace foldgrid::detail::cuda
