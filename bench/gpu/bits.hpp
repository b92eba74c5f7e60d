// SPDX-License-Identifier: MIT
// The parts of the section "bits".
#pragma once

#include "session.hpp"

namespace gpu_check {

void check_numbers(session& with);
void check_map_reduce(session& with);
void check_searches(session& with);
void check_structs(session& with);
void check_large_arrays(session& with);

}  // namespace gpu_check
