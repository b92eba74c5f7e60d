// SPDX-License-Identifier: MIT
// What the other kernel texts share: sizes, values as words, packs of neighbouring elements. No includes: NVRTC has no headers.
#pragma once

namespace foldgrid::gpu {

/// Counts and indices of elements.
using size = unsigned long long;

template <class A, class B>
constexpr bool is_same = false;
template <class A>
constexpr bool is_same<A, A> = true;

/// For decltype only: the type of a value, and a value of an input's element type.
template <class T>
T decayed(T);
template <class Input>
const typename Input::element& element_of();

constexpr int smaller(int a, int b) { return b < a ? b : a; }
constexpr int larger(int a, int b) { return a < b ? b : a; }
constexpr int largest(unsigned long long a) { return static_cast<int>(a); }
template <class... Rest>
constexpr int largest(unsigned long long a, Rest... rest) {
  return larger(static_cast<int>(a), largest(rest...));
}
/// Bytes of a value; a function that returns nothing makes none.
template <class T>
constexpr unsigned long long size_of = sizeof(T);
template <>
inline constexpr unsigned long long size_of<void> = 1;
constexpr int log2_of(int n) { return n < 2 ? 0 : 1 + log2_of(n / 2); }

/// A value as 32-bit words, which is what shuffles and shared memory carry.
template <class T>
struct words {
  static constexpr int count = (sizeof(T) + 3) / 4;
  unsigned w[count];

  FOLDGRID_DEVICE static words of(const T& value) {
    words result;
    if constexpr (sizeof(T) % 4 != 0) result.w[count - 1] = 0;
    FOLDGRID_COPY_BYTES(result.w, &value, sizeof(T));
    return result;
  }
  FOLDGRID_DEVICE T value() const {
    if constexpr (is_same<T, bool>) {
      return (w[0] & 255) != 0;  // where nothing was read it may be neither
    } else {
      T result;
      FOLDGRID_COPY_BYTES(&result, w, sizeof(T));
      return result;
    }
  }
};

template <class T>
FOLDGRID_DEVICE void swap_words(words<T>& a, words<T>& b) {
  FOLDGRID_UNROLL
  for (int k = 0; k < words<T>::count; ++k) {
    const unsigned before = a.w[k];
    a.w[k] = b.w[k];
    b.w[k] = before;
  }
}

/// What lane `lane ^ flip` of the warp passed. All lanes take part.
template <class T>
FOLDGRID_DEVICE words<T> from_lane_across(words<T> mine, int flip) {
  FOLDGRID_UNROLL
  for (int k = 0; k < words<T>::count; ++k) mine.w[k] = __shfl_xor_sync(0xffffffffu, mine.w[k], flip);
  return mine;
}

/// What so many bytes are aligned to that are loaded by as few instructions as can be, of up to 16 bytes each.
constexpr int alignment_of(int bytes) { return smaller(bytes & -bytes, 16); }

/// Neighbouring elements that are loaded or stored together.
template <class T, int E>
struct alignas(larger(alignment_of(E * sizeof(T)), alignof(T))) pack {
  T v[E];
};

/// E elements from `from` on, whose address is_aligned.
template <int E, class T>
FOLDGRID_DEVICE void load(const T* from, T* to) {
  const pack<T, E> all = *reinterpret_cast<const pack<T, E>*>(from);
  for (int e = 0; e < E; ++e) to[e] = all.v[e];
}

/// E elements to `to`, whose address is_aligned.
template <int E, class T>
FOLDGRID_DEVICE void store(const T* from, T* to) {
  pack<T, E> all;
  for (int e = 0; e < E; ++e) all.v[e] = from[e];
  *reinterpret_cast<pack<T, E>*>(to) = all;
}

/// True when E elements can be loaded at once from `from` and from every E elements later.
template <int E, class T>
FOLDGRID_DEVICE bool is_aligned(const T* from) {
  return reinterpret_cast<size>(from) % alignof(pack<T, E>) == 0;
}

}  // namespace foldgrid::gpu
