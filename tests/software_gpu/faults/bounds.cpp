// SPDX-License-Identifier: MIT
// Planted faults that AddressSanitizer and UndefinedBehaviorSanitizer find: accesses out of bounds, misaligned vectors.
#include <software_gpu/faults/planted.hpp>

namespace {

using software_gpu::geometry;
using software_gpu::launch;
using software_gpu::options;

struct alignas(16) four {
  float v[4];
};

// Through a pointer, as after a cast: the array's own type would let the other sanitizer speak first.
void shared_past_the_end(bool planted, const options& how) {
  launch(
      geometry{2, 64},
      [&] {
        FOLDGRID_SHARED(unsigned, values, 64);
        unsigned* const first = values;
        first[threadIdx.x + (planted && threadIdx.x == 63 ? 1 : 0)] = 1;
      },
      how);
}

void shared_before_the_start(bool planted, const options& how) {
  launch(
      geometry{2, 64},
      [&] {
        FOLDGRID_SHARED(unsigned, values, 64);
        unsigned* const first = values;
        first[threadIdx.x] = threadIdx.x;
        __syncthreads();
        const int left = static_cast<int>(threadIdx.x) - 1;
        if (left >= 0 || planted) __stcs(first + threadIdx.x, first[left]);
      },
      how);
}

void shared_index(bool planted, const options& how) {
  launch(
      geometry{2, 64},
      [&] {
        FOLDGRID_SHARED(unsigned, values, 64);
        values[threadIdx.x + (planted ? 1 : 0)] = 1;
      },
      how);
}

// 250 floats end at a page that faults, less 8 bytes.
void global_past_the_end(bool planted, const options& how) {
  auto* const data = static_cast<float*>(software_gpu::allocate(250 * sizeof(float)));
  launch(
      geometry{1, 256},
      [&] {
        if (threadIdx.x < (planted ? 251u : 250u)) data[threadIdx.x] = 1;
      },
      how);
  software_gpu::deallocate(data);
}

void global_before_the_start(bool planted, const options& how) {
  auto* const data = static_cast<float*>(software_gpu::allocate(250 * sizeof(float)));
  launch(
      geometry{1, 256},
      [&] {
        if (threadIdx.x < 250) data[static_cast<int>(threadIdx.x) - (planted ? 1 : 0)] = 1;
      },
      how);
  software_gpu::deallocate(data);
}

void misaligned_vector(bool planted, const options& how) {
  auto* const data = static_cast<float*>(software_gpu::allocate(1024 * sizeof(float)));
  launch(
      geometry{1, 64},
      [&] {
        const float* const first = data + (planted ? 1 : 4);
        const four loaded = *reinterpret_cast<const four*>(first + 4 * threadIdx.x);
        data[1023] = loaded.v[0];
      },
      how);
  software_gpu::deallocate(data);
}

}  // namespace

int main(int count, char** arguments) {
  return run_example(count, arguments,
                     {{"shared_past_the_end", shared_past_the_end},
                      {"shared_before_the_start", shared_before_the_start},
                      {"shared_index", shared_index},
                      {"global_past_the_end", global_past_the_end},
                      {"global_before_the_start", global_before_the_start},
                      {"misaligned_vector", misaligned_vector}});
}
