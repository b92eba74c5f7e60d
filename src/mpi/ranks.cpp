// SPDX-License-Identifier: MIT
// Deals pieces out in index order to the worker with the least to do, and as few ahead as keep it busy.
#include "ranks.hpp"

#include "engine.hpp"

#include <foldgrid/error.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace foldgrid::detail::remote {

ranks::ranks(std::unique_ptr<transport> line, std::vector<worker_info> workers, bool crowded) : line_(std::move(line)), crowded_(crowded) {
  for (std::size_t i = 0, at = 0; at < workers.size(); ++i) {
    if (static_cast<int>(i) == line_->rank()) continue;
    workers_.push_back({static_cast<int>(i), std::move(workers[at].host), workers[at].threads, 0, {}, {}});
    threads_ += workers_.back().threads;
    ++at;
  }
  // each waits for one task: twice as many as can run, so that the next one is on its way
  proxies_ = make_engine({.where = backend::threads, .workers = std::min<std::size_t>(2 * threads_, 65536)});
  proxies_->present(backend::mpi, describe());
  talker_ = std::thread([this] { talk(); });
}

ranks::~ranks() {
  if (talker_.joinable()) talker_.join();
}

std::string ranks::describe() const {
  std::vector<std::string> hosts;
  for (const worker& each : workers_) hosts.push_back(each.host);
  std::sort(hosts.begin(), hosts.end());
  hosts.erase(std::unique(hosts.begin(), hosts.end()), hosts.end());
  return std::to_string(workers_.size()) + (workers_.size() == 1 ? " worker rank with " : " worker ranks with ") +
         std::to_string(threads_) + (threads_ == 1 ? " thread on " : " threads on ") +
         (hosts.size() == 1 ? hosts.front() : std::to_string(hosts.size()) + " hosts");
}

void ranks::run(pieces& work) {
  active mine{&work, 0, 0, 0, -1, false, false, std::vector<std::size_t>(workers_.size())};
  std::unique_lock lock(mutex_);
  if (closing_) throw broken_executor("executor: its ranks have left; use it before mpi::main returns, or the executor is destroyed");
  mine.number = next_work_++;
  inbox_.push_back(&mine);
  wanted_.notify_one();
  changed_.wait(lock, [&] { return mine.finished; });
}

void ranks::close(int status) {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(closing_, true)) return;
    wanted_.notify_one();
  }
  talker_.join();
  for (const worker& each : workers_)
    line_->send(each.rank, std::move(with_head({.what = kind::finish, .code = static_cast<std::uint32_t>(status)}).bytes()));
  patience pause(crowded_);
  while (!line_->idle()) pause.wait();
  line_.reset();
}

void ranks::talk() {
  patience pause(crowded_);
  try {
    for (;;) {
      {
        std::unique_lock lock(mutex_);
        if (active_.empty() && forgotten_.empty())
          wanted_.wait(lock, [this] { return !inbox_.empty() || !forgotten_.empty() || closing_; });
        active_.insert(active_.end(), inbox_.begin(), inbox_.end());
        inbox_.clear();
        if (closing_ && active_.empty()) break;
      }
      bool moved = hand_out();
      moved = receive_all() || moved;
      std::erase_if(active_, [this](active* each) {
        if (each->in_flight != 0 || (each->next < each->work->size_ && !each->told_to_stop)) return false;
        const std::lock_guard lock(mutex_);
        each->finished = true;
        changed_.notify_all();
        return true;
      });
      forget_jobs();
      if (moved) {
        pause.reset();
      } else if (!active_.empty()) {
        pause.wait();
      }
    }
  } catch (const std::exception& e) {  // MPI itself failed: nobody can be reached any more
    std::fprintf(stderr, "foldgrid: %s\n", e.what());
    MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
  }
}

/// One piece at a time while they are long, so that none waits behind a long one; else about a millisecond's work ahead.
std::size_t ranks::room(const active& work, const worker& at) const noexcept {
  const double longest = work.work->single_ ? single_seconds_ : work.longest;
  const std::size_t slots = work.work->single_ ? at.threads : 1;
  if (longest < 0 || longest > 5e-3) return slots;
  return slots + static_cast<std::size_t>(std::clamp(1e-3 / std::max(longest, 1e-9), 1.0, 63.0));
}

bool ranks::hand_out() {
  bool any = false;
  for (active* const each : active_) any = hand_out(*each) || any;
  line_->flush();
  return any;
}

bool ranks::hand_out(active& work) {
  if (work.told_to_stop) return false;
  if (work.work->over()) {
    tell_to_stop(work);
    return true;
  }
  bool any = false;
  while (work.next < work.work->size_) {
    worker* least = nullptr;
    for (worker& each : workers_)
      if (each.in_flight < room(work, each) && (!least || each.in_flight < least->in_flight)) least = &each;
    if (!least) break;
    send_piece(work, *least);
    any = true;
    if (work.work->over()) break;
  }
  return any;
}

void ranks::tell_to_stop(active& work) {
  work.told_to_stop = true;
  for (std::size_t i = 0; i < workers_.size(); ++i)
    if (work.in_flight_at[i] != 0) line_->signal(workers_[i].rank, work.number);
}

