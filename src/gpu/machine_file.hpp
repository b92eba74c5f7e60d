// SPDX-License-Identifier: MIT
// A machine's figures as a text that people can read, and the file beside the kernel cache where they are kept.
#pragma once

#include "gpu/cost_model.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace foldgrid::detail {

/// A function as it was timed last: one with a loop takes so long with this state alone.
struct timed_function {
  std::uint64_t state = 0;
  function_cost cost = {};
};

/// What is known of a machine.
struct machine_record {
  std::string cpu, gpu;  ///< what was measured: the processor and its workers; the device, empty when nothing was measured there
  machine figures;
  std::map<std::uint64_t, timed_function> functions;  ///< by what names their text
};

/// The record as a text.
std::string text_of(const machine_record& record);
/// Reads such a text; figures that are missing are those of estimated_machine(workers). Throws std::invalid_argument, which names the
/// line, for anything else.
machine_record record_of(const std::string& text, std::size_t workers);

/// "AMD EPYC 9554, 16 workers".
std::string name_of_cpu(std::size_t workers);

/// Where the figures of the CPU of that name are kept below a folder.
std::filesystem::path file_of_machine(const std::filesystem::path& folder, const std::string& cpu);
/// What is kept in a file; empty when there is none, when it is damaged, or of another CPU.
std::optional<machine_record> read_machine(const std::filesystem::path& file, const std::string& cpu, std::size_t workers) noexcept;
/// Keeps it. The file appears whole, whoever else writes; trouble with the disk is no error: nothing is kept then.
void keep_machine(const std::filesystem::path& file, const machine_record& record) noexcept;

}  // namespace foldgrid::detail
