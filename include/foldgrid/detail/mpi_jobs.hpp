// SPDX-License-Identifier: MIT
// What workers do with a piece: the verb itself, on their own executor.
#pragma once

#include <foldgrid/detail/mpi_parts.hpp>
#include <foldgrid/executor.hpp>

#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace foldgrid::detail::remote {

template <class R>
void write_results(byte_writer& out, const std::vector<R>& results) {
  if constexpr (is_flat<R> && !std::is_same_v<R, bool>) {
    out.write(results.data(), results.size() * sizeof(R));
  } else {
    for (const auto& each : results) wire<R>::write(out, each);
  }
}

template <bool unpack, class F, class... X>
class map_job {
 public:
  explicit map_job(byte_reader& state) : f_(function_wire<F>::read(state)), inputs_(state) {}
  void run(remote_call& with, byte_reader& in, byte_writer& out) {
    inputs_.open(in, with.first, with.count, [&]<class... Y>(Y&&... each) {
      const auto map = [&] {
        if constexpr (unpack) {
          return with.local.starmap(with.told, f_, std::forward<Y>(each)...);
        } else {
          return with.local.map(with.told, f_, std::forward<Y>(each)...);
        }
      };
      if constexpr (std::is_void_v<decltype(map())>) {
        map();
      } else {
        write_results(out, map());
      }
    });
  }

 private:
  const F f_;
  parts<X...> inputs_;
};

template <class F, class... X>
class outcomes_job {
 public:
  explicit outcomes_job(byte_reader& state) : f_(function_wire<F>::read(state)), inputs_(state) {}
  void run(remote_call& with, byte_reader& in, byte_writer& out) {
    inputs_.open(in, with.first, with.count, [&]<class... Y>(Y&&... each) {
      auto outcomes = with.local.map_outcomes(with.told, f_, std::forward<Y>(each)...);
      for (auto& one : outcomes) {
        out.put(one.has_value());
        if (!one.has_value()) {
          write_exception(out, one.error());
        } else if constexpr (!std::is_void_v<typename std::remove_cvref_t<decltype(one)>::value_type>) {
          wire<typename std::remove_cvref_t<decltype(one)>::value_type>::write(out, one.value());
        }
      }
    });
  }

 private:
  const F f_;
  parts<X...> inputs_;
};

template <class A, class F, class Op, class... X>
class map_reduce_job {
 public:
  explicit map_reduce_job(byte_reader& state) : f_(function_wire<F>::read(state)), op_(function_wire<Op>::read(state)), inputs_(state) {}
  void run(remote_call& with, byte_reader& in, byte_writer& out) {
    inputs_.open(in, with.first, with.count, [&]<class... Y>(Y&&... each) {
      wire<A>::write(out, with.local.template map_reduce<A>(with.told, f_, op_, std::forward<Y>(each)...));
    });
  }

 private:
  const F f_;
  const Op op_;
  parts<X...> inputs_;
};

template <class A, class Op, class X>
class reduce_job {
 public:
  explicit reduce_job(byte_reader& state) : op_(function_wire<Op>::read(state)), input_(state) {}
  void run(remote_call& with, byte_reader& in, byte_writer& out) {
    input_.open(in, with.first, with.count,
                [&]<class Y>(Y&& range) { wire<A>::write(out, with.local.template reduce<A>(with.told, op_, std::forward<Y>(range))); });
  }

 private:
  const Op op_;
  parts<X> input_;
};

template <class Op, class X>
class rows_job {
 public:
  explicit rows_job(byte_reader& state) : op_(function_wire<Op>::read(state)), input_(state) {}
  void run(remote_call& with, byte_reader& in, byte_writer& out) {
    input_.open(in, with.first * with.width, with.count * with.width, [&]<class Y>(Y&& range) {
      write_results(out, with.local.reduce_rows(with.told, op_, std::forward<Y>(range), with.count, with.width));
    });
  }

 private:
  const Op op_;
  parts<X> input_;
};

/// The nodes of all columns of a block of rows. When one fails the others are still wanted: they may fail further up, at a smaller index.
template <class A, class Op, class X>
class columns_job {
 public:
  explicit columns_job(byte_reader& state) : op_(function_wire<Op>::read(state)), input_(state) {}
  void run(remote_call& with, byte_reader& in, byte_writer& out) {
    input_.open(in, with.first * with.width, with.count * with.width, [&](const auto& range) {
      try {
        const std::vector<A> nodes = with.local.reduce_columns(with.told, op_, range, with.count, with.width);
        out.put(true);
        for (const A& each : nodes) wire<A>::write(out, each);
      } catch (const task_error&) {
        out.put(false);
        one_by_one(with, range, out);
      }
    });
  }

 private:
  template <class Range>
  void one_by_one(remote_call& with, const Range& range, byte_writer& out) const {
    for (std::size_t c = 0; c < with.width; ++c) {
      std::vector<A> column;
      for (std::size_t r = 0; r < with.count; ++r) column.push_back(range[r * with.width + c]);
      try {
        const A node = with.local.reduce(with.told, op_, std::move(column));
        out.put(true);
        wire<A>::write(out, node);
      } catch (const task_error& e) {
        out.put(false);
        out.put(e.index() * with.width + c);
        write_exception(out, e.nested_ptr() ? e.nested_ptr() : std::current_exception());
      }
    }
  }

  const Op op_;
  parts<X> input_;
};

/// What is sought in a range.
enum class sought { extremes, smallest, largest, nonfinite };

template <sought what, class X>
class search_job {
 public:
  explicit search_job(byte_reader& state) : input_(state) {}
  void run(remote_call& with, byte_reader& in, byte_writer& out) {
    input_.open(in, with.first, with.count, [&](auto&& range) {
      if constexpr (what == sought::nonfinite) {
        const std::optional<std::size_t> found = with.local.first_nonfinite(with.told, range);
        out.put(found.value_or(call::unknown));
      } else {
        if constexpr (what != sought::largest) out.put(with.local.argmin(with.told, range));
        if constexpr (what != sought::smallest) out.put(with.local.argmax(with.told, range));
      }
    });
  }

 private:
  parts<X> input_;
};

/// One task: Callee is F, to be called once, or const F&. Arguments are as they are here, values or references.
template <class Callee, class... E>
class task_job {
  using F = std::remove_cvref_t<Callee>;

 public:
  explicit task_job(byte_reader& state) : f_(function_wire<F>::read(state)) {}
  void run(remote_call& with, byte_reader& in, byte_writer& out) {
    std::tuple<std::remove_cvref_t<E>...> arguments{wire<std::remove_cvref_t<E>>::read(in)...};
    const auto call = [&](auto& f) -> decltype(auto) {
      return std::apply(
          [&](auto&... each) -> decltype(auto) {
            if constexpr (std::invocable<Callee, E...>) {
              return std::invoke(static_cast<Callee&&>(f), static_cast<E&&>(each)...);
            } else {
              return std::invoke(static_cast<Callee&&>(f), with.told.stop, static_cast<E&&>(each)...);
            }
          },
          arguments);
    };
    const auto call_one = [&]() -> decltype(auto) {
      if constexpr (std::is_reference_v<Callee>) {
        return call(f_);
      } else {
        F once = f_;
        using R = std::decay_t<decltype(call(once))>;
        return static_cast<R>(call(once));
      }
    };
    using R = std::decay_t<decltype(call_one())>;
    if constexpr (std::is_void_v<R>) {
      call_one();
    } else {
      wire<R>::write(out, call_one());
    }
  }

 private:
  const F f_;
};

}  // namespace foldgrid::detail::remote
