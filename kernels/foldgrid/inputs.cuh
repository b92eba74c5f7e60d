// SPDX-License-Identifier: MIT
// Where elements come from: arrays in device memory, and lazy inputs that are computed from the index. Each has at(i), get(i),
// which is at(i) or a call of it, and fetch<E>(i, to) for E neighbours; the host fills them in and passes them as kernel arguments.
#pragma once

namespace foldgrid::gpu {

template <class T>
struct array_input {
  using element = T;
  static constexpr int bytes = sizeof(T);
  const T* data;

  FOLDGRID_DEVICE T at(size i) const { return data[i]; }
  FOLDGRID_DEVICE T get(size i) const { return at(i); }
  template <int E>
  FOLDGRID_DEVICE void fetch(size i, T* to) const {
    load<E>(data + i, to);
  }
  template <int E>
  FOLDGRID_DEVICE bool aligned(size base) const {
    return is_aligned<E>(data + base);
  }
};

/// An element that divisions are needed for: the code is kept once.
template <class Input>
FOLDGRID_OUT_OF_LINE typename Input::element costly_at(const Input& input, size i) {
  return input.at(i);
}

/// What lazy inputs have in common: no memory is read. `costly` ones take divisions.
template <class Input, class T, bool costly = false>
struct computed_input {
  using element = T;
  static constexpr int bytes = 0;

  FOLDGRID_DEVICE T get(size i) const {
    const Input& input = *static_cast<const Input*>(this);
    if constexpr (costly) {
      return costly_at(input, i);
    } else {
      return input.at(i);
    }
  }
  template <int E>
  FOLDGRID_DEVICE void fetch(size i, T* to) const {
    for (int e = 0; e < E; ++e) to[e] = get(i + static_cast<size>(e));
  }
  template <int>
  FOLDGRID_DEVICE bool aligned(size) const {
    return true;
  }
};

/// first, first + 1, ...; wraps as the host's does.
template <class T>
struct iota_input : computed_input<iota_input<T>, T> {
  T first;
  FOLDGRID_DEVICE T at(size i) const { return static_cast<T>(static_cast<size>(first) + i); }
};

/// `count` equally spaced values, by the host's expression.
template <class T>
struct linspace_input : computed_input<linspace_input<T>, T, true> {
  T first, last;
  size count;
  FOLDGRID_DEVICE T at(size i) const {
    if (i == 0) return first;
    return i + 1 == count ? last : first + static_cast<T>(i) * (last - first) / static_cast<T>(count - 1);
  }
};

template <class T>
struct repeat_input : computed_input<repeat_input<T>, T> {
  T value;
  FOLDGRID_DEVICE T at(size) const { return value; }
};

/// One axis of a grid: its elements follow each other every `stride` points of the grid, round and round.
template <class Axis>
struct axis_input : computed_input<axis_input<Axis>, typename Axis::element, true> {
  Axis axis;
  size count, stride;
  FOLDGRID_DEVICE typename Axis::element at(size i) const { return axis.at(i / stride % count); }
};

/// One axis of a study at its points from `base` on: equals point_column of the host.
struct column_input : computed_input<column_input, double, true> {
  const double* list;
  const size* kept;
  double first, last;
  size count, stride, base;
  FOLDGRID_DEVICE double at(size i) const {
    i += base;
    if (kept != nullptr) i = kept[i];
    i = i / stride % count;
    if (list != nullptr) return list[i];
    if (i == 0) return first;
    return i + 1 == count ? last : first + static_cast<double>(i) * (last - first) / static_cast<double>(count - 1);
  }
};

/// E neighbours of every input.
template <int E, class... Inputs>
struct fetched {};
template <int E, class Input, class... Rest>
struct fetched<E, Input, Rest...> {
  typename Input::element x[E];
  fetched<E, Rest...> rest;
};

template <class... Inputs>
struct input_list;
template <>
struct input_list<> {
  template <int E>
  FOLDGRID_DEVICE void fetch(size, fetched<E>&) const {}
  template <int E>
  FOLDGRID_DEVICE void fetch_before(size, int, fetched<E>&) const {}
  template <int>
  FOLDGRID_DEVICE bool aligned(size) const {
    return true;
  }
};
template <class Input, class... Rest>
struct input_list<Input, Rest...> {
  Input input;
  input_list<Rest...> rest;

