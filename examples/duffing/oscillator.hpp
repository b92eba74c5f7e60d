// SPDX-License-Identifier: MIT
// The driven damped Duffing oscillator and its response after the transient, written once for every backend.
//
//   x'' + damping x' + stiffness x + cubic x^3 = drive cos(frequency t)
//
// All quantities are dimensionless. With stiffness -1 and cubic 1 there are two wells, at x = -1 and 1, as in
// J. Guckenheimer and P. Holmes, Nonlinear Oscillations, Dynamical Systems, and Bifurcations of Vector Fields, Springer
// 1983, section 2.2. The integration uses + - * / only, so that its digits are the same on every backend: instead
// of a cosine, the drive is two more unknowns, u'' = -frequency^2 u with u(0) = 1 and u'(0) = 0.
#pragma once

#include <foldgrid/foldgrid.hpp>

/// The coefficients of the equation.
FOLDGRID_STRUCT(oscillator, (double stiffness; double cubic; double frequency; double damping; double drive;))

/// x, its derivative v, u = cos(frequency t) and its derivative w.
FOLDGRID_STRUCT(state, (double x; double v; double u; double w;))

/// The time derivative of a state.
FOLDGRID_FUNCTION_USING((oscillator, state), slope, (oscillator o, state s), {
  const double force = o.drive * s.u - o.damping * s.v - (o.stiffness + o.cubic * s.x * s.x) * s.x;
  return state{s.v, force, s.w, -o.frequency * o.frequency * s.u};
})

/// s + h k
FOLDGRID_FUNCTION_USING((state), moved, (state s, double h, state k),
                        { return state{s.x + h * k.x, s.v + h * k.v, s.u + h * k.u, s.w + h * k.w}; })

/// One step h of the classical Runge-Kutta method of order 4.
FOLDGRID_FUNCTION_USING((oscillator, state, slope, moved), runge_kutta_step, (oscillator o, state s, double h), {
  const state a = slope(o, s);
  const state b = slope(o, moved(s, h / 2, a));
  const state c = slope(o, moved(s, h / 2, b));
  const state d = slope(o, moved(s, h, c));
  return moved(moved(s, h / 6, moved(a, 2, b)), h / 6, moved(d, 2, c));
})

/// What the oscillator does once the transient has gone: the mean of x^2 and the largest |x| over the watched periods,
/// and the extent of its stroboscopic section (max - min of x at the starts of the periods): 0 when every period is alike.
FOLDGRID_STRUCT(response, (double drive; double damping; double mean_square; double largest; double section;))

/// The response to a drive and a damping, from rest at x = 1: `transient` periods of the drive pass, then `watched`
/// periods are watched, each of `steps` time steps h = 2 pi / (steps frequency).
FOLDGRID_FUNCTOR_USING((oscillator, state, response, runge_kutta_step), long_time_response,
                       (double stiffness; double cubic; double frequency; double h; int steps; int transient; int watched;),
                       (double drive, double damping), {
                         const oscillator o{stiffness, cubic, frequency, damping, drive};
                         state s{1, 0, 1, 0};
                         for (int step = 0; step < transient * steps; ++step) s = runge_kutta_step(o, s, h);
                         double sum = 0;
                         double largest = 0;
                         double low = s.x;
                         double high = s.x;
                         for (int period = 0; period < watched; ++period) {
                           low = min(low, s.x);
                           high = max(high, s.x);
                           for (int step = 0; step < steps; ++step) {
                             s = runge_kutta_step(o, s, h);
                             sum += s.x * s.x;
                             largest = max(largest, abs(s.x));
                           }
                         }
                         return response{drive, damping, sum / (watched * steps), largest, high - low};
                       })

/// A sweep in short: the number of points, of those whose periods differ (by more than 1e-3 in x), the sum of the mean
/// squares, and the lowest and highest mean square with their parameters.
FOLDGRID_STRUCT(summary, (long long points; long long unlike; double sum; double low; double low_drive; double low_damping; double high;
                          double high_drive; double high_damping;))

/// The summary of one point.
FOLDGRID_FUNCTION_USING((response, summary), summary_of, (response r), {
  return summary{1, r.section > 1e-3 ? 1 : 0, r.mean_square, r.mean_square, r.drive, r.damping, r.mean_square, r.drive, r.damping};
})

/// The summary of two neighbouring parts of a sweep; of equal extremes the first stays.
FOLDGRID_FUNCTION_USING((summary), merge, (summary a, summary b), {
  summary both = a;
  both.points += b.points;
  both.unlike += b.unlike;
  both.sum += b.sum;
  if (b.low < a.low) {
    both.low = b.low;
    both.low_drive = b.low_drive;
    both.low_damping = b.low_damping;
  }
  if (b.high > a.high) {
    both.high = b.high;
    both.high_drive = b.high_drive;
    both.high_damping = b.high_damping;
  }
  return both;
})
