// SPDX-License-Identifier: MIT
// Random bytes into all that reads what ranks send each other; and the start of these tests, on one rank.
#include "../random_bytes.hpp"

#include <foldgrid/mpi.hpp>

#include <mpi/common_values.hpp>
#include <mpi/protocol.hpp>

#include <gtest/gtest.h>
#include <mpi.h>

#include <cerrno>
#include <cstddef>
#include <exception>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

namespace fg = foldgrid;
using namespace foldgrid::detail;
using namespace foldgrid::detail::remote;

namespace {

/// Bytes in memory of exactly their size: reading beyond is seen.
message message_of(const std::string& bytes) {
  const auto* const from = reinterpret_cast<const std::byte*>(bytes.data());
  return {from, from + bytes.size()};
}
std::string text_of(const message& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
template <class Write>
std::string written(Write&& write) {
  byte_writer out;
  write(out);
  return text_of(out.bytes());
}

/// What is read of damaged bytes is a value, which is written as just the bytes that were read, or there is an error of foldgrid's.
template <class T>
void read_damaged(const T& value, std::mt19937_64& random, bool one_way = true) {
  const std::string good = written([&](byte_writer& out) { wire<T>::write(out, value); });
  const message bytes = message_of(damaged(good, random));
  byte_reader in(bytes.data(), bytes.size());
  try {
    const T found = wire<T>::read(in);
    const std::string again = written([&](byte_writer& out) { wire<T>::write(out, found); });
    EXPECT_EQ(again.size(), bytes.size() - in.left());
    EXPECT_TRUE(!one_way || again == text_of(bytes).substr(0, again.size()));
  } catch (const fg::error&) {
  }
}

TEST(random_bytes, values_are_read_or_refused) {
  random_rounds(2000, [](std::mt19937_64& random) {
    read_damaged(std::vector<double>{1, 2, 3}, random);
    read_damaged(std::vector<bool>{true, false, true}, random, false);  // any byte but 0 is true
    read_damaged(std::u32string(U"text"), random);
    read_damaged(std::vector<std::string>{"one", "", "three"}, random);
    read_damaged(std::tuple<std::string, std::vector<std::vector<int>>>{"name", {{1}, {2, 3}}}, random);
    read_damaged(std::optional<std::string>("text"), random, false);
  });
  const std::map<std::string, std::vector<double>> archived{{"a", {1, 2}}, {"b", {}}};
  const std::string good = written([&](byte_writer& out) { wire<decltype(archived)>::write(out, archived); });
  for (std::size_t size = 0; size < good.size(); ++size) {
    const message bytes = message_of(good.substr(0, size));
    byte_reader in(bytes.data(), bytes.size());
    EXPECT_THROW((wire<std::map<std::string, std::vector<double>>>::read(in)), fg::error) << "cut at " << size;
  }
}

TEST(random_bytes, lengths_that_no_memory_has_are_refused) {
  for (const std::size_t length : {~std::size_t{0}, std::size_t{1} << 61, (std::size_t{1} << 61) + 1, std::size_t{1} << 62}) {
    const message bytes = message_of(std::string(reinterpret_cast<const char*>(&length), sizeof length) + "and eight more");
    const auto read = [&]<class T>(T) {
      byte_reader in(bytes.data(), bytes.size());
      wire<T>::read(in);
    };
    EXPECT_THROW(read(std::vector<double>()), fg::error) << length;
    EXPECT_THROW(read(std::vector<bool>()), fg::error) << length;
    EXPECT_THROW(read(std::string()), fg::error) << length;
    EXPECT_THROW(read(std::u32string()), fg::error) << length;
    EXPECT_THROW(read(std::vector<std::string>()), fg::error) << length;
  }
}

int depth_of(const std::exception_ptr& what) {
  try {
    std::rethrow_exception(what);
  } catch (const std::nested_exception& e) {
    return e.nested_ptr() ? 1 + depth_of(e.nested_ptr()) : 1;
  } catch (...) {
    return 1;
  }
}

TEST(random_bytes, exceptions_are_read_or_refused) {
  std::exception_ptr what = std::make_exception_ptr(std::system_error(ENOENT, std::generic_category(), "a file"));
  what = nesting(what, std::out_of_range("an index"));
  try {
    std::rethrow_exception(what);
  } catch (...) {
    what = std::make_exception_ptr(fg::task_error("a task", 7, 3));
  }
  const std::string good = written([&](byte_writer& out) { write_exception(out, what); });
  random_rounds(2000, [&](std::mt19937_64& random) {
    const message bytes = message_of(damaged(good, random));
    byte_reader in(bytes.data(), bytes.size());
    try {
      EXPECT_GE(depth_of(read_exception(in)), 1);
    } catch (const fg::error&) {
    }
  });
}

TEST(random_bytes, exceptions_nested_without_end_are_refused) {
  const message bytes = message_of(std::string(10'000'000, '\1'));
  byte_reader in(bytes.data(), bytes.size());
  EXPECT_THROW(read_exception(in), fg::error);
  std::exception_ptr deep = std::make_exception_ptr(std::runtime_error("the innermost"));
  for (int k = 0; k < 500; ++k) deep = nesting(deep, std::logic_error("around"));
  const message sent = message_of(written([&](byte_writer& out) { write_exception(out, deep); }));
  byte_reader back(sent.data(), sent.size());
  EXPECT_EQ(depth_of(read_exception(back)), 65) << "the outermost travel";
}

TEST(random_bytes, heads_are_read_or_refused) {
  const std::string good = written([](byte_writer& out) {
    out.put(head{.what = kind::piece, .job = 3, .work = 4, .count = 5});
    out.write("body", 4);
  });
  random_rounds(5000, [&](std::mt19937_64& random) {
    const message bytes = message_of(damaged(good, random));
    try {
      const head front = head_of(bytes);
      EXPECT_LE(front.what, kind::stopped);
      EXPECT_LE(front.single + front.fail_fast, 2);
      EXPECT_EQ(body_of(bytes).left() + sizeof(head), bytes.size());
    } catch (const fg::broken_executor&) {
      EXPECT_TRUE(bytes.size() < sizeof(head) || text_of(bytes).substr(0, sizeof(head)) != good.substr(0, sizeof(head)));
    }
  });
}

/// A piece of a map with damaged elements, or of another length than it says: results of so many items, or an error.
TEST(random_bytes, pieces_of_work_are_done_or_refused) {
  const auto length = [](const std::string& text, double) { return text.size(); };
  using job = map_job<false, decltype(length), std::vector<std::string>&, std::vector<double>&>;
  const fg::executor serial{{.where = fg::backend::serial}};
  std::vector<std::string> texts{"one", "three", ""};
  std::vector<double> numbers{1, 2, 3};
  const std::string state = written([&](byte_writer& out) { function_wire<decltype(length)>::write(out, length); });
  const std::string good = written([&](byte_writer& out) {
    part<std::vector<std::string>&>::write(out, texts, 0, 3);
    part<std::vector<double>&>::write(out, numbers, 0, 3);
  });
  random_rounds(2000, [&](std::mt19937_64& random) {
    const message opening = message_of(state), bytes = message_of(damaged(good, random));
    byte_reader in(bytes.data(), bytes.size()), with_state(opening.data(), opening.size());
    const std::size_t count = random() % 2 == 0 ? 3 : random() >> random() % 64;
    remote_call with{serial, 0, count, 1, {}};
    byte_writer out;
    try {
      job(with_state).run(with, in, out);
      EXPECT_EQ(out.bytes().size(), count * sizeof(std::size_t));
    } catch (const fg::error&) {
    }
  });
}

TEST(random_bytes, common_values_are_read_or_refused) {
  const std::string good = written([](byte_writer& out) { wire<std::vector<std::string>>::write(out, {"one", "two"}); });
  random_rounds(1000, [&](std::mt19937_64& random) {
    const std::uint64_t number = new_common_number();
    const std::string bytes = damaged(good, random);
    keep_common(number, message_of("head" + bytes), 4);
    for (int again = 0; again < 2; ++again) {
      const message asked = message_of(std::string(reinterpret_cast<const char*>(&number), sizeof number));
      byte_reader in(asked.data(), asked.size());
      try {
        const auto found = wire<common_input<std::vector<std::string>>>::read(in);
        EXPECT_TRUE(bytes.starts_with(written([&](byte_writer& out) { wire<std::vector<std::string>>::write(out, found[0]); })));
      } catch (const fg::error&) {
      }
    }
    drop_common(number);
  });
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  MPI_Init(&argc, &argv);
  const int result = RUN_ALL_TESTS();
  MPI_Finalize();
  return result;
}
