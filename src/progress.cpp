// SPDX-License-Identifier: MIT
// Drawing the progress bar.
#include <foldgrid/progress.hpp>

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <mutex>
#include <string>

namespace foldgrid::detail {
namespace {

using clock = std::chrono::steady_clock;

constexpr double draw_interval = 0.1;

/// "07:05", or "1:07:05" from an hour up; "?" for what is not known.
std::string clock_text(double seconds) {
  if (!(seconds < 360000)) return "?";
  const auto s = static_cast<long>(seconds);
  char text[32];
  if (s >= 3600) {
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
  } else {
    std::snprintf(text, sizeof text, "%02ld:%02ld", s / 60, s % 60);
  }
  return text;
}

/// "36.2/s", "1.3k/s", "2.0M/s"; below one a second, seconds each.
std::string rate_text(double rate) {
  char text[32];
  if (!(rate > 0)) return "?/s";
  if (rate < 1) {
    std::snprintf(text, sizeof text, "%.3gs each", 1 / rate);
  } else if (rate < 1e4) {
    std::snprintf(text, sizeof text, "%.3g/s", rate);
  } else if (rate < 1e7) {
    std::snprintf(text, sizeof text, "%.4gk/s", rate / 1e3);
  } else {
    std::snprintf(text, sizeof text, "%.4gM/s", rate / 1e6);
  }
  return text;
}

int terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

struct progress_display::state {
  std::string label;
  bool terminal = isatty(STDERR_FILENO) == 1;
  std::mutex mutex;
  clock::time_point started = clock::now(), drawn = started - std::chrono::hours(1);
  std::size_t done = 0, total = 0;
  bool open = false;  // something was told since the last line ended

  void tell(std::size_t now_done, std::size_t now_total) {
    if (!open || now_done < done) started = open ? clock::now() : started;
    open = true;
    done = now_done;
    total = now_total;
  }

  std::string text(int width) const {
    const double elapsed = std::chrono::duration<double>(clock::now() - started).count();
    const double rate = elapsed > 0 ? static_cast<double>(done) / elapsed : 0;
    std::string line = label;
    if (!label.empty()) line += ": ";
    std::string counts = std::to_string(done);
    if (total == 0) return line.append(counts).append(" [").append(clock_text(elapsed)).append(", ").append(rate_text(rate)).append("]");
    const double fraction = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
    const double left = rate > 0 ? static_cast<double>(total - std::min(done, total)) / rate : INFINITY;
    counts.append("/").append(std::to_string(total)).append(" [").append(clock_text(elapsed)).append("<").append(clock_text(left));
    counts.append(", ").append(rate_text(rate)).append("]");
    char percent[16];
    std::snprintf(percent, sizeof percent, "%3d%%", static_cast<int>(fraction * 100));
    line += percent;
    const int room = width - static_cast<int>(line.size() + counts.size()) - 4;
    if (room >= 4) {
      const int cells = std::min(room, 40), full = static_cast<int>(fraction * cells);
      line.append("|").append(static_cast<std::size_t>(full), '#').append(static_cast<std::size_t>(cells - full), ' ').append("|");
    }
    return line.append(" ").append(counts);
  }

  void draw() {
    drawn = clock::now();
    std::fprintf(stderr, "\r%s\x1b[K", text(terminal_width()).c_str());
    std::fflush(stderr);
  }

  void end_line() {
    if (!open) return;
    if (terminal) {
      draw();
      std::fputc('\n', stderr);
    } else {
      std::fprintf(stderr, "%s\n", text(80).c_str());
    }
    open = false;
    started = clock::now();
  }
};

progress_display::progress_display(std::string label) : state_(std::make_unique<state>()) { state_->label = std::move(label); }

std::shared_ptr<progress_display> progress_display::make(std::string label) { return std::make_shared<progress_display>(std::move(label)); }

progress_display::~progress_display() { state_->end_line(); }

std::size_t progress_display::update(std::size_t done, std::size_t total) {
  const std::lock_guard lock(state_->mutex);
  state_->tell(done, total);
  const auto now = clock::now();
  if (state_->terminal && std::chrono::duration<double>(now - state_->drawn).count() >= draw_interval) state_->draw();
  const double elapsed = std::chrono::duration<double>(now - state_->started).count();
  const double rate = elapsed > 0 ? static_cast<double>(done) / elapsed : 0;
  return done + 1 + std::min(done, static_cast<std::size_t>(std::min(rate * draw_interval / 4, 1e9)));
}

void progress_display::close(std::size_t done, std::size_t total) {
  const std::lock_guard lock(state_->mutex);
  state_->tell(done, total);
  state_->end_line();
}

}  // namespace foldgrid::detail
