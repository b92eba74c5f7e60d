// SPDX-License-Identifier: MIT
// Every verb runs its functions on all workers, never on the manager.
#include "../contract/one_pass.hpp"
#include "ranks.hpp"

#include <atomic>
#include <cstddef>
#include <functional>
#include <list>
#include <ranges>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace {

const auto rank_of_item = [](std::size_t) { return rank_after_a_while(); };
/// The set of ranks as bits: which ones a reduction met.
const auto bit_of_item = [](std::size_t) { return 1u << rank_after_a_while(); };
const auto join_bits = [](unsigned a, unsigned b) { return a | b; };

std::vector<int> ranks_in(unsigned bits) {
  std::vector<int> ranks;
  for (int rank = 0; rank < 32; ++rank)
    if ((bits >> rank) & 1) ranks.push_back(rank);
  return ranks;
}

}  // namespace

TEST(mpi_verbs, map_and_starmap) {
  EXPECT_TRUE(all_workers(pool().map(rank_of_item, fg::iota(plenty()))));
  EXPECT_TRUE(all_workers(pool().map({.chunk_size = 1}, rank_of_item, std::vector<std::size_t>(plenty()))));
  const std::vector<std::pair<int, int>> rows(plenty());
  EXPECT_TRUE(all_workers(pool().starmap([](int, int) { return rank_after_a_while(); }, rows)));
}

TEST(mpi_verbs, inputs_without_an_index_beside_ones_with) {
  const std::vector<int> xs{1, 2, 3};
  const auto product = [](int a, int b) { return a * b; };
  auto odd = std::views::iota(0) | std::views::filter([](int i) { return i % 2 != 0; });  // for ever
  EXPECT_EQ(pool().map(product, odd, xs), (std::vector<int>{1, 6, 15}));
  EXPECT_EQ(pool().map(product, std::list<int>{4, 5}, fg::mpi::common(10)), (std::vector<int>{40, 50}));
  EXPECT_EQ(pool().map_reduce(product, std::plus<>{}, xs, odd), 22);
  EXPECT_EQ(pool().map_outcomes(product, odd, xs)[2].value(), 15);
  std::vector<int> out(3);
  pool().map_into(out, product, one_pass(xs), odd);
  EXPECT_EQ(out, (std::vector<int>{1, 6, 15}));
  EXPECT_THROW(pool().map({.strict = true}, product, one_pass(xs), std::vector<int>(2)), std::invalid_argument);
}

TEST(mpi_verbs, map_into) {
  std::vector<int> out(plenty());
  pool().map_into(out, rank_of_item, fg::iota(plenty()));
  EXPECT_TRUE(all_workers(out));
}

TEST(mpi_verbs, map_of_a_function_without_result) {
  EXPECT_NO_THROW(pool().map(
      [](std::size_t i) {
        if (i == 1000000) throw i;
      },
      fg::iota(plenty())));
}

TEST(mpi_verbs, map_reduce) {
  EXPECT_TRUE(all_workers(ranks_in(pool().map_reduce(bit_of_item, join_bits, fg::iota(plenty())))));
  EXPECT_TRUE(all_workers(ranks_in(pool().map_reduce(bit_of_item, join_bits, fg::init(0u), fg::iota(plenty())))));
}

TEST(mpi_verbs, reduce_applies_its_operator_there) {
  const auto joined = pool().reduce(
      {.chunk_size = 2}, [](unsigned a, unsigned b) { return a | b | (1u << rank_after_a_while()); }, std::vector<unsigned>(plenty(), 0));
  for (const int rank : ranks_in(joined)) EXPECT_LT(rank, process_count());
  if (process_count() > 1) {
    EXPECT_GE(ranks_in(joined).size(), static_cast<std::size_t>(process_count()) - 1);
  }
}

struct only_ordered {
  int x;
  friend bool operator<(const only_ordered& a, const only_ordered& b) { return a.x < b.x; }
};

TEST(mpi_verbs, searches_need_nothing_but_an_order) {
  std::vector<only_ordered> xs;
  for (int i = 0; i < 100; ++i) xs.push_back({(i * 37 + 50) % 101});
  const fg::executor here{{.where = fg::backend::serial}};
  EXPECT_EQ(pool().argmin(xs), here.argmin(xs));
  EXPECT_EQ(pool().argmax(xs), here.argmax(xs));
  EXPECT_EQ(pool().minmax(xs).min.x, here.minmax(xs).min.x);
}

TEST(mpi_verbs, map_outcomes) {
  const auto outcomes = pool().map_outcomes(
      [](std::size_t i) {
        if (i % 7 == 3) throw std::domain_error("third of " + std::to_string(i));
        return rank_after_a_while();
      },
      fg::iota(plenty()));
  std::set<int> ranks;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    EXPECT_EQ(outcomes[i].index(), i);
    ASSERT_EQ(outcomes[i].has_value(), i % 7 != 3);
    if (outcomes[i].has_value()) {
      ranks.insert(outcomes[i].value());
    } else {
      try {
        outcomes[i].value();
      } catch (const std::domain_error& e) {
        EXPECT_EQ(e.what(), "third of " + std::to_string(i));
      }
    }
  }
  EXPECT_TRUE(all_workers(ranks));
}

