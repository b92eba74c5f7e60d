// SPDX-License-Identifier: MIT
// Random messages of any tag on the line between ranks: a rank sends them to itself.
#include "../random_bytes.hpp"

#include <foldgrid/error.hpp>

#include <mpi/transport.hpp>

#include <gtest/gtest.h>
#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace fg = foldgrid;
using namespace foldgrid::detail::remote;

namespace {

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
      while (line_->receive(from, bytes)) all.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
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
