// SPDX-License-Identifier: MIT
// foldgrid_gpu_check: whether a GPU gives the bits it must, and how fast.
#include "../text.hpp"
#include "child.hpp"
#include "session.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <exception>
#include <random>
#include <string_view>

namespace {

using namespace gpu_check;

constexpr const char* help =
    "foldgrid_gpu_check: whether a GPU gives the bits it must, and how fast\n"
    "  --only LIST   sections to run, of bits,floats,neighbours,launches,jit,bench,columns (all)\n"
    "  --quick       small sizes, timings run once: for tools that slow a program down\n"
    "  --seed N      of all random data (chosen and printed)\n"
    "  --out DIR     writes DIR/gpu-<device>-<date>.json and .txt\n"
    "  --strict      a timing row below what it must reach is a failure\n"
    "  --device      prints the device's name and ends\n"
    "  --help        this text\n"
    "Exit status: 0 well; 1 something differs; 2 a wrong option; 3 a row is below what it must reach (--strict); 4 no GPU.\n"
    "The stand-in of the tests is found by FOLDGRID_CUDA_DRIVER and FOLDGRID_NVRTC; what is timed there is no measurement.\n";

enum exit_status { well, differs, wrong_option, below, no_device };

struct section {
  const char* name;
  void (*run)(session&);
};
constexpr section sections[] = {{"bits", check_bits},         {"floats", check_floats}, {"neighbours", check_neighbours},
                                {"launches", check_launches}, {"jit", check_jit},       {"bench", measure_rows},
                                {"columns", measure_columns}};

struct options {
  std::vector<std::string> only;
  bool quick = false, strict = false, device = false, plant = false;
  std::uint64_t seed = 0;
  std::string out, child;
  std::string command = "foldgrid_gpu_check";
};

[[noreturn]] void refuse(const std::string& why) {
  std::fprintf(stderr, "foldgrid_gpu_check: %s; see --help\n", why.c_str());
  std::exit(wrong_option);
}

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    const std::string name(list.substr(at, end - at));
    if (std::none_of(std::begin(sections), std::end(sections), [&](const section& each) { return name == each.name; }))
      refuse("there is no section " + json_text(name));
    names.push_back(name);
    at = end + 1;
  }
  return names;
}

std::uint64_t seed_from(const char* text) {
  char* end = nullptr;
  const std::uint64_t seed = std::strtoull(text, &end, 0);
  if (seed == 0 || *end != '\0') refuse(std::string(text) + " is no seed: a number other than 0 is wanted");
  return seed;
}

options parse(int argc, char** argv) {
  options asked;
  for (int k = 1; k < argc; ++k) {
    const std::string_view argument = argv[k];
    if (argument != "--out") asked.command.append(" ").append(argument);  // results name no folder
    const auto value = [&] {
      if (k + 1 == argc) refuse(std::string(argument) + " wants a value");
      if (argument != "--out") asked.command.append(" ").append(argv[k + 1]);
      return argv[++k];
    };
    if (argument == "--help") {
      std::fputs(help, stdout);
      std::exit(well);
    } else if (argument == "--out") {
      asked.out = value();
    } else if (argument == "--only") {
      asked.only = split(value());
    } else if (argument == "--seed") {
      asked.seed = seed_from(value());
    } else if (argument == "--child") {  // of the section jit
      asked.child = value();
    } else if (argument == "--quick") {
      asked.quick = true;
    } else if (argument == "--strict") {
      asked.strict = true;
    } else if (argument == "--device") {
      asked.device = true;
    } else if (argument == "--plant-difference") {  // for the test of this program: see check.hpp
      asked.plant = true;
    } else {
      refuse("unknown option " + std::string(argument));
    }
  }
  while (asked.seed == 0) asked.seed = std::random_device{}();
  return asked;
}

std::string device_name(const fg::executor& gpu) {
  fg::run_report report;
  static_cast<void>(gpu.sum({.report = &report}, std::vector<double>{1, 2}));
  return report.device;
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  char text[16];
  std::strftime(text, sizeof text, "%F", std::localtime(&now));
  return text;
}

std::string file_name(const std::string& device) {
  std::string name = "gpu-";
  for (const char c : device)
    name += std::isalnum(static_cast<unsigned char>(c)) ? static_cast<char>(std::tolower(static_cast<unsigned char>(c))) : '-';
  return name + '-' + today();
}

int run(const options& asked) {
  session with(asked.plant);
  with.device = device_name(with.gpu);
  with.stand_in = with.device == "software GPU";
  with.quick = asked.quick;
  with.seed = asked.seed;
  if (asked.device) {
    std::printf("%s\n", with.device.c_str());
    return well;
  }
  fg::run_report cpu;
  static_cast<void>(with.cpu.sum({.report = &cpu}, std::vector<double>{1, 2}));
  with.out.say("device   %s%s", with.device.c_str(),
               with.stand_in ? ": the stand-in of the tests; small sizes, and no time is a measurement" : "");
  with.out.say("host     %s, %s", bench::processor().c_str(), cpu.device.c_str());
  with.out.say("command  %s\nseed     %llu", asked.command.c_str(), static_cast<unsigned long long>(with.seed));

  std::size_t different = 0;
  for (const section& each : sections) {
    if (!asked.only.empty() && std::find(asked.only.begin(), asked.only.end(), each.name) == asked.only.end()) continue;
    with.check.begin_section();
    const double start = with.out.seconds();
    with.out.say("\n== %s", each.name);
    bool failed = false;
    try {
      each.run(with);
    } catch (const std::exception& e) {
      failed = true;
      with.out.say("FAILED  %s: %s", each.name, e.what());
    }
    different += with.check.different() + failed;
    with.out.keep("sections", record()
                                  .add("name", std::string_view(each.name))
                                  .add("comparisons", with.check.compared())
                                  .add("different", with.check.different())
                                  .add("failed", failed)
                                  .add("seconds", with.out.seconds() - start));
    with.out.say("-- %s: %zu comparisons, %zu different, %.1f s%s", each.name, with.check.compared(), with.check.different(),
                 with.out.seconds() - start, failed ? ", FAILED" : "");
  }
  with.out.say("\n%s: %zu different or failed, %zu timing rows below what they must reach, %.0f s",
               different == 0 ? "all bits equal" : "NOT EQUAL", different, with.rows_below, with.out.seconds());
  if (!asked.out.empty()) {
    record context;
    context.add("device", with.device).add("host", bench::processor()).add("cpu", cpu.device).add("date", today());
    context.add("command", asked.command).add("seed", with.seed).add("measurement", !with.stand_in && !with.quick);
    with.out.write(asked.out, file_name(with.device), context);
    std::printf("results: %s/%s.json, .txt\n", asked.out.c_str(), file_name(with.device).c_str());
  }
  return different != 0 ? differs : asked.strict && with.rows_below != 0 ? below : well;
}

}  // namespace

int main(int argc, char** argv) {
  const options asked = parse(argc, argv);
  try {
    if (asked.child == "first-call") return time_first_call();
    if (asked.child == "placement") return tell_placement();
    return run(asked);
  } catch (const fg::backend_unavailable& e) {
    std::fprintf(stderr, "foldgrid_gpu_check: %s\n", e.what());
    return no_device;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "foldgrid_gpu_check: %s\n", e.what());
    return differs;
  }
}
