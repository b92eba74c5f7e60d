// SPDX-License-Identifier: MIT
// What a checkpoint looks like inside, and every way in which it can be refused.
#include "study/checkpoint.hpp"

#include "study/crc32.hpp"

#include <foldgrid/detail/least.hpp>
#include <foldgrid/error.hpp>

#include <sqlite3.h>

#include <stdexcept>
#include <utility>

namespace foldgrid::detail {
namespace {

constexpr int application = 0x46474354;  // "FGCT"
constexpr int format = 2;

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& each : names) all.append(all.empty() ? "" : ", ").append(each);
  return all;
}

constexpr const char* words_for_digits[] = {"", "cpu", "gpu"};

/// What a row adds to the sum that is kept beside all of them: rows that are missing are noticed, and so are values at another place.
std::uint32_t check_of_chunk(long long id, std::size_t first, std::size_t count, const void* values, std::size_t bytes) noexcept {
  const std::uint64_t place[] = {static_cast<std::uint64_t>(id), first, count};
  return crc32(values, bytes, crc32(place, sizeof place));
}
std::uint32_t check_of_failure(std::size_t point, int code, const std::string& message) noexcept {
  const std::uint64_t head[] = {point, static_cast<std::uint64_t>(code)};
  return crc32(message.data(), message.size(), crc32(head, sizeof head));
}
std::uint32_t check_of_digits(digits from) noexcept {
  const auto value = static_cast<std::uint32_t>(from);
  return crc32(&value, sizeof value);
}

}  // namespace

/// A statement of SQL, whose parameters and columns are numbered as SQLite does it.
class checkpoint::statement {
 public:
  statement(checkpoint& of, const char* sql) : of_(of) {
    if (sqlite3_prepare_v2(of.file_, sql, -1, &made_, nullptr) != SQLITE_OK) of.fail("read");
  }
  statement(const statement&) = delete;
  statement& operator=(const statement&) = delete;
  ~statement() { sqlite3_finalize(made_); }

  void bind(int at, long long value) { sqlite3_bind_int64(made_, at, value); }
  void bind(int at, const std::string& value) { sqlite3_bind_text64(made_, at, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8); }
  void bind(int at, const void* bytes, std::size_t count) { sqlite3_bind_blob64(made_, at, bytes, count, SQLITE_STATIC); }
  bool step(const char* doing) {
    const int code = sqlite3_step(made_);
    if (code != SQLITE_ROW && code != SQLITE_DONE) of_.fail(doing);
    return code == SQLITE_ROW;
  }
  void again() { sqlite3_reset(made_); }
  long long number(int column) { return sqlite3_column_int64(made_, column); }
  std::size_t bytes(int column) { return static_cast<std::size_t>(sqlite3_column_bytes(made_, column)); }
  const void* blob(int column) { return sqlite3_column_blob(made_, column); }
  std::string text(int column) {
    const auto* const found = reinterpret_cast<const char*>(sqlite3_column_text(made_, column));
    return found ? std::string(found, bytes(column)) : std::string();
  }

 private:
  checkpoint& of_;
  sqlite3_stmt* made_ = nullptr;
};

void checkpoint::close() noexcept {
  sqlite3_close_v2(file_);
  file_ = nullptr;
}
checkpoint::~checkpoint() { close(); }

void checkpoint::fail(const std::string& doing) {
  const int code = sqlite3_errcode(file_);
  const std::string found = sqlite3_errmsg(file_);
  std::string what = "study: asked to " + doing + " checkpoint '" + path_ + "', found ";
  switch (code) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      what += "that another process or study is writing it; wait until that ends, or give another file";
      break;
    case SQLITE_NOTADB:
      what += "a file that is no checkpoint; give another name";
      break;
    case SQLITE_CORRUPT:
    case SQLITE_ERROR:  // what was asked is right: its tables are not
      what += "a damaged file (" + found + "); restore a copy, or remove it to begin anew";
      break;
    case SQLITE_FULL:
      what += "the disk full; what was saved before is whole: make room and run again";
      break;
    case SQLITE_READONLY:
      what += "that it, or its folder, is read-only; allow writing to both, or give another place";
      break;
    case SQLITE_CANTOPEN:
      what += "that it cannot be opened or made there; give a folder that exists and may be written to";
      break;
    case SQLITE_IOERR:
      what += "trouble with the disk (" + found + "); what was saved before is whole: look for room and permissions, and run again";
      break;
    default:
      what += "SQLite's error " + std::to_string(code) + " (" + found + ")";
  }
  throw error(what);
}

