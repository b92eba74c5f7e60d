// SPDX-License-Identifier: MIT
// Data files, and their pictures drawn by gnuplot.
#pragma once

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

/// A text file written line by line.
class data_file {
 public:
  explicit data_file(const std::filesystem::path& path) : path_(path), file_(std::fopen(path.c_str(), "w")) {
    if (!file_) throw std::runtime_error("cannot write " + path_.string());
  }
  data_file(const data_file&) = delete;
  data_file& operator=(const data_file&) = delete;
  ~data_file() noexcept(false) {
    if (std::fclose(file_) != 0 && std::uncaught_exceptions() == 0) throw std::runtime_error("cannot write " + path_.string());
  }
  template <class... T>
  void line(const char* format, T... values) {
    if constexpr (sizeof...(T) == 0) {
      std::fputs(format, file_);
    } else {
      std::fprintf(file_, format, values...);
    }
  }

 private:
  std::filesystem::path path_;
  std::FILE* file_;
};

/// Draws a PNG file of width x height pixels by a gnuplot script, which finds the name of the data file in `data`.
/// Without gnuplot it says so, and where the data is.
inline void plot(const std::filesystem::path& png, const std::filesystem::path& data, const std::string& script, int width, int height) {
  const auto quoted = [](const std::filesystem::path& path) {
    std::string text = "'";
    for (const char c : path.string()) text.append(c == '\'' ? 2 : 1, c);
    return text + "'";
  };
  std::string all = "if (strstrt(GPVAL_TERMINALS, 'pngcairo')) set terminal pngcairo enhanced font ',13'";
  all += " size " + std::to_string(width) + "," + std::to_string(height);
  all += "; else set terminal png enhanced size " + std::to_string(width) + "," + std::to_string(height);
  all += "\nset output " + quoted(png) + "\ndata = " + quoted(data) + "\n" + script;

  const bool there = std::system("command -v gnuplot > /dev/null 2>&1") == 0;
  bool drawn = false;
  if (there) {
    const auto before = std::signal(SIGPIPE, SIG_IGN);  // a gnuplot that gives up early must not end the program
    if (std::FILE* gnuplot = popen("gnuplot", "w")) {
      std::fputs(all.c_str(), gnuplot);
      drawn = pclose(gnuplot) == 0;
    }
    std::signal(SIGPIPE, before);
  }
  if (drawn) {
    std::printf("# plot: %s, data: %s\n", png.c_str(), data.c_str());
  } else {
    std::printf("# no plot: gnuplot %s; data: %s\n", there ? "failed" : "is not installed", data.c_str());
  }
}
