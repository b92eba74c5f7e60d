// SPDX-License-Identifier: MIT
// The executor that helpers without one share.
#include <foldgrid/parallel.hpp>

namespace foldgrid {

const executor& default_executor() {
  static const executor shared;
  return shared;
}

}  // namespace foldgrid
