// SPDX-License-Identifier: MIT
// Planted faults, each found by a strict check of the software GPU in every order, with its place in the kernel text.
#include <gtest/gtest.h>
#include <software_gpu/device.hpp>
#include <software_gpu/emulator.hpp>

#include <functional>
#include <source_location>
#include <string>

namespace {

using software_gpu::fault;
using software_gpu::fault_kind;
using software_gpu::geometry;

constexpr unsigned full = 0xffffffffu;

/// Runs the body in all orders under two seeds; each must end in this kind of fault, named with this file and one of the lines.
void expect_fault(fault_kind kind, const geometry& shape, const std::function<void()>& body, const std::string& part,
                  std::uint64_t steps = 1'000'000) {
  for (const software_gpu::order how : software_gpu::all_orders) {
    for (const std::uint64_t seed : {1, 77}) {
      try {
        software_gpu::launch(shape, body, {how, seed, steps});
        ADD_FAILURE() << "not found: " << name_of(kind) << ", order " << name_of(how) << ", seed " << seed;
      } catch (const fault& found) {
        const std::string text = found.what();
        EXPECT_EQ(found.kind(), kind) << text;
        EXPECT_EQ(text.rfind(std::string(name_of(kind)) + ": block " + std::to_string(found.block()) + ", thread ", 0), 0u) << text;
        EXPECT_NE(text.find("strict_checks_test.cpp:"), std::string::npos) << text;
        EXPECT_NE(text.find(part), std::string::npos) << text << "\nlacks: " << part;
        EXPECT_NE(text.find("order " + std::string(name_of(how)) + ", seed " + std::to_string(seed)), std::string::npos) << text;
      }
    }
  }
}

std::string here_plus(unsigned lines, const std::source_location& where = std::source_location::current()) {
  return "strict_checks_test.cpp:" + std::to_string(where.line() + lines);
}

TEST(barriers, at_different_lines_are_divergent) {
  const std::string line = here_plus(3);
  const auto body = [] {
    if (threadIdx.x < 40)
      __syncthreads();
    else
      __syncthreads();
  };
  expect_fault(fault_kind::divergent_barrier, geometry{3, 64}, body, line);
  const auto on_one_line = [] { threadIdx.x < 40 ? __syncthreads() : __syncthreads(); };
  expect_fault(fault_kind::divergent_barrier, geometry{3, 64}, on_one_line, "__syncthreads");
}

TEST(barriers, without_the_threads_that_have_ended_are_divergent) {
  const auto body = [] {
    if (threadIdx.x == 37) return;
    __syncthreads();
  };
  expect_fault(fault_kind::divergent_barrier, geometry{2, 64}, body, "thread 37 has ended");
  // Of two, either can be the first.
  const auto of_two = [] {
    if (threadIdx.x == 0) __syncthreads();
  };
  expect_fault(fault_kind::divergent_barrier, geometry{1, 2}, of_two, "thread 1 has ended");
}

TEST(masks, must_name_the_caller) {
  const std::string line = here_plus(1);
  const auto shuffle = [] { __shfl_sync(0xfffffffeu, 1, 3); };
  expect_fault(fault_kind::caller_not_in_mask, geometry{2, 64}, shuffle, "__shfl_sync at");
  expect_fault(fault_kind::caller_not_in_mask, geometry{2, 64}, shuffle, line);
  expect_fault(fault_kind::caller_not_in_mask, geometry{2, 64}, [] { __syncwarp(0x7fffffffu); }, "__syncwarp");
  expect_fault(fault_kind::caller_not_in_mask, geometry{2, 64}, [] { __ballot_sync(0, 1); }, "__ballot_sync");
}

TEST(masks, must_not_name_lanes_that_have_ended) {
  for (const unsigned lane : {0u, 20u, 31u}) {
    const auto body = [lane] {
      if (threadIdx.x % 32 == lane) return;
      __shfl_down_sync(full, 1.0, 4);
    };
    expect_fault(fault_kind::exited_lane, geometry{2, 64}, body, "has ended");
  }
}

TEST(masks, must_not_name_lanes_that_the_block_has_not) {
  expect_fault(
      fault_kind::exited_lane, geometry{2, 40},
      [] {
        if (threadIdx.x >= 32) __syncwarp();
      },
      "thread 40 does not exist");
}

TEST(masks, must_be_equal_among_the_lanes_they_name) {
  const auto body = [] { __any_sync(threadIdx.x % 2 == 0 ? full : 0xaaaaaaaau, 1); };
  expect_fault(fault_kind::different_mask, geometry{2, 64}, body, "with mask 0x");
  const auto chained = [] { __syncwarp(1u << threadIdx.x | 1u << (threadIdx.x + 1) % 32); };
  expect_fault(fault_kind::different_mask, geometry{1, 32}, chained, "__syncwarp with mask 0x");
}

TEST(lanes, must_meet_at_one_collective) {
  const auto other_kind = [] {
    if (threadIdx.x % 32 < 9)
      __shfl_up_sync(full, 1u, 1);
    else
      __shfl_down_sync(full, 1u, 1);
  };
  expect_fault(fault_kind::different_collective, geometry{2, 64}, other_kind, "__shfl_down_sync");
  const auto other_line = [] {
    if (threadIdx.x % 32 < 9) {
      __syncwarp();
    } else {
      __syncwarp();
    }
  };
  expect_fault(fault_kind::different_collective, geometry{2, 64}, other_line, "__syncwarp with mask 0xffffffff, ");
}

// As in a macro, all of whose calls can be in one place.
TEST(lanes, must_meet_at_one_collective_even_in_one_place) {
  const auto body = [] {
    const auto where = std::source_location::current();
    threadIdx.x % 32 < 9 ? __any_sync(full, 1, where) : __all_sync(full, 1, where);
  };
  expect_fault(fault_kind::different_collective, geometry{2, 64}, body, "__all_sync");
}

TEST(shuffles, must_read_from_lanes_of_the_mask) {
  const auto body = [] {
    if (threadIdx.x % 32 < 16) __shfl_down_sync(0x0000ffffu, 1.0f, 4);
  };
  expect_fault(fault_kind::source_not_in_mask, geometry{2, 64}, body, "is the one read from");
}

TEST(deadlocks, between_a_shuffle_and_a_barrier_are_found) {
  const auto body = [] {
    if (threadIdx.x == 3) {
      __syncthreads();
      __shfl_sync(full, 1, 0);
    } else {
      __shfl_sync(full, 1, 0);
      __syncthreads();
    }
  };
  expect_fault(fault_kind::deadlock, geometry{2, 32}, body, "thread 3 waits at __syncthreads");
}

TEST(livelocks, are_found_when_the_steps_are_used_up) {
  unsigned flag = 0;
  const auto atomics = [&] {
    if (threadIdx.x == 0) {
      while (FOLDGRID_ATOMIC_ADD(&flag, 0u) == 0) {
      }
    }
    __syncthreads();
    FOLDGRID_ATOMIC_ADD(&flag, 1u);
  };
  expect_fault(fault_kind::livelock, geometry{1, 64}, atomics, "takes step 20001", 20'000);
  const auto polls = [&] {
    while (__ldcg(&flag) == 0) {
    }
  };
  expect_fault(fault_kind::livelock, geometry{2, 64}, polls, "takes step 20001", 20'000);
  expect_fault(
      fault_kind::livelock, geometry{2, 64},
      [] {
        while (true) __syncthreads();
      },
      "takes step 20001", 20'000);
}

TEST(checks, name_block_and_thread) {
  try {
    software_gpu::launch(geometry{{2, 3}, {8, 8}}, [] {
      if (blockIdx.x == 1 && blockIdx.y == 2 && threadIdx.x == 5 && threadIdx.y == 4) __syncwarp(1u);
    });
    ADD_FAILURE() << "not found";
  } catch (const fault& found) {
    EXPECT_EQ(found.block(), 5u);
    EXPECT_EQ(found.thread(), 37u);
    EXPECT_NE(std::string(found.what()).find("block 5, thread 37 calls __syncwarp"), std::string::npos) << found.what();
  }
}

// A fault leaves nothing behind that a later launch, or a sanitizer, could stumble over.
TEST(checks, leave_a_working_device) {
  for (int round = 0; round < 20; ++round) {
    EXPECT_THROW(software_gpu::launch(geometry{4, 128},
                                      [] {
                                        FOLDGRID_SHARED(int, values, 128);
                                        values[threadIdx.x] = 1;
                                        if (threadIdx.x != 77) __syncthreads();
                                      }),
                 fault);
    unsigned sum = 0;
    software_gpu::launch(geometry{4, 128}, [&] {
      FOLDGRID_SHARED(unsigned, values, 128);
      values[threadIdx.x] = 1;
      __syncthreads();
      FOLDGRID_ATOMIC_ADD(&sum, values[127 - threadIdx.x]);
    });
    EXPECT_EQ(sum, 512u);
  }
}

}  // namespace