void ranks::send_attachments(const byte_writer& of, worker& to) {
  for (const attachment& each : of.attachments()) {
    if (!to.has_common.try_emplace(each.number, each.bytes).second) continue;
    byte_writer value = with_head({.what = kind::common, .job = each.number});
    value.write(each.bytes->data(), each.bytes->size());
    line_->send(to.rank, std::move(value.bytes()));
  }
}

void ranks::send_job(const job& about, worker& to) {
  send_attachments(about.state_, to);
  byte_writer state = with_head({.what = kind::open, .code = about.code_, .check = about.check_, .job = about.number_});
  state.write(about.state_.bytes().data(), about.state_.bytes().size());
  line_->send(to.rank, std::move(state.bytes()));
}

void ranks::send_piece(active& work, worker& to) {
  const job& about = work.work->about();
  if (to.has.insert(about.number_).second) send_job(about, to);
  const std::size_t first = work.next, count = std::min(work.work->each_, work.work->size_ - first);
  byte_writer out = with_head({.what = kind::piece,
                               .code = about.code_,
                               .check = about.check_,
                               .single = work.work->single_,
                               .fail_fast = work.work->fail_fast_,
                               .job = about.number_,
                               .work = work.number,
                               .first = first,
                               .count = count,
                               .width = work.work->width_,
                               .task_timeout = work.work->task_timeout_});
  work.next += count;
  try {
    work.work->write(first, count, out);
  } catch (...) {
    return work.work->trouble(std::current_exception());
  }
  send_attachments(out, to);
  line_->post(to.rank, std::move(out.bytes()));
  ++work.in_flight;
  ++work.in_flight_at[static_cast<std::size_t>(&to - workers_.data())];
  ++to.in_flight;
}

bool ranks::receive_all() {
  int from = 0;
  message bytes;
  bool any = false;
  for (int n = 0; n < 256 && line_->receive(from, bytes); ++n) {
    any = true;
    const head front = head_of(bytes);
    const auto at = std::find_if(active_.begin(), active_.end(), [&](const active* each) { return each->number == front.work; });
    if (at == active_.end()) throw broken_executor("a message came for work that is not known; this is a bug of foldgrid");
    active& work = **at;
    if (front.what < kind::value || front.first > work.work->size_ || front.count > work.work->size_ - front.first)
      throw_no_message("that answers nothing that was asked");
    const std::size_t index = static_cast<std::size_t>(from > line_->rank() ? from - 1 : from);
    --work.in_flight;
    --work.in_flight_at[index];
    --workers_[index].in_flight;
    double& longest = work.work->single_ ? single_seconds_ : work.longest;
    longest = std::max(front.seconds, longest * 0.9);
    reply what{.rank = from, .host = workers_[index].host, .in = body_of(bytes), .error = {}, .index = front.index};
    what.whole = front.what == kind::broken;
    what.cancelled = front.what == kind::stopped;
    try {
      if (front.what == kind::failed || what.whole) what.error = read_exception(what.in);
      work.work->done(front.first, front.count, what);
    } catch (...) {
      work.work->trouble(std::current_exception());
    }
    if (n % 32 == 31) hand_out();
  }
  return any;
}

void ranks::forget_jobs() {
  std::vector<std::uint64_t> numbers;
  {
    const std::lock_guard lock(mutex_);
    numbers.swap(forgotten_);
  }
  if (numbers.empty()) return;
  const auto tell = [this](const worker& who, kind what, std::uint64_t number) {
    line_->send(who.rank, std::move(with_head({.what = what, .job = number}).bytes()));
  };
  for (worker& each : workers_) {
    for (const std::uint64_t number : numbers)
      if (each.has.erase(number) != 0) tell(each, kind::close, number);
    std::erase_if(each.has_common, [&](const auto& known) {
      if (!known.second.expired()) return false;
      tell(each, kind::drop, known.first);
      return true;
    });
  }
}

job::job(std::shared_ptr<ranks> where, code_number code, byte_writer&& state)
    : where_(std::move(where)), code_(code.value), check_(code_check(code.value)), state_(std::move(state)) {
  if (code.registry != where_->registry_)
    throw std::invalid_argument(
        "mpi: asked to send a function to the other ranks, found that a shared library was linked with a copy of foldgrid of its own, so "
        "that they would mix it up with another; link the program and its libraries to one shared foldgrid (BUILD_SHARED_LIBS), or leave "
        "foldgrid out when linking the library");
  const std::lock_guard lock(where_->mutex_);
  number_ = where_->next_job_++;
}

job::~job() {
  const std::lock_guard lock(where_->mutex_);
  if (where_->closing_) return;
  where_->forgotten_.push_back(number_);
  where_->wanted_.notify_one();
}

void run(pieces& work) { work.about().where().run(work); }

std::size_t workers_of(const ranks& where) noexcept { return where.workers(); }
std::size_t threads_of(const ranks& where) noexcept { return where.threads(); }
std::string describe(const ranks& where) { return where.describe(); }
const std::shared_ptr<engine>& engine_of(const ranks& where) noexcept { return where.proxies(); }

}  // namespace foldgrid::detail::remote
