// SPDX-License-Identifier: MIT
// Planted faults that ThreadSanitizer finds: what happens to work in one order of threads, and is not ordered.
#include <software_gpu/faults/planted.hpp>

namespace {

using software_gpu::geometry;
using software_gpu::launch;
using software_gpu::options;

constexpr unsigned full = 0xffffffffu;

void missing_barrier(bool planted, const options& how) {
  unsigned sum = 0;
  launch(
      geometry{2, 64},
      [&] {
        FOLDGRID_SHARED(unsigned, values, 64);
        values[threadIdx.x] = threadIdx.x;
        if (!planted) __syncthreads();
        FOLDGRID_ATOMIC_ADD(&sum, values[63 - threadIdx.x]);
      },
      how);
}

// The array is used again for the next round while slower threads still read.
void missing_second_barrier(bool planted, const options& how) {
  unsigned sum = 0;
  launch(
      geometry{2, 64},
      [&] {
        FOLDGRID_SHARED(unsigned, values, 64);
        for (unsigned round = 0; round < 3; ++round) {
          values[threadIdx.x] = threadIdx.x + round;
          __syncthreads();
          const unsigned other = values[63 - threadIdx.x];
          if (!planted) __syncthreads();
          FOLDGRID_ATOMIC_ADD(&sum, other);
        }
      },
      how);
}

// A shuffle brings lanes together, and puts nothing but its own values in order.
void missing_warp_barrier(bool planted, const options& how) {
  unsigned sum = 0;
  launch(
      geometry{2, 32},
      [&] {
        FOLDGRID_SHARED(unsigned, values, 32);
        values[threadIdx.x] = threadIdx.x;
        if (planted)
          __shfl_sync(full, 1, 0);
        else
          __syncwarp();
        FOLDGRID_ATOMIC_ADD(&sum, values[31 - threadIdx.x]);
      },
      how);
}

// Half a warp meets, and reads what the other half has written.
void wrong_half(bool planted, const options& how) {
  unsigned sum = 0;
  launch(
      geometry{1, 32},
      [&] {
        FOLDGRID_SHARED(unsigned, values, 32);
        values[threadIdx.x] = threadIdx.x;
        __syncwarp(threadIdx.x < 16 ? 0x0000ffffu : 0xffff0000u);
        FOLDGRID_ATOMIC_ADD(&sum, values[threadIdx.x ^ (planted ? 16 : 8)]);
      },
      how);
}

void plain_counter(bool planted, const options& how) {
  unsigned count = 0;
  launch(
      geometry{4, 32},
      [&] {
        if (threadIdx.x != 0) return;
        if (planted)
          ++count;
        else
          FOLDGRID_ATOMIC_ADD(&count, 1u);
      },
      how);
}

/// The last block to come adds up what all have stored.
template <class Count>
void last_block_sums(const options& how, bool store_late, Count count_in) {
  unsigned partials[12] = {}, ticket = 0;
  [[maybe_unused]] unsigned result = 0;
  launch(
      geometry{12, 32},
      [&] {
        if (threadIdx.x != 0) return;
        if (!store_late) partials[blockIdx.x] = blockIdx.x;
        const bool last = count_in(&ticket) == gridDim.x - 1;
        if (store_late) partials[blockIdx.x] = blockIdx.x;
        if (!last) return;
        unsigned sum = 0;
        for (unsigned block = 0; block < gridDim.x; ++block) sum += __ldcg(partials + block);
        result = sum;
      },
      how);
}

unsigned count_in_order(unsigned* ticket) { return FOLDGRID_ATOMIC_ADD(ticket, 1u); }
unsigned count_relaxed(unsigned* ticket) { return __atomic_fetch_add(ticket, 1u, __ATOMIC_RELAXED); }

void relaxed_counter(bool planted, const options& how) { last_block_sums(how, false, planted ? count_relaxed : count_in_order); }

void published_after_the_count(bool planted, const options& how) { last_block_sums(how, planted, count_in_order); }

void plain_flag(bool planted, const options& how) {
  unsigned data = 0, flag = 0;
  [[maybe_unused]] unsigned seen = 0;
  launch(
      geometry{2, 32},
      [&] {
        if (threadIdx.x != 0) return;
        if (blockIdx.x == 0) {
          data = 42;
          if (planted)
            flag = 1;
          else
            FOLDGRID_ATOMIC_ADD(&flag, 1u);
        } else if ((planted ? __ldcg(&flag) : FOLDGRID_ATOMIC_ADD(&flag, 0u)) == 1) {
          seen = data;
        }
      },
      how);
}

}  // namespace

int main(int count, char** arguments) {
  return run_example(count, arguments,
                     {{"missing_barrier", missing_barrier},
                      {"missing_second_barrier", missing_second_barrier},
                      {"missing_warp_barrier", missing_warp_barrier},
                      {"wrong_half", wrong_half},
                      {"plain_counter", plain_counter},
                      {"relaxed_counter", relaxed_counter},
                      {"published_after_the_count", published_after_the_count},
                      {"plain_flag", plain_flag}});
}
