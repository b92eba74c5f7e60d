// SPDX-License-Identifier: MIT
// Measures rows and prints them; a row below what it must reach is marked and counted.
#include "rows.hpp"

#include "../statistics.hpp"
#include "../text.hpp"

#include <algorithm>

namespace gpu_check {
namespace {

/// What stands at the end of a line.
const char* verdict(session& with, bool met, bool compared) {
  if (with.small()) return with.stand_in ? "stand-in, not a measurement" : "quick, not a measurement";
  if (!compared) return "-";
  if (!met) ++with.rows_below;
  return met ? "yes" : "NO";
}

void print(session& with, const row& of, double ours, const bench::estimate& rival, const bench::estimate& ratio) {
  char rival_text[80] = "-", ratio_text[64] = "-";
  if (of.rival) {
    std::snprintf(rival_text, sizeof rival_text, "%s %s", of.against.c_str(), bench::seconds_text(rival.median).c_str());
    std::snprintf(ratio_text, sizeof ratio_text, "%.3f [%.3f, %.3f]", ratio.median, ratio.low, ratio.high);
  }
  const bool met = of.rival && ratio.median >= of.must;
  with.out.say("%-24s %-10s %9s %9.1f  %-32s %-22s %5.2f %5.2f  %s", of.work.c_str(), of.size.c_str(), bench::seconds_text(ours).c_str(),
               1e-9 * of.bytes / ours, rival_text, ratio_text, of.must, of.aim, verdict(with, met, static_cast<bool>(of.rival)));
  record kept;
  kept.add("work", of.work).add("size", of.size).add("bytes", of.bytes).add("seconds", ours).add("GB/s", 1e-9 * of.bytes / ours);
  kept.add("must", of.must).add("aim", of.aim).add("repeats", of.repeats);
  if (of.rival) {
    kept.add("rival", of.against).add("rival_seconds", rival.median).add("ratio", ratio.median);
    kept.add("low", ratio.low).add("high", ratio.high).add("met", met);
  }
  with.out.keep("rows", kept);
}

}  // namespace

void print_heading(session& with) {
  with.out.say("%-24s %-10s %9s %9s  %-32s %-22s %5s %5s  met", "case", "size", "ours", "GB/s", "rival", "rival/ours [95%]", "must", "aim");
}

void measure(session& with, const row& of, const std::function<void()>& clear_caches) {
  const std::size_t repeats = with.small() ? 1 : of.repeats, warm_ups = with.small() ? 0 : std::min<std::size_t>(3, repeats / 3);
  std::vector<double> ours, rival, ratio;
  for (std::size_t k = 0; k < warm_ups + repeats; ++k) {
    double mine = 0, other = 0;
    for (const bool my_turn : {k % 2 == 0, k % 2 != 0}) {
      if (!my_turn && !of.rival) continue;
      clear_caches();
      (my_turn ? mine : other) = my_turn ? of.ours() : of.rival();
    }
    if (k < warm_ups) continue;
    ours.push_back(mine);
    rival.push_back(other);
    ratio.push_back(other / mine);
  }
  print(with, of, bench::estimate_median(ours).median, bench::estimate_median(rival), bench::estimate_median(ratio));
}

void keep_bound(session& with, const bound& of, const std::vector<double>& seconds) {
  const double median = bench::estimate_median(seconds).median;
  const bool met = median <= of.must;
  with.out.progress("jit  %s, %s: %s; must %s, aim %s: %s", of.work.c_str(), of.size.c_str(), bench::seconds_text(median).c_str(),
                    bench::seconds_text(of.must).c_str(), bench::seconds_text(of.aim).c_str(), verdict(with, met, true));
  with.out.keep("bounds", record()
                              .add("work", of.work)
                              .add("size", of.size)
                              .add("seconds", median)
                              .add("must_seconds", of.must)
                              .add("aim_seconds", of.aim)
                              .add("met", met));
}

}  // namespace gpu_check
