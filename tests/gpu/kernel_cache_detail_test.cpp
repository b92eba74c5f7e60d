// SPDX-License-Identifier: MIT
// The kernel cache against damage, other processes, trouble with the disk, and its size; SHA-256 against published digests.
#include "../random_bytes.hpp"
#include "../temporary_folder.hpp"

#include <gpu/kept_files.hpp>
#include <gpu/kernel_cache.hpp>
#include <gpu/sha256.hpp>

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace fs = std::filesystem;
using foldgrid::detail::cuda::kernel_cache;
using foldgrid::detail::cuda::sha256;

namespace {

// FIPS 180-4's examples, and the million letters a of its predecessor.
TEST(sha256, gives_the_published_digests) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

class cache : public testing::Test {
 protected:
  std::vector<fs::path> files() const {
    std::vector<fs::path> found;
    for (const auto& each : fs::recursive_directory_iterator(folder))
      if (each.is_regular_file()) found.push_back(each.path());
    return found;
  }
  static std::string read(const fs::path& file) {
    std::ifstream from(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(from), std::istreambuf_iterator<char>()};
  }
  static void write(const fs::path& file, const std::string& bytes) { std::ofstream(file, std::ios::binary) << bytes; }

  const temporary_folder made;
  const fs::path folder = made.path();
  const std::string key = kernel_cache::key_of("some text", 90), code = std::string("\177ELF\0code", 9) + std::string(5000, 'x');
};

TEST_F(cache, gives_back_what_it_keeps) {
  const kernel_cache kept(folder / "new" / "folders");
  EXPECT_FALSE(kept.find(key));
  kept.keep(key, code);
  EXPECT_EQ(kept.find(key), code);
  EXPECT_EQ(kept.count().kernels, 1u);
  EXPECT_EQ(kernel_cache(folder / "new" / "folders").find(key), code);
  EXPECT_EQ(fs::status(folder / "new" / "folders").permissions(), fs::perms::owner_all);
  kept.remove(key);
  EXPECT_FALSE(kept.find(key));
}

TEST_F(cache, names_kernels_by_text_and_device) {
  EXPECT_EQ(key, kernel_cache::key_of("some text", 90));
  EXPECT_NE(key, kernel_cache::key_of("some text", 80));
  EXPECT_NE(key, kernel_cache::key_of("some text ", 90));
}

TEST_F(cache, never_gives_a_damaged_kernel) {
  const kernel_cache kept(folder);
  kept.keep(key, code);
  const fs::path file = files().at(0);
  const std::string good = read(file);
  random_rounds(500, [&](std::mt19937_64& random) {
    std::string bad = good;
    while (bad == good) bad = damaged(good, random);
    write(file, bad);
    EXPECT_FALSE(kept.find(key));
    EXPECT_FALSE(fs::exists(file));
  });
  kept.keep(key, code);
  EXPECT_EQ(kept.find(key), code);
}

TEST_F(cache, serves_eight_threads_that_keep_one_kernel) {
  const kernel_cache kept(folder);
  std::vector<std::jthread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      for (int k = 0; k < 100; ++k) {
        kept.keep(key, code);
        if (const auto found = kept.find(key); found && *found != code) ++wrong;
      }
    });
  threads.clear();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(kept.find(key), code);
  EXPECT_EQ(files().size(), 1u) << "something was left beside the kernel";
}

TEST_F(cache, keeps_nothing_where_it_cannot) {
  write(folder / "file", "in the way");
  for (const kernel_cache& none : {kernel_cache(folder / "file"), kernel_cache({})}) {
    none.keep(key, code);
    EXPECT_FALSE(none.find(key));
    EXPECT_EQ(none.count().kernels, 0u);
  }
  EXPECT_EQ(read(folder / "file"), "in the way");
}

TEST_F(cache, lets_the_least_recently_used_go) {
  const kernel_cache kept(folder, 10 * code.size());
  std::vector<std::string> keys;
  for (int k = 0; k < 200; ++k) {
    keys.push_back(kernel_cache::key_of("text " + std::to_string(k), 90));
    kept.keep(keys.back(), code);
    const auto when = fs::file_time_type::clock::now() - std::chrono::hours(300 - k);
    for (const auto& each : files())
      if (each.stem() == keys.back()) fs::last_write_time(each, when);
    EXPECT_TRUE(kept.find(keys[0])) << "after " << k;
  }
  EXPECT_LE(kept.count().kernels, 64u + 10u);
  EXPECT_TRUE(kept.find(keys[0])) << "used at every step";
  EXPECT_FALSE(kept.find(keys[1]));
  EXPECT_TRUE(kept.find(keys[199]));
}

// The folder may be one in which other things lie.
TEST_F(cache, removes_and_counts_no_other_files) {
  const std::vector<fs::path> others{folder / "thesis.tex", folder / "ab" / "thesis.cubin",
                                     folder / "cd" / (std::string(64, 'a') + ".cubin"), folder / "aa" / (std::string(64, 'a') + ".txt"),
                                     folder / "aa" / (std::string(63, 'a') + "g.cubin")};
  for (const fs::path& each : others) {
    fs::create_directories(each.parent_path());
    write(each, std::string(100'000, 'x'));
    fs::last_write_time(each, fs::file_time_type::clock::now() - std::chrono::hours(1000));
  }
  const fs::path aside = folder / "aa" / (std::string(64, 'a') + ".cubin.1234.5");
  write(aside, std::string(100'000, 'x'));
  const kernel_cache kept(folder, 10 * code.size());
  EXPECT_EQ(kept.count().kernels, 1u) << "what a process that died has left";
  for (int k = 0; k < 70; ++k) kept.keep(kernel_cache::key_of("text " + std::to_string(k), 90), code);
  for (const fs::path& each : others) EXPECT_TRUE(fs::exists(each)) << each;
  EXPECT_FALSE(fs::exists(aside));
  EXPECT_LE(kept.count().kernels, 64u + 10u);
}

TEST(kept_files, reads_nothing_that_has_no_end) {
  EXPECT_FALSE(foldgrid::detail::cuda::text_in("/dev/zero"));
  const temporary_folder at;
  ASSERT_EQ(mkfifo((at / "pipe").c_str(), 0600), 0);
  EXPECT_FALSE(foldgrid::detail::cuda::text_in(at / "pipe"));
}

}  // namespace
