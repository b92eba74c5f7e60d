// SPDX-License-Identifier: MIT
// asio::thread_pool with as little around a task as it allows: a result stored, a count of what is left.
#include "../rivals.hpp"

#include <asio/post.hpp>
#include <asio/thread_pool.hpp>

#include <atomic>

namespace rivals {

struct asio_tasks::state {
  asio::thread_pool pool;
  std::atomic<int> left = 0;
};
asio_tasks::asio_tasks(int threads) : state_(new state{.pool = asio::thread_pool(static_cast<std::size_t>(threads))}) {}
asio_tasks::~asio_tasks() = default;

void asio_tasks::run(int* results, int n) {
  std::atomic<int>& left = state_->left;
  left = n;
  for (int i = 0; i < n; ++i)
    asio::post(state_->pool, [results, i, &left] {
      results[i] = i;
      if (left.fetch_sub(1) == 1) left.notify_one();
    });
  for (int now = left; now != 0; now = left) left.wait(now);
}

}  // namespace rivals
