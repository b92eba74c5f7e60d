// SPDX-License-Identifier: MIT
// The names a user's function sees on the GPU: the same set as on the host. For NVRTC, which has no standard headers.
#pragma once

#if defined(FOLDGRID_SOFTWARE_GPU)
#include <foldgrid/function.hpp>  // the host's names: the software GPU is the host
#include <foldgrid/view.hpp>
#else
namespace foldgrid {

/// The view of the host side, with an address of this one.
template <class T>
class view {
 public:
  FOLDGRID_DEVICE T* data() const { return data_; }
  FOLDGRID_DEVICE unsigned long size() const { return size_; }
  FOLDGRID_DEVICE bool empty() const { return size_ == 0; }
  FOLDGRID_DEVICE T& operator[](unsigned long i) const { return data_[i]; }
  FOLDGRID_DEVICE T* begin() const { return data_; }
  FOLDGRID_DEVICE T* end() const { return data_ + size_; }

 private:
  T* data_;
  unsigned long size_;
};

}  // namespace foldgrid
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

namespace std {
using ::acos;
using ::acosh;
using ::asin;
using ::asinh;
using ::atan;
using ::atan2;
using ::atanh;
using ::cbrt;
using ::ceil;
using ::copysign;
using ::cos;
using ::cosh;
using ::erf;
using ::erfc;
using ::exp;
using ::exp2;
using ::expm1;
using ::fabs;
using ::fdim;
using ::floor;
using ::fma;
using ::fmax;
using ::fmin;
using ::fmod;
using ::hypot;
using ::isfinite;
using ::isinf;
using ::isnan;
using ::ldexp;
using ::lgamma;
using ::log;
using ::log10;
using ::log1p;
using ::log2;
using ::nextafter;
using ::pow;
using ::remainder;
using ::rint;
using ::round;
using ::signbit;
using ::sin;
using ::sinh;
using ::sqrt;
using ::tan;
using ::tanh;
using ::tgamma;
using ::trunc;
using foldgrid::function_names::abs;
using foldgrid::function_names::max;
using foldgrid::function_names::min;
}  // namespace std
#endif

namespace fg = foldgrid;
namespace foldgrid_user {
using foldgrid::function_names::abs;
using foldgrid::function_names::max;
using foldgrid::function_names::min;
}  // namespace foldgrid_user
