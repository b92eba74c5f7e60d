// SPDX-License-Identifier: MIT
// Eigen's vectors, matrices and expressions as inputs, and as what map_into writes to.
#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>
#include <Eigen/Core>

#include <cstddef>
#include <cstdlib>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace fg = foldgrid;

namespace eigen_test {  // one of several files that are compiled as one
namespace {

using row_major = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

FOLDGRID_FUNCTION(scaled, (double x), { return 3 * x - 1; })
FOLDGRID_FUNCTOR(looked_up, (fg::view<const double> table;), (std::size_t i), { return table[table.size() - 1 - i]; })

const fg::executor& pool() {
  static const fg::executor three{{.where = fg::backend::threads, .workers = 3}};
  return three;
}
/// The software GPU, where the test runs with it.
const fg::executor& anywhere() {
  static const fg::executor one{{.where = std::getenv("FOLDGRID_CUDA_DRIVER") ? fg::backend::gpu : fg::backend::threads}};
  return one;
}

const std::vector<double>& numbers() {
  static const std::vector<double> xs = pool().map([](int i) { return 1.0 / (1 + i); }, fg::iota(1200));
  return xs;
}
Eigen::VectorXd vector() { return Eigen::Map<const Eigen::VectorXd>(numbers().data(), 1200); }

}  // namespace

TEST(interop_eigen, vectors_are_arrays) {
  const Eigen::VectorXd xs = vector();
  Eigen::VectorXd out(1200);
  fg::run_report report;
  anywhere().map_into({.report = &report}, out, scaled, xs);
  EXPECT_EQ(report.bytes_in, 1200 * sizeof(double));
  EXPECT_TRUE((out.array() == 3 * xs.array() - 1).all());
  EXPECT_EQ(anywhere().map(scaled, xs), pool().map(scaled, numbers()));
  EXPECT_EQ(anywhere().sum(xs), pool().sum(numbers()));
  EXPECT_EQ(anywhere().argmin(xs), 1199u);
  EXPECT_EQ(anywhere().to_device(xs).to_vector(), numbers());
  EXPECT_EQ(anywhere().map(looked_up{anywhere().share(xs)}, fg::iota(std::size_t{2})), (std::vector<double>{1.0 / 1200, 1.0 / 1199}));
  Eigen::VectorXd small(1199);
  EXPECT_THROW(anywhere().map_into(small, scaled, xs), std::invalid_argument);
}

TEST(interop_eigen, parts_of_vectors) {
  Eigen::VectorXd xs = vector();
  const std::span all(numbers());
  EXPECT_EQ(pool().sum(xs.segment(7, 1000)), pool().sum(all.subspan(7, 1000)));
  EXPECT_EQ(pool().sum(xs.head(9) + xs.tail(9)), pool().sum(pool().map(std::plus<>{}, all.first(9), all.last(9))));
  pool().map_into(xs.tail(2), scaled, xs.head(2));
  EXPECT_EQ(xs(1198), 2);
  const auto odd = Eigen::Map<const Eigen::VectorXd, 0, Eigen::InnerStride<>>(numbers().data() + 1, 600, Eigen::InnerStride<>(2));
  EXPECT_EQ(pool().sum(odd), pool().sum(pool().map([&](int i) { return all[static_cast<std::size_t>(2 * i + 1)]; }, fg::iota(600))));
}

TEST(interop_eigen, elements_of_a_temporary_part_stay) {
  Eigen::Array<std::string, Eigen::Dynamic, 1> words(3);
  words << "fold", "the", "grid";
  EXPECT_EQ(pool().map([](std::string word) { return word.size(); }, words.head(2)), (std::vector<std::size_t>{4, 3}));
  EXPECT_EQ(words(0), "fold");
}

TEST(interop_eigen, matrices) {
  Eigen::MatrixXd columns = Eigen::Map<const Eigen::MatrixXd>(numbers().data(), 30, 40);
  const row_major rows = columns;
  EXPECT_EQ(pool().sum(columns.reshaped()), pool().sum(numbers()));
  EXPECT_EQ(pool().sum(std::span(columns.data(), 1200)), pool().sum(numbers()));
  EXPECT_EQ(pool().sum(columns.row(3)), pool().sum(rows.row(3)));
  // the rows of one are the columns of the other
  const auto of_rows = pool().reduce_rows(std::plus<>{}, rows.reshaped<Eigen::RowMajor>(), rows.rows(), rows.cols());
  EXPECT_EQ(of_rows, pool().reduce_columns(std::plus<>{}, columns.reshaped(), columns.cols(), columns.rows()));
  EXPECT_EQ(of_rows[3], pool().sum(rows.row(3)));
  pool().map_into(columns.reshaped(), scaled, rows.transpose().reshaped());
  EXPECT_EQ(columns(1, 0), scaled(rows(0, 1)));
}

TEST(interop_eigen, small_vectors_as_elements) {
  const std::vector<Eigen::Vector3d> points = pool().map([](double x) { return Eigen::Vector3d(x, 2 * x, 1); }, numbers());
  const Eigen::Vector3d sum =
      pool().reduce([](const Eigen::Vector3d& a, const Eigen::Vector3d& b) -> Eigen::Vector3d { return a + b; }, points);
  EXPECT_EQ(sum(0), pool().sum(numbers()));
  EXPECT_EQ(sum(2), 1200);
}

}  // namespace eigen_test
