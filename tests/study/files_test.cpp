// SPDX-License-Identifier: MIT
// A table's files: what another program reads in them is what the table holds. NumPy reads them in the test study_numpy.
#include "bits.hpp"

#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>

namespace fg = foldgrid;

namespace {

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}
bool is_png(const std::string& path) { return content(path).starts_with("\x89PNG\r\n"); }

const fg::executor& pool() {
  static const fg::executor made;
  return made;
}

TEST(study_files, csv_has_names_quotes_and_errors) {
  const temporary_folder at;
  fg::study study("csv");
  study.axis("a, b", {0.1, 1e300}).axis("say \"it\"", {"plain", "with, comma", "two\nlines"});
  const fg::table table = study.run(
      pool(), [](double x, double y) { return y == 1 ? throw std::runtime_error("bad \"luck\", really") : x / (y - 2) * (y != 2); });
  table.write_csv(at / "t.csv");
  EXPECT_EQ(content(at / "t.csv"),
            "\"a, b\",\"say \"\"it\"\"\",result,error\n"
            "0.1,plain,-0.05,\n"
            "0.1,\"with, comma\",nan,\"bad \"\"luck\"\", really\"\n"
            "0.1,\"two\nlines\",nan,\n"
            "1e+300,plain,-5e+299,\n"
            "1e+300,\"with, comma\",nan,\"bad \"\"luck\"\", really\"\n"
            "1e+300,\"two\nlines\",nan,\n");
}

TEST(study_files, csv_gives_every_number_back) {
  const temporary_folder at;
  fg::study study("digits");
  study.axis("x", fg::linspace(-1, 1, 2001));
  const fg::table table = study.run(pool(), [](double x) { return std::pair(x / 3, std::exp(300 * x)); });
  table.write_csv(at / "t.csv");
  std::ifstream file(at / "t.csv");
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, "x,result1,result2");
  for (std::size_t row = 0; row < table.rows(); ++row) {
    std::getline(file, line);
    std::istringstream fields(line);
    for (std::size_t k = 0; k < 3; ++k) {
      std::string field;
      std::getline(fields, field, ',');
      EXPECT_EQ(std::strtod(field.c_str(), nullptr), table.at(row, k));
    }
  }
}

TEST(study_files, trouble_is_told_and_the_old_file_stays) {
  const temporary_folder at;
  fg::study study("trouble");
  study.axis("x", {1, 2});
  const fg::table table = study.run(pool(), [](double x) { return x; });
  EXPECT_EQ(thrown<fg::error>([&] { table.write_csv(at / "no/t.csv"); }),
            "table: asked to write '" + (at / "no/t.csv") +
                "', found: No such file or directory; give a folder that exists and has room, and may be written to");
  EXPECT_NE(thrown<fg::error>([&] { table.write_npy("/dev/full/t.npy"); }), "");
  EXPECT_EQ(thrown<std::invalid_argument>([&] { table.column("y"); }),
            "table: asked for column 'y', found columns x, result; give one of these");
  EXPECT_THROW(table.at(2, 0), std::out_of_range);
  EXPECT_EQ(thrown<std::invalid_argument>([&] { table.plot(at / "t.jpg"); }),
            "table: asked to draw '" + (at / "t.jpg") + "'; give a name that ends in .png or .svg");
  EXPECT_NE(thrown<std::invalid_argument>([&] { table.plot(at / "t.png", {.kind = fg::plot_kind::surface}); }), "");
  EXPECT_NE(thrown<std::invalid_argument>([&] { table.plot(at / "t.png", {.x = "y"}); }), "");
}

TEST(study_files, gnuplot_draws_every_kind) {
  const temporary_folder at;
  fg::study study("it's a \"study\"");
  study.axis("x", fg::linspace(-2, 2, 21)).axis("y_1", fg::logspace(-1, 1, 9));
  const fg::table table = study.run(pool(), [](double x, double y) { return x == 0 ? NAN : std::exp(-x * x) * y; });
  table.plot(at / "it's.png");
  EXPECT_TRUE(is_png(at / "it's.png"));
  EXPECT_TRUE(std::filesystem::exists(at / "it's.gp"));
  for (const auto kind : {fg::plot_kind::line, fg::plot_kind::scatter, fg::plot_kind::heat_map, fg::plot_kind::surface}) {
    const std::string path = at / ("kind" + std::to_string(static_cast<int>(kind)) + ".png");
    table.plot(path, {.kind = kind});
    EXPECT_TRUE(is_png(path));
  }
  table.plot(at / "t.svg", {.title = "a 'title'"});
  EXPECT_NE(content(at / "t.svg").find("</svg>"), std::string::npos);
  EXPECT_NE(thrown<fg::error>([&] { table.plot(at / "bad.png", {.more = "no such command"}); }).find("found that gnuplot failed on"),
            std::string::npos);
}

TEST(study_files, one_axis_and_words_are_drawn_too) {
  const temporary_folder at;
  fg::study line("line");
  line.axis("x", fg::linspace(0, 6.28, 100));
  line.run(pool(), [](double x) { return std::sin(x); }).plot(at / "line.png");
  EXPECT_TRUE(is_png(at / "line.png"));
  fg::study words("words");
  words.axis("method", {"euler", "heun", "it's mine"}).axis("step", fg::logspace(-3, -1, 5));
  const fg::table table = words.run(pool(), [](double method, double step) { return (method + 1) * step; });
  table.plot(at / "words.png");
  EXPECT_TRUE(is_png(at / "words.png"));
  table.plot(at / "lines.png", {.kind = fg::plot_kind::line, .x = "step"});
  EXPECT_TRUE(is_png(at / "lines.png"));
}

}  // namespace
