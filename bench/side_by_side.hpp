// SPDX-License-Identifier: MIT
// One row of the table: several ways to do the same work, checked, measured in turns in one run, reported by Google Benchmark.
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/// What a way is to the row: ours, one of the rivals of which the best counts, or a limit of the machine.
enum class role { ours, rival, limit };

struct way {
  std::string name;
  role plays;
  std::function<bool()> right;              // runs once and tells whether the result is right
  std::function<void(std::size_t)> repeat;  // runs that many times
  double share;                             // what its time is multiplied by before it is compared
};

/// What a row is called and what it must reach. Ratios are a rival's time over ours.
struct row_facts {
  std::string work;            // "reduce/sum/f64"
  std::string size;            // "2^26"
  double bytes = 0;            // read and written by one run; 0 where that says nothing
  double array_bytes = 0;      // of the largest array
  double rival_bar = 1;        // against the best rival; 0 for none
  double limit_bar = 0;        // against the best limit; 0 for none
  double allowed_seconds = 0;  // or this much more time than the rival's, if that is more
  bool quick = false;          // part of a quick run
};

struct row {
  row_facts facts;
  std::vector<way> ways;  // ours first
  std::function<void()> release;
};

/// Registers one benchmark per way. The row is measured when the first of them runs.
void register_row(row made);

/// How rows are measured; set before the first one runs.
struct settings {
  std::size_t repeats = 25;
  bool quick = false;
  std::size_t workers = 0;  // threads of every way that has more than one
};
settings& setting();

/// Collects the ways of a row that work on one Setting (its arrays and the expected result), which exists only while the
/// row is measured. `run(const Setting&)` gives a result that `Setting::right(result, role)` judges.
template <class Setting>
class comparison {
 public:
  template <class Make>
  comparison(row_facts facts, Make make) : made_(std::make_shared<lazy>(make)) {
    row_.facts = std::move(facts);
    row_.release = [made = made_] { made->value.reset(); };
  }

  template <class Run>
  comparison& add(role plays, std::string name, Run run, double share = 1) {
    const auto right = [made = made_, run, plays] {
      const Setting& here = made->get();
      return here.right(run(here), plays);
    };
    const auto repeat = [made = made_, run](std::size_t times) {
      const Setting& here = made->get();
      for (; times > 0; --times) {
        auto result = run(here);
        benchmark::DoNotOptimize(result);
        benchmark::ClobberMemory();
      }
    };
    row_.ways.push_back({std::move(name), plays, right, repeat, share});
    return *this;
  }

  void registered() { register_row(std::move(row_)); }

 private:
  struct lazy {
    explicit lazy(std::function<Setting()> make) : make(std::move(make)) {}
    const Setting& get() {
      if (!value) value = std::make_unique<Setting>(make());
      return *value;
    }
    std::function<Setting()> make;
    std::unique_ptr<Setting> value;
  };

  std::shared_ptr<lazy> made_;
  row row_;
};

}  // namespace bench
