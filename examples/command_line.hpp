// SPDX-License-Identifier: MIT
// The examples' command lines: options with a value, a usage text, and what their errors give as exit status.
#pragma once

#include <foldgrid/options.hpp>
#include <foldgrid/report.hpp>

#include <charconv>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <stdexcept>
#include <string>

/// The options of a command line, `--name value` or `--name=value`. What is wrong with them is std::invalid_argument.
class command_line {
 public:
  command_line(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
      const std::string word = argv[i];
      if (word == "--help" || word == "-h") {
        help_ = true;
      } else if (word.starts_with("--")) {
        const std::size_t equals = word.find('=');
        if (equals == word.npos && i + 1 == argc) throw std::invalid_argument(word + ": give a value after it");
        values_[word.substr(0, equals)] = equals == word.npos ? argv[++i] : word.substr(equals + 1);
      } else {
        throw std::invalid_argument(word + ": not an option");
      }
    }
  }

  bool help() const { return help_; }

  /// The whole number given for `name`.
  long long integer(const std::string& name, long long otherwise, long long low, long long high) {
    return number(name, otherwise, low, high, "a whole number");
  }
  /// The number given for `name`.
  double real(const std::string& name, double otherwise, double low, double high) { return number(name, otherwise, low, high, "a number"); }
  /// Which of the words was given for `name`; the first, 0, when none was.
  int one_of(const std::string& name, std::initializer_list<const char*> words) {
    const std::string word = take(name, *words.begin());
    int i = 0;
    std::string all;
    for (const char* each : words) {
      if (word == each) return i;
      all.append(i++ == 0 ? "" : ", ").append(each);
    }
    throw std::invalid_argument(name + ": found '" + word + "'; give one of " + all);
  }
  /// The folder given for `name`, the current one when none was; made when it is not there.
  std::filesystem::path folder(const std::string& name) {
    const std::filesystem::path path = take(name, ".");
    std::error_code trouble;
    std::filesystem::create_directories(path, trouble);
    if (!std::filesystem::is_directory(path, trouble))
      throw std::invalid_argument(name + ": '" + path.string() + "' is no folder and cannot be made one");
    return path;
  }
  /// Where the work is to be done: the options --backend and --workers.
  foldgrid::executor_options executor() {
    const int where = one_of("--backend", {"automatic", "serial", "threads", "gpu"});
    return {.where = static_cast<foldgrid::backend>(where), .workers = integer("--workers", 0, 0, 65'536)};
  }
  /// Refuses options that nobody asked for.
  void finish() const {
    if (!values_.empty()) throw std::invalid_argument(values_.begin()->first + ": no such option");
  }

 private:
  std::string take(const std::string& name, const std::string& otherwise) {
    const auto node = values_.extract(name);
    return node ? node.mapped() : otherwise;
  }
  template <class Number>
  Number number(const std::string& name, Number otherwise, Number low, Number high, const char* kind) {
    if (!values_.contains(name)) return otherwise;
    const std::string text = take(name, "");
    Number value{};
    const auto [end, trouble] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (trouble != std::errc{} || end != text.data() + text.size() || !(value >= low && value <= high)) {
      char range[80];
      std::snprintf(range, sizeof range, "%.10g to %.10g", static_cast<double>(low), static_cast<double>(high));
      throw std::invalid_argument(name + ": found '" + text + "'; give " + kind + " from " + range);
    }
    return value;
  }

  std::map<std::string, std::string> values_;
  bool help_ = false;
};

/// The usage of --backend and --workers, for the text of an example.
#define USAGE_OF_EXECUTOR                                              \
  "  --backend NAME   automatic, serial, threads or gpu (automatic)\n" \
  "  --workers N      threads; 0 for one per core (0)\n"

/// For functions that only the CPU runs, those over strings and other lists: the same, with threads in place of a GPU.
inline foldgrid::executor_options on_cpu(foldgrid::executor_options options) {
  if (options.where == foldgrid::backend::gpu) options.where = foldgrid::backend::threads;
  return options;
}

/// A line that differs from run to run: where it ran.
inline void print_where(const foldgrid::run_report& report) {
  std::printf("# ran on %s, %s (%s)\n", foldgrid::to_string(report.where), report.device.c_str(), report.reason.c_str());
}
/// Lines that differ from run to run: where a call ran, and how fast. `elements` is what its elements are called.
inline void print_run(const foldgrid::run_report& report, const char* elements) {
  print_where(report);
  std::printf("# %.3g s, %.3g %s/s\n", report.seconds, static_cast<double>(report.elements) / report.seconds, elements);
}

/// Runs an example and gives its exit status: 2 with a message for a wrong option, 1 for any other error.
template <class Example>
int run_example(const char* name, const char* usage, int argc, char** argv, Example example) {
  try {
    command_line arguments(argc, argv);
    if (!arguments.help()) return example(arguments);
    std::fputs(usage, stdout);
    return 0;
  } catch (const std::invalid_argument& wrong) {
    std::fprintf(stderr, "%s: %s\n%s", name, wrong.what(), usage);
    return 2;
  } catch (const std::exception& trouble) {
    std::fprintf(stderr, "%s: %s\n", name, trouble.what());
    return 1;
  }
}
