// SPDX-License-Identifier: MIT
// Random bytes into all that reads messages between ranks: on one rank, which sends to itself.
#include "../random_bytes.hpp"

#include <foldgrid/mpi.hpp>

#include <mpi/common_values.hpp>
#include <mpi/protocol.hpp>
#include <mpi/transport.hpp>

#include <gtest/gtest.h>
#include <mpi.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <deque>
#include <exception>
#include <map>
#include <memory>
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

/// Whatever is sent, with whatever tag: messages come out, or broken_executor.
class line : public testing::Test {
 protected:
  /// Sends the bytes as they are, on the communicator of the transport.
  void send(const std::string& bytes, int tag) {
    const std::string& kept = sent_.emplace_back(bytes);
    MPI_Request request = MPI_REQUEST_NULL;
    ASSERT_EQ(MPI_Isend(kept.data(), static_cast<int>(kept.size()), MPI_BYTE, 0, tag, line_->communicator(), &request), MPI_SUCCESS);
    MPI_Request_free(&request);
  }
  std::vector<std::string> received() {
    std::vector<std::string> all;
    int from = 0;
    message bytes;
    for (int tries = 0; tries < 20; ++tries)
      while (line_->receive(from, bytes)) all.push_back(text_of(bytes));
    return all;
  }

  std::unique_ptr<transport> line_ = std::make_unique<transport>(MPI_COMM_SELF);
  std::deque<std::string> sent_;
};

constexpr int whole = 1, several = 2, length_of_parts = 3, part_of_one = 4, unknown = 5;
std::string sized(const std::string& text, std::size_t more = 0) {
  const std::size_t size = text.size() + more;
  return std::string(reinterpret_cast<const char*>(&size), sizeof size) + text;
}

TEST_F(line, takes_apart_what_shares_its_way) {
  send(sized("one") + sized("") + sized("three"), several);
  send(sized("", 7), length_of_parts);
  send("in ", part_of_one);
  send("two ", part_of_one);
  EXPECT_EQ(received(), (std::vector<std::string>{"one", "", "three", "in two "}));
}
TEST_F(line, refuses_a_length_beyond_what_came) {
  send(sized("one", 1), several);
  EXPECT_THROW(received(), fg::broken_executor);
}
TEST_F(line, refuses_what_ends_within_a_length) {
  send(sized("one") + "1234567", several);
  EXPECT_THROW(received(), fg::broken_executor);
}
TEST_F(line, refuses_a_length_of_other_than_eight_bytes) {
  send(sized("more than a length"), length_of_parts);
  EXPECT_THROW(received(), fg::broken_executor);
}
TEST_F(line, refuses_parts_that_belong_to_none) {
  send("a part", part_of_one);
  EXPECT_THROW(received(), fg::broken_executor);
}
TEST_F(line, refuses_parts_beyond_the_length) {
  send(sized("", 7), length_of_parts);
  send("more than seven", part_of_one);
  EXPECT_THROW(received(), fg::broken_executor);
}
TEST_F(line, refuses_unknown_tags) {
  send(sized("", 7), length_of_parts);
  send("seven..", unknown);
  EXPECT_THROW(received(), fg::broken_executor);
}

TEST_F(line, random_messages_come_out_or_are_refused) {
  const std::vector<std::pair<std::string, int>> good{{sized("first") + sized(std::string(40, 'x')) + sized("third"), several},
                                                      {"alone", whole},
                                                      {sized("", 20), length_of_parts},
                                                      {"0123456789", part_of_one},
                                                      {"abcdefghij", part_of_one}};
  random_rounds(1000, [&](std::mt19937_64& random) {
    line_ = std::make_unique<transport>(MPI_COMM_SELF);
    sent_.clear();
    for (auto [bytes, tag] : good) {
      if (random() % 8 == 0) continue;
      if (random() % 2 == 0) bytes = damaged(bytes, random);
      if (random() % 16 == 0) tag = static_cast<int>(1 + random() % 5);
      // room that only an operating system can refuse is not asked for
      if (std::uint64_t size = 0; tag == length_of_parts && bytes.size() == sizeof size) {
        std::memcpy(&size, bytes.data(), sizeof size);
        if (size > 1'000'000) bytes.back() = '\xff';
      }
      send(bytes, tag);
    }
    std::size_t all = 0, came = 0;
    for (const std::string& each : sent_) all += each.size();
    try {
      for (const std::string& each : received()) came += each.size();
      EXPECT_LE(came, all);
    } catch (const fg::broken_executor&) {
    } catch (const std::length_error&) {  // of a length that no memory has
    }
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
