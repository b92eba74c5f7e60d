// SPDX-License-Identifier: MIT
// The unit of two_units_test that nvcc compiles: the verbs of the other one, and each way of the nvcc route, which needs a device to run.
#include <foldgrid/cuda.cuh>

#include <thrust/device_vector.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/iterator/transform_iterator.h>
#include <thrust/iterator/zip_iterator.h>
#include <thrust/tuple.h>

#include "../two_units/verbs.hpp"
#include "functions.hpp"

namespace fg = foldgrid;

std::vector<double> in_the_second_unit(const fg::executor& pool) { return all_verbs(pool); }

/// Extended lambdas and marked functors on an automatic executor: on the threads where there is no GPU.
std::vector<double> by_lambdas(const fg::executor& pool, const std::vector<double>& xs) {
  const double by = 0.3;
  const auto scale = [=] __host__ __device__(double x) { return by * x; };
  return {pool.map_reduce(scale, std::plus<>{}, xs), pool.map_reduce(fg::device(scaled{by}), fg::device(sum_of_two{}), xs),
          pool.map(scale, xs)[1]};
}

/// Thrust's vectors and iterators as inputs and outputs.
double over_thrust(const fg::executor& pool, cudaStream_t stream) {
  thrust::device_vector<double> v(1000, 2.0);
  const auto count = thrust::make_counting_iterator(0);
  const auto doubled = thrust::make_transform_iterator(count, [] __host__ __device__(int i) { return 2.0 * i; });
  const auto zipped = thrust::make_zip_iterator(v.begin(), count);
  const auto product = [] __host__ __device__(const thrust::tuple<double, int>& t) { return thrust::get<0>(t) * thrust::get<1>(t); };
  pool.map_into(v, fg::device(scaled{2}), v);
  pool.map_into(fg::device_range(v.begin(), v.end(), stream), fg::device(scaled{2}), fg::device_range(doubled, 1000, stream));
  return pool.sum(v) + pool.minmax(v).max + static_cast<double>(pool.argmax(v)) + pool.minmax(fg::device_range(doubled, 1000)).max +
         pool.map_reduce(product, fg::max, fg::device_range(zipped, 1000)) + pool.map(fg::device(scaled{2}), v).to_vector()[0] +
         pool.reduce(fg::device(sum_of_two{}), fg::device_range(doubled, 1000));
}