TEST(mpi_verbs, submit_and_apply) {
  std::vector<fg::future<int>> futures;
  for (std::size_t i = 0; i < plenty(); ++i) futures.push_back(pool().submit(rank_of_item, i));
  std::vector<int> ranks;
  for (auto& each : futures) ranks.push_back(each.get());
  EXPECT_TRUE(all_workers(ranks));
  EXPECT_EQ(pool().apply(std::plus<>{}, 40, 2), 42);
  EXPECT_EQ(pool()
                .apply_async([](std::string a, const std::vector<std::string>& b) { return a + b.back(); }, std::string("fold"),
                             std::vector<std::string>{"x", "grid"})
                .get(),
            "foldgrid");
  pool().submit([] {}).get();
  EXPECT_THROW(pool().submit([](int i) -> int { throw std::out_of_range(std::to_string(i)); }, 5).get(), std::out_of_range);
}

TEST(mpi_verbs, async) {
  auto mapped = pool().map_async(rank_of_item, fg::iota(plenty()));
  auto rows = pool().starmap_async(std::plus<>{}, std::vector<std::pair<int, int>>{{1, 2}, {3, 4}});
  auto reduced = pool().reduce_async(std::plus<>{}, fg::iota(1, 28));
  auto with_init = pool().reduce_async(std::plus<>{}, std::vector<std::string>{"b", "c"}, std::string("a"));
  EXPECT_TRUE(all_workers(mapped.get()));
  EXPECT_EQ(rows.get(), (std::vector<int>{3, 7}));
  EXPECT_EQ(reduced.get(), 378);
  EXPECT_EQ(with_init.get(), "abc");
}

TEST(mpi_verbs, streams) {
  std::vector<int> ranks;
  for (const int rank : pool().imap(rank_of_item, fg::iota(plenty()))) ranks.push_back(rank);
  EXPECT_EQ(ranks.size(), plenty());
  EXPECT_TRUE(all_workers(ranks));
  ranks.clear();
  for (const int rank : pool().imap_unordered(rank_of_item, fg::iota(plenty()))) ranks.push_back(rank);
  EXPECT_TRUE(all_workers(ranks));
  std::size_t next = 0;
  for (const std::string& text : pool().imap([](std::size_t i, const std::string& s) { return s + std::to_string(i); },
                                             fg::iota(std::size_t{50}), fg::repeat(std::string("item "))))
    EXPECT_EQ(text, "item " + std::to_string(next++));
  EXPECT_EQ(next, 50u);
}

TEST(mpi_verbs, a_stream_left_early_leaves_the_ranks_usable) {
  for (int round = 0; round < 5; ++round) {
    int seen = 0;
    for (const int rank : pool().imap_unordered(rank_of_item, fg::repeat(std::size_t{1}))) {
      EXPECT_LT(rank, process_count());
      if (++seen == 7) break;
    }
    EXPECT_EQ(pool().sum(pool().map([](int i) { return i; }, fg::iota(1, 28))), 378);
  }
}

TEST(mpi_verbs, reduce_of_a_stream_and_of_one_pass) {
  EXPECT_EQ(pool().reduce(std::plus<>{}, pool().imap([](int i) { return i; }, fg::iota(1, 28))), 378);
  EXPECT_EQ(pool().reduce(std::plus<>{}, one_pass(std::vector<std::string>{"a", "b", "c"})), "abc");
}

TEST(mpi_verbs, costly_operators_of_a_stream_are_applied_there) {
  const auto op = [](unsigned a, unsigned b) { return a | b | (1u << rank_after_a_while()); };
  auto ranks = ranks_in(pool().reduce(op, pool().imap([](std::size_t) { return 0u; }, fg::iota(plenty()))));
  if (process_count() > 1) std::erase(ranks, 0);  // where it is found out that it is costly
  EXPECT_TRUE(all_workers(ranks));
  const auto bracket = [](const std::string& a, const std::string& b) {
    rank_after_a_while();
    return "(" + a + " " + b + ")";
  };
  std::vector<std::string> words;
  for (int i = 0; i < 45; ++i) words.push_back(std::to_string(i));
  EXPECT_EQ(pool().reduce(bracket, one_pass(words)), fg::tree_reduce(bracket, words));
  std::atomic<int> calls = 0;
  const auto counts = [&calls](const std::string& a, const std::string& b) {
    ++calls;
    rank_after_a_while();
    return a + b;
  };
  EXPECT_EQ(pool().reduce(counts, one_pass(words)), fg::tree_reduce(std::plus<>{}, words)) << "what cannot travel is applied here";
  EXPECT_EQ(calls, 44);
}

TEST(mpi_verbs, joblibs_helpers) {
  std::vector<fg::call<int>> calls;
  for (std::size_t i = 0; i < plenty(); ++i) calls.push_back(fg::delayed(rank_of_item)(i));
  EXPECT_TRUE(all_workers(pool().parallel(calls)));
  const auto [sum, text, none] =
      pool().parallel(fg::delayed([](int a, int b) { return a + b; })(1, 2),
                      fg::delayed([](const std::string& s) { return s + "!"; })(std::string("hi")), fg::delayed([](int) {})(3));
  EXPECT_EQ(sum, 3);
  EXPECT_EQ(text, "hi!");
  EXPECT_EQ(none, std::monostate{});
  EXPECT_TRUE(all_workers(pool().parallelized(rank_of_item)(fg::iota(plenty()))));
}

TEST(mpi_verbs, many_threads_use_one_executor) {
  std::vector<std::thread> threads;
  std::vector<int> sums(4);
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int round = 0; round < 20; ++round)
        sums[static_cast<std::size_t>(t)] += pool().map_reduce([](int i) { return i; }, std::plus<>{}, fg::iota(1, 28));
    });
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(sums, std::vector<int>(4, 20 * 378));
}
