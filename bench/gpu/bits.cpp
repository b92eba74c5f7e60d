// SPDX-License-Identifier: MIT
// Section "bits": what the GPU gives has the bits of the threads' and of the caller's own.
#include "bits.hpp"

namespace gpu_check {

void check_bits(session& with) {
  if (with.small())
    with.out.say("    a part: n = 1..1200 in steps, powers of two in steps up to 2^14 and one size of 2^20, no array above 2^32 bytes");
  check_numbers(with);
  check_map_reduce(with);
  check_searches(with);
  check_structs(with);
  check_large_arrays(with);
}

}  // namespace gpu_check
