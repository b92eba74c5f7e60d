// SPDX-License-Identifier: MIT
// Tables compared bit by bit, and what a call threw; with a folder for a test's files.
#pragma once

#include "../temporary_folder.hpp"

#include <foldgrid/study.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <unistd.h>

/// The bits of every number of a table, row after row.
inline std::vector<std::uint64_t> bits_of(const foldgrid::table& table) {
  std::vector<std::uint64_t> all;
  for (std::size_t row = 0; row < table.rows(); ++row)
    for (std::size_t k = 0; k < table.names().size(); ++k) all.push_back(std::bit_cast<std::uint64_t>(table.at(row, k)));
  return all;
}

/// What an Error that the call throws says; empty when it throws none.
template <class Error, class Call>
std::string thrown(Call&& call) {
  try {
    call();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}
