// SPDX-License-Identifier: MIT
// Each runs its own; and a number that could be an address of a program that is not position-independent is a number.
#include "lambdas.hpp"

#include <cstdio>
#include <functional>

static double halved(double x) { return x / 2; }

int main(int argc, char** argv) {
  return fg::mpi::main(argc, argv, [](fg::mpi::executor& pool) {
    const long million = 5'000'000;
    const int found[] = {first_unit(pool), second_unit(pool), library(pool)};
    const long numbers = pool.map_reduce([million](int i) { return i + million; }, std::plus<>{}, fg::iota(10));
    const double halves = pool.sum(pool.map(halved, fg::iota(10)));
    std::printf("%d %d %d %ld %g\n", found[0], found[1], found[2], numbers, halves);
    return found[0] == 135 && found[1] == 225 && found[2] == 315 && numbers == 50000045 && halves == 22.5 ? 0 : 1;
  });
}
