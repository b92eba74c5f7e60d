// SPDX-License-Identifier: MIT
// The frame of the programs with planted faults: runs the kernel named on the command line, with its fault or corrected.
#pragma once

#include <software_gpu/device.hpp>
#include <software_gpu/emulator.hpp>
#include <software_gpu/memory.hpp>

#include <cstdio>
#include <cstring>
#include <initializer_list>

/// A kernel that has one fault when `planted`, and none otherwise.
struct example {
  const char* name;
  void (*run)(bool planted, const software_gpu::options& how);
};

/// Arguments: the example's name, then "planted" or "corrected". In all orders, as each is a test's everyday choice.
inline int run_example(int count, char** arguments, std::initializer_list<example> examples) {
  if (count == 3) {
    for (const example& one : examples) {
      if (std::strcmp(one.name, arguments[1]) != 0) continue;
      for (const software_gpu::order how : software_gpu::all_orders) one.run(std::strcmp(arguments[2], "planted") == 0, {how});
      std::puts("ran to the end");
      return 0;
    }
  }
  std::fputs("usage: program NAME planted|corrected\n", stderr);
  return 2;
}
