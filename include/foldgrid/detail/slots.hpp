// SPDX-License-Identifier: MIT
// Room for objects that are made one by one.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace foldgrid::detail {

/// Room for n objects on the heap. Who makes them destroys them.
template <class T>
class room {
 public:
  explicit room(std::size_t n) : data_(n == 0 ? nullptr : std::allocator<T>().allocate(n)), n_(n) {}
  room(const room&) = delete;
  room& operator=(const room&) = delete;
  ~room() {
    if (data_) std::allocator<T>().deallocate(data_, n_);
  }
  T* data() const noexcept { return data_; }

 private:
  T* const data_;
  const std::size_t n_;
};

/// Room for n objects: within this one when they are small, so that nothing is allocated, else on the heap, since several of these stand
/// on the stack of a worker at a time.
template <class T, std::size_t n, bool within = sizeof(T) <= 512>
class slots {
 public:
  slots() = default;
  slots(const slots&) = delete;
  slots& operator=(const slots&) = delete;
  T* data() noexcept { return std::launder(reinterpret_cast<T*>(bytes_)); }

 private:
  alignas(T) unsigned char bytes_[n * sizeof(T)];
};
template <class T, std::size_t n>
class slots<T, n, false> : public room<T> {
 public:
  slots() : room<T>(n) {}
};

}  // namespace foldgrid::detail
