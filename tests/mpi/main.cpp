// SPDX-License-Identifier: MIT
// GoogleTest on the manager, while the other ranks serve.
#include "../contract/backends.hpp"

int main(int argc, char** argv) {
  return fg::mpi::main(argc, argv, [&](fg::mpi::executor& pool) {
    testing::InitGoogleTest(&argc, argv);
    mpi_pool = &pool;
    return RUN_ALL_TESTS();
  });
}
