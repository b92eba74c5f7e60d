// SPDX-License-Identifier: MIT
// The parts of the section "bench", and what they share.
#pragma once

#include "rivals.hpp"
#include "rows.hpp"
#include "session.hpp"

#include <cstddef>
#include <exception>
#include <functional>
#include <string>

namespace gpu_check {

/// What the rows are measured with.
struct bench_setting {
  session& with;
  bool rivals;                         ///< CUB, Thrust and copies are there
  std::function<void()> clear_caches;  ///< reads 512 MB of something else
  std::size_t scaled(std::size_t n) const { return with.small() ? n < 4096 ? n : 4096 : n; }

  /// A row beside another way of the library's own. What it throws does not keep the next row from being measured.
  void measure_beside_own(const row& of) const {
    try {
      gpu_check::measure(with, of, clear_caches);
    } catch (const std::exception& e) {
      with.check.holds({of.work, of.size, 0, "timed"}, false, e.what());
    }
  }
  /// A row beside a rival, which is dropped when there is none.
  void measure(row of) const {
    if (!rivals) of.rival = nullptr;
    measure_beside_own(of);
  }
  /// Seconds that the device computed in one call: call(options).
  template <class Call>
  static double device_seconds(Call&& call) {
    fg::run_report report;
    call(fg::options{.report = &report});
    return report.compute_seconds;
  }
};

/// "2^28" for powers of two, the number itself for others.
std::string size_text(std::size_t n);

void measure_sums(const bench_setting& in);
void measure_functions(const bench_setting& in);
void measure_host_arrays(const bench_setting& in);

}  // namespace gpu_check
