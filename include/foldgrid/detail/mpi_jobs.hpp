// SPDX-License-Identifier: MIT
// What workers do with a piece: the verb itself, on their own executor.
#pragma once

#include <foldgrid/detail/mpi_common.hpp>
#include <foldgrid/detail/mpi_parts.hpp>
#include <foldgrid/executor.hpp>

#include <cstddef>
#include <exception>
#include <optional>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

namespace foldgrid::detail::remote {

/// A result, or what keeps it from travelling.
template <class R>
void write_result(byte_writer& out, const R& result) {
  if constexpr (packs<R>) {
    wire<R>::write(out, result);
  } else {
    try {
      wire<R>::write(out, result);
    } catch (...) {
      throw_unwritten(typeid(R).name());
    }
  }
}
/// The same for an item of the piece, whose failure it is.
template <class R>
void write_item(byte_writer& out, const R& result, std::size_t index) {
  try {
    write_result(out, result);
  } catch (const error& why) {
    throw task_error(why.what(), index);
  }
}
template <class R>
void write_results(byte_writer& out, const std::vector<R>& results) {
  if constexpr (is_flat<R> && !std::is_same_v<R, bool>) {
    out.write(results.data(), results.size() * sizeof(R));
  } else {
    for (std::size_t i = 0; i < results.size(); ++i) write_item<R>(out, results[i], i);
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
        const std::size_t before = out.bytes().size();
        std::exception_ptr error = one.error();
        if (!error) error = write_value(out, one);
        if (!error) continue;
        out.bytes().resize(before);
        out.put(false);
        write_exception(out, error);
      }
    });
  }

 private:
  /// Null, or why it could not be written.
  template <class R>
  static std::exception_ptr write_value(byte_writer& out, outcome<R>& one) {
    out.put(true);
    if constexpr (!std::is_void_v<R>) {
      try {
        write_result<R>(out, one.value());
      } catch (const error&) {
        return std::current_exception();
      }
    }
    return nullptr;
  }

  const F f_;
  parts<X...> inputs_;
};

template <class A, class F, class Op, class... X>
class map_reduce_job {
 public:
  explicit map_reduce_job(byte_reader& state) : f_(function_wire<F>::read(state)), op_(function_wire<Op>::read(state)), inputs_(state) {}
  void run(remote_call& with, byte_reader& in, byte_writer& out) {
    inputs_.open(in, with.first, with.count, [&]<class... Y>(Y&&... each) {
      write_item<A>(out, with.local.template map_reduce<A>(with.told, f_, op_, std::forward<Y>(each)...), 0);
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
                [&]<class Y>(Y&& range) { write_item<A>(out, with.local.template reduce<A>(with.told, op_, std::forward<Y>(range)), 0); });
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
      const std::size_t before = out.bytes().size();
      try {
        const std::vector<A> nodes = with.local.reduce_columns(with.told, op_, range, with.count, with.width);
        out.put(true);
        for (std::size_t c = 0; c < nodes.size(); ++c) write_item<A>(out, nodes[c], c);
      } catch (const task_error&) {
        out.bytes().resize(before);
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
      const std::size_t before = out.bytes().size();
      try {
        const A node = with.local.reduce(with.told, op_, std::move(column));
        out.put(true);
        write_item<A>(out, node, 0);
      } catch (const task_error& e) {
        out.bytes().resize(before);
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

/// An argument as it is here, value or reference, becomes what the function gets: of a common value, which travels by its number, the
/// value.
template <class E>
decltype(auto) received(std::remove_cvref_t<E>& argument) {
  if constexpr (is_common<std::remove_cvref_t<E>>) {
    return argument[0];
  } else {
    return static_cast<E&&>(argument);
  }
}
template <class E>
using received_t = decltype(received<E>(std::declval<std::remove_cvref_t<E>&>()));

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
            if constexpr (std::invocable<Callee, received_t<E>...>) {
              return std::invoke(static_cast<Callee&&>(f), received<E>(each)...);
            } else {
              return std::invoke(static_cast<Callee&&>(f), with.told.stop, received<E>(each)...);
            }
          },
          arguments);
    };
    const auto call_one = [&]() -> decltype(auto) {
      if constexpr (std::is_reference_v<Callee>) {
        return call(f_);
      } else {
        F once = f_;
        using R = result_value_t<decltype(call(once))>;
        return static_cast<R>(call(once));
      }
    };
    using R = result_value_t<decltype(call_one())>;
    if constexpr (std::is_void_v<R>) {
      call_one();
    } else {
      write_result<R>(out, call_one());
    }
  }

 private:
  const F f_;
};

}  // namespace foldgrid::detail::remote