  template <int E>
  FOLDGRID_DEVICE void fetch(size i, fetched<E, Input, Rest...>& to) const {
    input.template fetch<E>(i, to.x);
    rest.template fetch<E>(i, to.rest);
  }
  template <int E>
  FOLDGRID_DEVICE void fetch_before(size i, int count, fetched<E, Input, Rest...>& to) const {
    for (int e = 0; e < E; ++e)
      if (e < count) to.x[e] = input.get(i + static_cast<size>(e));
    rest.template fetch_before<E>(i, count, to.rest);
  }
  template <int E>
  FOLDGRID_DEVICE bool aligned(size base) const {
    return input.template aligned<E>(base) && rest.template aligned<E>(base);
  }
};

/// f with the e-th of the elements fetched.
template <class F, int E, class... Done>
FOLDGRID_DEVICE auto apply(const F& f, const fetched<E>&, int, const Done&... done) {
  return f(done...);
}
template <class F, int E, class Input, class... Rest, class... Done>
FOLDGRID_DEVICE auto apply(const F& f, const fetched<E, Input, Rest...>& from, int e, const Done&... done) {
  return apply(f, from.rest, e, done..., from.x[e]);
}

/// Functions whose code is large, such as those that call libm: it is kept once, not once for each leaf of a tile.
template <class F>
constexpr bool is_large = false;

template <class T, class F, class... X>
FOLDGRID_OUT_OF_LINE T call_out_of_line(const F& f, const X&... x) {
  return static_cast<T>(f(x...));
}
/// The function itself, or the way to it.
template <class T, class F>
struct way_to {
  const F& f;
  template <class... X>
  FOLDGRID_DEVICE T operator()(const X&... x) const {
    if constexpr (is_large<F>) {
      return call_out_of_line<T>(f, x...);
    } else {
      return static_cast<T>(f(x...));
    }
  }
};

/// The leaves of a call: leaf i is function(first[i], second[i], ...) as a T.
template <class T, class F, class... Inputs>
struct leaves {
  using leaf = T;
  /// Bytes read for a leaf, of that for the largest element, and the size of the largest thing an element is.
  static constexpr int bytes = (0 + ... + Inputs::bytes), element_bytes = largest(0, Inputs::bytes...);
  static constexpr int widest = largest(size_of<T>, sizeof(typename Inputs::element)...);
  template <int E>
  using raw = fetched<E, Inputs...>;

  F function;
  input_list<Inputs...> inputs;

  template <int E>
  FOLDGRID_DEVICE void fetch(size i, raw<E>& to) const {
    inputs.template fetch<E>(i, to);
  }
  /// The first `count` of them only.
  template <int E>
  FOLDGRID_DEVICE void fetch_before(size i, int count, raw<E>& to) const {
    inputs.template fetch_before<E>(i, count, to);
  }
  /// The leaf of the e-th of the elements fetched; `i` is its index.
  template <int E>
  FOLDGRID_DEVICE T value(const raw<E>& from, int e, size) const {
    return apply(way_to<T, F>{function}, from, e);
  }
  /// True when leaves from `base` on can be fetched in packs.
  template <int E>
  FOLDGRID_DEVICE bool aligned(size base) const {
    return inputs.template aligned<E>(base);
  }
};

/// The function of a plain reduction.
struct identity {
  template <class T>
  FOLDGRID_DEVICE const T& operator()(const T& x) const {
    return x;
  }
};

/// Elements that a thread takes from each input at once.
template <class Leaves>
constexpr int adjacent = items_of(Leaves::widest);

}  // namespace foldgrid::gpu
