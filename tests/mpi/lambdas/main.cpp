// SPDX-License-Identifier: MIT
// Each runs its own; and a number that could be an address of a program that is not position-independent is a number.
#include "lambdas.hpp"

#include <cstdio>
#include <functional>
#include <stdexcept>
#include <string>

static double halved(double x) { return x / 2; }

/// Right, or refused when the library with its own foldgrid was first to number the type.
static bool right_or_refused(const fg::mpi::executor& pool) {
  try {
    return sum_of_tens(pool) == 30;
  } catch (const std::invalid_argument&) {
    return true;
  }
}

static int failures = 0;
template <class T>
static void expect(const char* what, T found, T expected) {
  if (found == expected) return;
  ++failures;
  std::printf("%s: %g, not %g\n", what, static_cast<double>(found), static_cast<double>(expected));
}

int main(int argc, char** argv) {
  return fg::mpi::main(argc, argv, [](fg::mpi::executor& pool) {
    long million = 5'000'000;  // no constant: the closure has to carry it
#if defined(OWN_FOLDGRID)
    try {
      library_with_its_own_foldgrid(pool);
      expect("calls of a library with a foldgrid of its own that go through", 1, 0);
    } catch (const std::invalid_argument& e) {
      expect("such a refusal that says why", std::string(e.what()).find("a copy of foldgrid of its own") != std::string::npos, true);
    }
#endif
    expect("what the program and that library have in common", right_or_refused(pool), true);
    expect("the first unit", first_unit(pool), 135);
    expect("the second unit", second_unit(pool), 225);
    expect("the library of default visibility", library_of_default_visibility(pool), 315);
    expect("the library of hidden visibility", library_of_hidden_visibility(pool), 315);
    expect("numbers", pool.map_reduce([million](int i) { return i + million; }, std::plus<>{}, fg::iota(10)), 50000045L);
    expect("a function pointer", pool.sum(pool.map(halved, fg::iota(10))), 22.5);
    return failures;
  });
}