void checkpoint::run(const char* sql, const std::string& doing) {
  if (sqlite3_exec(file_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(doing);
}

long long checkpoint::number(const char* sql) {
  statement asked(*this, sql);
  return asked.step("read") ? asked.number(0) : 0;
}

checkpoint::checkpoint(std::string path, const checkpoint_key& key)
    : path_(std::move(path)), columns_(key.results.size()), points_(key.points) {
  try {
    if (sqlite3_open_v2(path_.c_str(), &file_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr) != SQLITE_OK) fail("open");
    if (sqlite3_db_readonly(file_, "main") == 1)
      throw error("study: asked to open checkpoint '" + path_ + "', found that the file is read-only; allow writing to it, or copy it");
    sqlite3_extended_result_codes(file_, 0);
    // held until the file is closed, and no -wal or -shm files, which network file systems cannot share
    run("PRAGMA locking_mode = EXCLUSIVE", "open");
    run("BEGIN EXCLUSIVE", "open");
    if (number("SELECT count(*) FROM sqlite_schema") == 0 && number("PRAGMA application_id") == 0) {
      create(key);
    } else {
      check_key(key);
    }
    run("COMMIT", "write");
  } catch (...) {
    close();
    throw;
  }
}

void checkpoint::create(const checkpoint_key& key) {
  run(("PRAGMA application_id = " + std::to_string(application) + "; PRAGMA user_version = " + std::to_string(format)).c_str(), "write");
  run("CREATE TABLE study (name TEXT, axes TEXT, function TEXT, tag TEXT, results TEXT, points INTEGER, digits TEXT, checks INTEGER);"
      "CREATE TABLE chunks (id INTEGER PRIMARY KEY, first INTEGER, points INTEGER, crc INTEGER, result_values BLOB);"
      "CREATE TABLE failures (point INTEGER PRIMARY KEY, code INTEGER, message TEXT)",
      "write");
  statement row(*this, "INSERT INTO study VALUES (?, ?, ?, ?, ?, ?, '', ?)");
  row.bind(1, key.study);
  row.bind(2, key.axes);
  row.bind(3, key.function);
  row.bind(4, key.tag);
  row.bind(5, joined(key.results));
  row.bind(6, static_cast<long long>(key.points));
  row.bind(7, static_cast<long long>(check_of_digits(digits_)));
  row.step("write");
}

void checkpoint::check_key(const checkpoint_key& key) {
  if (number("PRAGMA application_id") != application)
    throw error("study: asked to open checkpoint '" + path_ + "', found a database of another program; give another name");
  if (const long long found = number("PRAGMA user_version"); found != format) {
    const std::string other = found > format ? "newer" : "older";
    throw error("study: asked to open checkpoint '" + path_ + "', found format " + std::to_string(found) + " of " +
                (found > format ? "a " : "an ") + other + " foldgrid, where this one knows " + std::to_string(format) + "; use the " +
                other + " one, or give another file");
  }
  statement row(*this, "SELECT name, axes, function, tag, results, points, digits FROM study");
  if (!row.step("read")) throw error("study: asked to open checkpoint '" + path_ + "', found no study in it; remove it to begin anew");
  const auto differs = [&](const char* what, const std::string& asked, const std::string& found) {
    if (asked == found) return;
    throw std::invalid_argument("study: asked to go on with checkpoint '" + path_ + "' for " + what + " '" + asked +
                                "', found that it is of '" + found + "'; give another file, or the same " + what + " as then");
  };
  differs("study", key.study, row.text(0));
  differs("function", key.function, row.text(2));
  differs("tag", key.tag, row.text(3));
  differs("results", joined(key.results), row.text(4));
  if (key.axes != row.text(1) || static_cast<long long>(key.points) != row.number(5))
    throw std::invalid_argument("study: asked to go on with checkpoint '" + path_ + "' with " + std::to_string(key.points) +
                                " points, found that it is of other axes (" + std::to_string(row.number(5)) +
                                " points); give another file, or the names, values and filters of then");
  const std::string from = row.text(6);
  digits_ = from == words_for_digits[1] ? digits::cpu : from == words_for_digits[2] ? digits::gpu : digits::anywhere;
}

void checkpoint::load(const std::function<void(std::size_t, std::size_t, const double*)>& take,
                      const std::function<void(std::size_t, int, const std::string&)>& fail) {
  checks_ = 0;
  statement chunks(*this, "SELECT first, points, crc, result_values, id FROM chunks ORDER BY id");
  std::vector<double> values;
  while (chunks.step("read")) {
    const auto first = static_cast<std::size_t>(chunks.number(0)), count = static_cast<std::size_t>(chunks.number(1));
    const std::size_t bytes = count * columns_ * sizeof(double);
    if (first > points_ || count == 0 || count > points_ - first || chunks.bytes(3) != bytes ||
        check_of_chunk(chunks.number(4), first, count, chunks.blob(3), bytes) != static_cast<std::uint32_t>(chunks.number(2)))
      throw error("study: asked to read checkpoint '" + path_ + "', found points " + std::to_string(first) + " to " +
                  std::to_string(first + count) + " damaged; restore a copy, or remove it to begin anew");
    values.resize(count * columns_);
    __builtin_memcpy(values.data(), chunks.blob(3), bytes);
    checks_ += static_cast<std::uint32_t>(chunks.number(2));
    take(first, count, values.data());
  }
  bool whole = true;
  std::vector<std::pair<std::size_t, point_failure>> failed;
  statement failures(*this, "SELECT point, code, message FROM failures ORDER BY point");
  while (failures.step("read")) {
    const auto point = static_cast<std::size_t>(failures.number(0));
    whole = whole && point < points_;
    failed.push_back({point, {point, {}, failures.text(2), static_cast<int>(failures.number(1))}});
    checks_ += check_of_failure(point, failed.back().second.code, failed.back().second.message);
  }
  if (!whole || checks_ + check_of_digits(digits_) != static_cast<std::uint64_t>(number("SELECT checks FROM study")))
    throw error("study: asked to read checkpoint '" + path_ +
                "', found that parts of it are missing or damaged; restore a copy, or remove it to begin anew");
  for (const auto& [point, what] : failed) fail(point, what.code, what.message);
}

void checkpoint::save(const std::map<std::size_t, std::size_t>& ranges, const std::vector<double>& values,
                      const std::map<std::size_t, point_failure>& failures, digits from) {
  run("BEGIN EXCLUSIVE", "write");
  try {
    std::uint64_t checks = checks_;
    long long id = number("SELECT max(id) FROM chunks");
    statement chunk(*this, "INSERT INTO chunks (first, points, crc, result_values, id) VALUES (?, ?, ?, ?, ?)");
    statement before(*this, "SELECT point, code, message FROM failures WHERE point >= ? AND point < ?");
    statement failure(*this, "INSERT INTO failures VALUES (?, ?, ?)");
    statement forget(*this, "DELETE FROM failures WHERE point >= ? AND point < ?");
    for (const auto& [first, end] : ranges) {
      // SQLite holds no more than 10^9 bytes in one place
      const std::size_t most = (std::size_t{1} << 26) / columns_ + 1;
      for (std::size_t begin = first; begin < end; begin += most) {
        const std::size_t count = least(most, end - begin), bytes = count * columns_ * sizeof(double);
        const double* const data = values.data() + begin * columns_;
        chunk.bind(1, static_cast<long long>(begin));
        chunk.bind(2, static_cast<long long>(count));
        const std::uint32_t check = check_of_chunk(++id, begin, count, data, bytes);
        checks += check;
        chunk.bind(3, static_cast<long long>(check));
        chunk.bind(4, data, bytes);
        chunk.bind(5, id);
        chunk.step("write");
        chunk.again();
      }
      before.bind(1, static_cast<long long>(first));
      before.bind(2, static_cast<long long>(end));
      while (before.step("read"))
        checks -= check_of_failure(static_cast<std::size_t>(before.number(0)), static_cast<int>(before.number(1)), before.text(2));
      before.again();
      forget.bind(1, static_cast<long long>(first));
      forget.bind(2, static_cast<long long>(end));
      forget.step("write");
      forget.again();
      for (auto at = failures.lower_bound(first); at != failures.end() && at->first < end; ++at) {
        failure.bind(1, static_cast<long long>(at->first));
        failure.bind(2, at->second.code);
        failure.bind(3, at->second.message);
        checks += check_of_failure(at->first, at->second.code, at->second.message);
        failure.step("write");
        failure.again();
      }
    }
    statement note(*this, "UPDATE study SET digits = ?, checks = ?");
    note.bind(1, std::string(words_for_digits[static_cast<int>(from)]));
    note.bind(2, static_cast<long long>(checks + check_of_digits(from)));
    note.step("write");
    run("COMMIT", "write");
    digits_ = from;
    checks_ = checks;
  } catch (...) {
    sqlite3_exec(file_, "ROLLBACK", nullptr, nullptr, nullptr);
    throw;
  }
}

}  // namespace foldgrid::detail
