// SPDX-License-Identifier: MIT
// The pretend device memory: closed to the host, open to kernels, ends that fault, limits and counts.
#include <gtest/gtest.h>
#include <software_gpu/device.hpp>
#include <software_gpu/emulator.hpp>
#include <software_gpu/memory.hpp>

#include <cstdint>
#include <new>
#include <stdexcept>
#include <vector>

namespace {

using namespace software_gpu;

TEST(device_memory, carries_data_in_through_a_kernel_and_out) {
  std::vector<unsigned> host(1000);
  for (unsigned i = 0; i < 1000; ++i) host[i] = i;
  const std::size_t size = host.size() * sizeof(unsigned);
  auto* device = static_cast<unsigned*>(allocate(size));
  copy_in(device, host.data(), size);
  launch(geometry{4, 256}, [&] {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < 1000) __stcs(device + i, __ldg(device + i) * 3);
  });
  copy_out(host.data(), device, size);
  for (unsigned i = 0; i < 1000; ++i) EXPECT_EQ(host[i], 3 * i);
  fill(device, 0, size / 2);
  copy_out(host.data(), device, size);
  EXPECT_EQ(host[499], 0u);
  EXPECT_EQ(host[500], 1500u);
  deallocate(device);
}

TEST(device_memory, starts_as_ff) {
  auto* device = allocate(64);
  std::vector<std::uint8_t> host(64);
  copy_out(host.data(), device, 64);
  EXPECT_EQ(host, std::vector<std::uint8_t>(64, 0xff));
  deallocate(device);
}

TEST(device_memory, is_aligned_to_16_and_to_what_its_size_allows) {
  for (const std::size_t size : {0u, 1u, 4u, 48u, 100u, 256u, 4096u, 5000u, 1024u * 1024u}) {
    auto* device = allocate(size);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(device) % (size % 256 == 0 ? 256 : 16), 0u) << size;
    EXPECT_TRUE(is_device_memory(device, size));
    EXPECT_FALSE(is_device_memory(device, size + 1));
    deallocate(device);
    EXPECT_FALSE(is_device_memory(device, size));
  }
}

TEST(device_memory, copies_only_within_one_block) {
  auto* device = static_cast<char*>(allocate(100));
  char host[200] = {};
  EXPECT_THROW(copy_in(device, host, 101), std::out_of_range);
  EXPECT_THROW(copy_out(host, device + 50, 51), std::out_of_range);
  EXPECT_THROW(fill(device - 1, 0, 1), std::out_of_range);
  EXPECT_THROW(copy_in(host, host, 1), std::out_of_range);
  EXPECT_THROW(deallocate(device + 16), std::invalid_argument);
  copy_in(device + 50, host, 50);
  deallocate(device);
  EXPECT_THROW(deallocate(device), std::invalid_argument);
  deallocate(nullptr);
}

TEST(device_memory, is_counted_and_limited) {
  const memory_use before = device_memory_use();
  auto* device = allocate(1000);
  char host[10] = {};
  copy_in(device, host, 10);
  copy_out(host, device, 5);
  const memory_use during = device_memory_use();
  EXPECT_EQ(during.blocks, before.blocks + 1);
  EXPECT_EQ(during.bytes, before.bytes + 1000);
  EXPECT_EQ(during.allocations, before.allocations + 1);
  EXPECT_EQ(during.bytes_in, before.bytes_in + 10);
  EXPECT_EQ(during.bytes_out, before.bytes_out + 5);
  limit_device_memory(during.bytes + 100);
  EXPECT_THROW(allocate(101), std::bad_alloc);
  deallocate(allocate(100));
  limit_device_memory(~std::size_t{0});
  deallocate(device);
  EXPECT_EQ(device_memory_use().bytes, before.bytes);
  EXPECT_EQ(device_memory_use().blocks, before.blocks);
}

TEST(device_memory_death_test, faults_when_the_host_touches_it) {
  auto* device = static_cast<volatile int*>(allocate(64));
  EXPECT_DEATH(static_cast<void>(device[0]), "");
  EXPECT_DEATH(device[15] = 1, "");
  {
    const device_access open;
    device[15] = 1;
    EXPECT_EQ(device[15], 1);
  }
  EXPECT_DEATH(static_cast<void>(device[15]), "");
  deallocate(const_cast<int*>(device));
}

TEST(device_memory_death_test, faults_just_past_its_end) {
  auto* device = static_cast<volatile int*>(allocate(64));
  EXPECT_DEATH(launch(geometry{1, 32}, [&] { device[threadIdx.x] = 1; }), "");
  deallocate(const_cast<int*>(device));
}

}  // namespace
