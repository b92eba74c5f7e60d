// SPDX-License-Identifier: MIT
// Section "bench": the library beside CUB, Thrust and copies in the same run.
#include "bench.hpp"

#include "../text.hpp"
#include "random.hpp"

#include <bit>
#include <memory>

namespace gpu_check {

std::string size_text(std::size_t n) { return std::has_single_bit(n) ? bench::power_text(std::countr_zero(n)) : std::to_string(n); }

void measure_rows(session& with) {
  const char* const why = with.stand_in ? "the stand-in runs no code of nvcc" : rivals::missing();
  if (why != nullptr) with.out.progress("bench  CUB, Thrust and the copy rates are skipped: %s", why);
  bench_setting in{with, why == nullptr, [] {}};
  if (!with.small()) {
    const auto other = std::make_shared<fg::device_array<float>>(with.gpu.to_device(random_array<float>(with, std::size_t{1} << 27, 60)));
    in.clear_caches = [&with, other] { static_cast<void>(with.gpu.sum(*other)); };
  }
  with.out.say(
      "Seconds of the device between two events on an idle stream, so what the host takes to launch counts, for both; \"from the host\" "
      "and \"value on host\" by the host's clock. Before each run %s. Medians of 15 runs in turns, fewer of the longest.",
      with.small() ? "nothing is read" : "512 MB of something else are read");
  print_heading(with);
  measure_sums(in);
  measure_functions(in);
  measure_host_arrays(in);
}

}  // namespace gpu_check
