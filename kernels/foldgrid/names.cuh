// SPDX-License-Identifier: MIT
// The names a user's function sees on the GPU: the same set as on the host. For NVRTC, which has no standard headers.
#pragma once

namespace foldgrid {

/// The view of the host side; here the address that counts is the second.
template <class T>
class view {
 public:
  view() = default;
  FOLDGRID_DEVICE view(T* data, unsigned long size) : on_host_(nullptr), data_(data), size_(size) {}
  FOLDGRID_DEVICE operator view<const T>() const { return {data_, size_}; }
  FOLDGRID_DEVICE T* data() const { return data_; }
  FOLDGRID_DEVICE view subview(unsigned long first, unsigned long count) const { return {data_ + first, count}; }
  FOLDGRID_DEVICE unsigned long size() const { return size_; }
  FOLDGRID_DEVICE bool empty() const { return size_ == 0; }
  FOLDGRID_DEVICE T& operator[](unsigned long i) const { return data_[i]; }
  FOLDGRID_DEVICE T* begin() const { return data_; }
  FOLDGRID_DEVICE T* end() const { return data_ + size_; }

 private:
  T *on_host_, *data_;
  unsigned long size_;
};

/// Reports trouble from inside a function: the first code of an item counts.
FOLDGRID_OUT_OF_LINE void fail(int code) {
  unsigned& mine = gpu::told();
  if (mine == 0) mine = 0x10000u | (static_cast<unsigned>(code) & 0xffffu);
}

}  // namespace foldgrid

#if defined(FOLDGRID_SOFTWARE_GPU)
#include <foldgrid/detail/function_names.hpp>  // the host's names: the software GPU is the host
#else
namespace std {
using size_t = decltype(sizeof(0));
using ptrdiff_t = decltype(static_cast<char*>(nullptr) - static_cast<char*>(nullptr));
using int8_t = signed char;
using int16_t = short;
using int32_t = int;
using int64_t = long;
using uint8_t = unsigned char;
using uint16_t = unsigned short;
using uint32_t = unsigned;
using uint64_t = unsigned long;
}  // namespace std
using std::int16_t;
using std::int32_t;
using std::int64_t;
using std::int8_t;
using std::ptrdiff_t;
using std::size_t;
using std::uint16_t;
using std::uint32_t;
using std::uint64_t;
using std::uint8_t;

#define M_E 2.7182818284590452354
#define M_LOG2E 1.4426950408889634074
#define M_LOG10E 0.43429448190325182765
#define M_LN2 0.69314718055994530942
#define M_LN10 2.30258509299404568402
#define M_PI 3.14159265358979323846
#define M_PI_2 1.57079632679489661923
#define M_PI_4 0.78539816339744830962
#define M_1_PI 0.31830988618379067154
#define M_2_PI 0.63661977236758134308
#define M_2_SQRTPI 1.12837916709551257390
#define M_SQRT2 1.41421356237309504880
#define M_SQRT1_2 0.70710678118654752440
#define INFINITY (__int_as_float(0x7f800000))
#define NAN (__int_as_float(0x7fc00000))

namespace foldgrid::function_names {

#define FOLDGRID_DETAIL_NAMES(T)                               \
  constexpr T min(T a, T b) noexcept { return b < a ? b : a; } \
  constexpr T max(T a, T b) noexcept { return a < b ? b : a; }
FOLDGRID_DETAIL_NAMES(float)
FOLDGRID_DETAIL_NAMES(double)
FOLDGRID_DETAIL_NAMES(int)
FOLDGRID_DETAIL_NAMES(unsigned)
FOLDGRID_DETAIL_NAMES(long)
FOLDGRID_DETAIL_NAMES(unsigned long)
FOLDGRID_DETAIL_NAMES(long long)
FOLDGRID_DETAIL_NAMES(unsigned long long)
#undef FOLDGRID_DETAIL_NAMES

inline float abs(float a) { return ::fabsf(a); }
inline double abs(double a) { return ::fabs(a); }
constexpr int abs(int a) { return a < 0 ? -a : a; }
constexpr long abs(long a) { return a < 0 ? -a : a; }
constexpr long long abs(long long a) { return a < 0 ? -a : a; }

}  // namespace foldgrid::function_names

