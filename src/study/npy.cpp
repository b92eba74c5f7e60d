// SPDX-License-Identifier: MIT
// A table for NumPy: one array of records, or an archive of arrays. Formats: NumPy Enhancement Proposal 1 (.npy, version 1.0 and 2.0), and
// the .ZIP File Format Specification of PKWARE (APPNOTE), of which NumPy's archives use files that are stored as they are.
#include "study/crc32.hpp"
#include "study/output_file.hpp"

#include <foldgrid/detail/least.hpp>
#include <foldgrid/detail/study_points.hpp>
#include <foldgrid/error.hpp>
#include <foldgrid/study/table.hpp>

#include <bit>
#include <cstdint>
#include <functional>

namespace foldgrid {
namespace {

static_assert(std::endian::native == std::endian::little,
              "foldgrid: files for NumPy are written with the bytes of a little-endian processor");

template <class T>
void append(std::string& to, T value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Text as a literal of Python.
std::string literal(const std::string& text) {
  std::string made = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') made += '\\';
    made.append(c == '\n' ? "\\n" : std::string(1, c));
  }
  return made + "'";
}

std::string header(const std::string& type, const std::vector<std::size_t>& shape) {
  std::string text = "{'descr': " + type + ", 'fortran_order': False, 'shape': (";
  for (const std::size_t extent : shape) text += std::to_string(extent) + ", ";
  text += "), }";
  bool ascii = true;
  for (const char c : text) ascii = ascii && static_cast<unsigned char>(c) < 128;
  const std::size_t version = !ascii ? 3 : text.size() < 65000 ? 1 : 2, before = version == 1 ? 10 : 12;
  text.append(63 - (before + text.size()) % 64, ' ');  // the data begin at a multiple of 64
  text += '\n';
  std::string all("\x93NUMPY");
  all += static_cast<char>(version);
  all += '\0';
  if (version == 1) {
    append(all, static_cast<std::uint16_t>(text.size()));
  } else {
    append(all, static_cast<std::uint32_t>(text.size()));
  }
  return all + text;
}

std::size_t longest(const std::vector<std::string>& words) {
  std::size_t found = 1;
  for (const std::string& word : words) found = detail::most(found, word.size());
  return found;
}
std::string type_of(const std::vector<std::string>& words) {
  return words.empty() ? "'<f8'" : std::string("'|S").append(std::to_string(longest(words))).append("'");
}
/// A value as the array has it: a number, or the word at that position, filled up with zeros.
void append_value(std::string& to, double value, const std::vector<std::string>& words, std::size_t width) {
  if (words.empty()) return append(to, value);
  const std::string& word = words[static_cast<std::size_t>(value)];
  to += word;
  to.append(width - word.size(), '\0');
}

/// An archive whose files are stored one after another.
class archive {
 public:
  explicit archive(const std::string& path) : path_(path), file_(path) {}

  /// A file of so many bytes, which `fill` hands over in parts; it does so twice, for a checksum comes first.
  void add(const std::string& name, std::size_t bytes, const std::function<void(const std::function<void(const std::string&)>&)>& fill) {
    std::uint32_t crc = 0;
    fill([&](const std::string& part) { crc = detail::crc32(part.data(), part.size(), crc); });
    const std::size_t at = file_.size();
    if (at + bytes > 0xf0000000u)
      throw error("table: asked to write '" + path_ + "', found more than the 4 GB that a zip archive takes; write_npy takes more");
    std::string facts;
    append(facts, std::uint16_t{20});          // version needed
    append(facts, std::uint16_t{0x800});       // names are UTF-8
    append(facts, std::uint16_t{0});           // stored
    append(facts, std::uint32_t{0x00210000});  // 1 January 1980: the same archive for the same table
    append(facts, crc);
    append(facts, static_cast<std::uint32_t>(bytes));
    append(facts, static_cast<std::uint32_t>(bytes));
    append(facts, static_cast<std::uint16_t>(name.size()));
    append(facts, std::uint16_t{0});  // no extra field
    file_.write(std::string("PK\x03\x04").append(facts).append(name));
    fill([&](const std::string& part) { file_.write(part); });
    directory_ += "PK\x01\x02";
    append(directory_, std::uint16_t{20});  // version made by
    directory_ += facts;
    directory_.append(10, '\0');  // no comment, disk 0, no attributes
    append(directory_, static_cast<std::uint32_t>(at));
    directory_ += name;
    ++files_;
  }
  void keep() {
    std::string end("PK\x05\x06");
    end.append(4, '\0');
    append(end, files_);
    append(end, files_);
    append(end, static_cast<std::uint32_t>(directory_.size()));
    append(end, static_cast<std::uint32_t>(file_.size()));
    append(end, std::uint16_t{0});
    file_.write(directory_ + end);
    file_.keep();
  }

 private:
  std::string path_;
  detail::output_file file_;
  std::string directory_;
  std::uint16_t files_ = 0;
};

}  // namespace

void table::write_npy(const std::string& path) const {
  static const std::vector<std::string> none;
  std::vector<const std::vector<std::string>*> words(names_.size(), &none);
  std::vector<std::size_t> widths;
  std::string type = "[";
  for (std::size_t k = 0; k < names_.size(); ++k) {
    if (k < axes()) words[k] = &points_->axes()[k].words;
    widths.push_back(longest(*words[k]));
    type.append("(").append(literal(names_[k])).append(", ").append(type_of(*words[k])).append("), ");
  }
  detail::output_file file(path);
  file.write(header(type + "]", {rows()}));
  std::string record;
  for (std::size_t row = 0; row < rows(); ++row) {
    record.clear();
    for (std::size_t k = 0; k < names_.size(); ++k) append_value(record, at(row, k), *words[k], widths[k]);
    file.write(record);
  }
  file.keep();
}

void table::write_npz(const std::string& path) const {
  static const std::vector<std::string> none;
  archive to(path);
  const bool grid = !points_->filtered();
  for (std::size_t k = 0; k < names_.size(); ++k) {
    const bool axis = k < axes();
    const std::vector<std::string>& words = axis ? points_->axes()[k].words : none;
    std::vector<std::size_t> shape{rows()};
    std::size_t step = 1;  // rows between values
    if (grid && axis) {
      shape = {points_->axes()[k].count};
      step = points_->axes()[k].stride;
    } else if (grid) {
      shape = points_->shape();
    }
    const std::size_t width = longest(words), count = grid && axis ? shape[0] : rows();
    const std::string first = header(type_of(words), shape);
    to.add(names_[k] + ".npy", first.size() + count * (words.empty() ? sizeof(double) : width), [&](const auto& take) {
      take(first);
      std::string part;
      for (std::size_t i = 0; i < count; ++i) {
        append_value(part, at(i * step, k), words, width);
        if (part.size() > 65536 || i + 1 == count) {
          take(part);
          part.clear();
        }
      }
    });
  }
  to.keep();
}

}  // namespace foldgrid