/// The mathematical functions with the overloads of the host: float stays float, integers and mixed arguments become double. Users' text
/// is nested in this namespace, so that these are found before CUDA's own, of which some differ.
namespace foldgrid_names {

template <class T>
concept integer = requires(T x) { x % x; };
template <class T>
concept number = integer<T> || foldgrid::gpu::is_same<T, float> || foldgrid::gpu::is_same<T, double>;

#define FOLDGRID_DETAIL_NAMES(Result, name, of_float)                     \
  inline Result name(float x) { return static_cast<Result>(of_float); }   \
  inline Result name(double x) { return static_cast<Result>(::name(x)); } \
  template <integer T>                                                    \
  inline Result name(T x) {                                               \
    return static_cast<Result>(::name(static_cast<double>(x)));           \
  }
#define FOLDGRID_DETAIL_ONE(name)                     \
  inline float name(float x) { return ::name##f(x); } \
  inline double name(double x) { return ::name(x); }  \
  template <integer T>                                \
  inline double name(T x) {                           \
    return ::name(static_cast<double>(x));            \
  }
#define FOLDGRID_DETAIL_TWO(name)                                  \
  inline float name(float x, float y) { return ::name##f(x, y); }  \
  inline double name(double x, double y) { return ::name(x, y); }  \
  template <number A, number B>                                    \
  inline double name(A x, B y) {                                   \
    return ::name(static_cast<double>(x), static_cast<double>(y)); \
  }
#define FOLDGRID_DETAIL_SCALED(name)                            \
  inline float name(float x, int n) { return ::name##f(x, n); } \
  inline double name(double x, int n) { return ::name(x, n); }  \
  template <integer T>                                          \
  inline double name(T x, int n) {                              \
    return ::name(static_cast<double>(x), n);                   \
  }

FOLDGRID_DETAIL_ONE(acos)
FOLDGRID_DETAIL_ONE(acosh)
FOLDGRID_DETAIL_ONE(asin)
FOLDGRID_DETAIL_ONE(asinh)
FOLDGRID_DETAIL_ONE(atan)
FOLDGRID_DETAIL_ONE(atanh)
FOLDGRID_DETAIL_ONE(cbrt)
FOLDGRID_DETAIL_ONE(ceil)
FOLDGRID_DETAIL_ONE(cos)
FOLDGRID_DETAIL_ONE(cosh)
FOLDGRID_DETAIL_ONE(erf)
FOLDGRID_DETAIL_ONE(erfc)
FOLDGRID_DETAIL_ONE(exp)
FOLDGRID_DETAIL_ONE(exp2)
FOLDGRID_DETAIL_ONE(expm1)
FOLDGRID_DETAIL_ONE(fabs)
FOLDGRID_DETAIL_ONE(floor)
FOLDGRID_DETAIL_ONE(lgamma)
FOLDGRID_DETAIL_ONE(log)
FOLDGRID_DETAIL_ONE(log10)
FOLDGRID_DETAIL_ONE(log1p)
FOLDGRID_DETAIL_ONE(log2)
FOLDGRID_DETAIL_ONE(logb)
FOLDGRID_DETAIL_ONE(nearbyint)
FOLDGRID_DETAIL_ONE(rint)
FOLDGRID_DETAIL_ONE(round)
FOLDGRID_DETAIL_ONE(sin)
FOLDGRID_DETAIL_ONE(sinh)
FOLDGRID_DETAIL_ONE(sqrt)
FOLDGRID_DETAIL_ONE(tan)
FOLDGRID_DETAIL_ONE(tanh)
FOLDGRID_DETAIL_ONE(tgamma)
FOLDGRID_DETAIL_ONE(trunc)
FOLDGRID_DETAIL_TWO(atan2)
FOLDGRID_DETAIL_TWO(copysign)
FOLDGRID_DETAIL_TWO(fdim)
FOLDGRID_DETAIL_TWO(fmax)
FOLDGRID_DETAIL_TWO(fmin)
FOLDGRID_DETAIL_TWO(fmod)
FOLDGRID_DETAIL_TWO(hypot)
FOLDGRID_DETAIL_TWO(nextafter)
FOLDGRID_DETAIL_TWO(pow)
FOLDGRID_DETAIL_TWO(remainder)
FOLDGRID_DETAIL_SCALED(ldexp)
FOLDGRID_DETAIL_SCALED(scalbn)
FOLDGRID_DETAIL_NAMES(int, ilogb, ::ilogbf(x))
FOLDGRID_DETAIL_NAMES(long, lrint, ::lrintf(x))
FOLDGRID_DETAIL_NAMES(long, lround, ::lroundf(x))
FOLDGRID_DETAIL_NAMES(long long, llrint, ::llrintf(x))
FOLDGRID_DETAIL_NAMES(long long, llround, ::llroundf(x))
FOLDGRID_DETAIL_NAMES(bool, isfinite, ::isfinite(x))
FOLDGRID_DETAIL_NAMES(bool, isinf, ::isinf(x))
FOLDGRID_DETAIL_NAMES(bool, isnan, ::isnan(x))
FOLDGRID_DETAIL_NAMES(bool, signbit, ::signbit(x))
inline float fma(float x, float y, float z) { return ::fmaf(x, y, z); }
inline double fma(double x, double y, double z) { return ::fma(x, y, z); }
template <number A, number B, number C>
inline double fma(A x, B y, C z) {
  return ::fma(static_cast<double>(x), static_cast<double>(y), static_cast<double>(z));
}
#undef FOLDGRID_DETAIL_NAMES
#undef FOLDGRID_DETAIL_ONE
#undef FOLDGRID_DETAIL_TWO
#undef FOLDGRID_DETAIL_SCALED

}  // namespace foldgrid_names

namespace std {
using foldgrid::function_names::abs;
using foldgrid::function_names::max;
using foldgrid::function_names::min;
using foldgrid_names::acos;
using foldgrid_names::acosh;
using foldgrid_names::asin;
using foldgrid_names::asinh;
using foldgrid_names::atan;
using foldgrid_names::atan2;
using foldgrid_names::atanh;
using foldgrid_names::cbrt;
using foldgrid_names::ceil;
using foldgrid_names::copysign;
using foldgrid_names::cos;
using foldgrid_names::cosh;
using foldgrid_names::erf;
using foldgrid_names::erfc;
using foldgrid_names::exp;
using foldgrid_names::exp2;
using foldgrid_names::expm1;
using foldgrid_names::fabs;
using foldgrid_names::fdim;
using foldgrid_names::floor;
using foldgrid_names::fma;
using foldgrid_names::fmax;
using foldgrid_names::fmin;
using foldgrid_names::fmod;
using foldgrid_names::hypot;
using foldgrid_names::ilogb;
using foldgrid_names::isfinite;
using foldgrid_names::isinf;
using foldgrid_names::isnan;
using foldgrid_names::ldexp;
using foldgrid_names::lgamma;
using foldgrid_names::llrint;
using foldgrid_names::llround;
using foldgrid_names::log;
using foldgrid_names::log10;
using foldgrid_names::log1p;
using foldgrid_names::log2;
using foldgrid_names::logb;
using foldgrid_names::lrint;
using foldgrid_names::lround;
using foldgrid_names::nearbyint;
using foldgrid_names::nextafter;
using foldgrid_names::pow;
using foldgrid_names::remainder;
using foldgrid_names::rint;
using foldgrid_names::round;
using foldgrid_names::scalbn;
using foldgrid_names::signbit;
using foldgrid_names::sin;
using foldgrid_names::sinh;
using foldgrid_names::sqrt;
using foldgrid_names::tan;
using foldgrid_names::tanh;
using foldgrid_names::tgamma;
using foldgrid_names::trunc;
}  // namespace std
#endif

namespace foldgrid {
/// fg::min and fg::max.
static __device__ const gpu::minimum min{};
static __device__ const gpu::maximum max{};
}  // namespace foldgrid

namespace fg = foldgrid;
namespace foldgrid_names {
using foldgrid::function_names::abs;
using foldgrid::function_names::max;
using foldgrid::function_names::min;
namespace foldgrid_user {}
}  // namespace foldgrid_names
namespace foldgrid_user = foldgrid_names::foldgrid_user;
