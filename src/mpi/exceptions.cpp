// SPDX-License-Identifier: MIT
// Exceptions between processes: those of the standard and of foldgrid, and those that were registered, are rebuilt with their type.
#include "mpi/plain_name.hpp"

#include <foldgrid/detail/mpi_core.hpp>
#include <foldgrid/error.hpp>

#include <deque>
#include <functional>
#include <mutex>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <typeinfo>
#include <variant>

namespace foldgrid::detail::remote {
namespace {

void write_text(byte_writer& out, const std::string& text) { codec<std::string>::write(out, text); }
std::string read_text(byte_reader& in) { return codec<std::string>::read(in); }

template <class E, class Rebuilt = E>
exception_form of_text() {
  return {&typeid(E),
          [](const std::exception_ptr& what, byte_writer& out) {
            return write_exactly<E>(what, [&](const E& e) { write_text(out, e.what()); });
          },
          [](byte_reader& in, const std::exception_ptr& nested) { return nesting(nested, Rebuilt(read_text(in))); }};
}
template <class E>
exception_form of_type() {
  return {&typeid(E), [](const std::exception_ptr& what, byte_writer&) { return write_exactly<E>(what, [](const E&) {}); },
          [](byte_reader&, const std::exception_ptr& nested) { return nesting(nested, E()); }};
}

struct forms {
  std::mutex mutex;
  std::deque<exception_form> all;

  static forms& get() {
    static forms known;
    return known;
  }

 private:
  forms() {
    all = {of_text<std::runtime_error>(),     of_text<std::logic_error>(),
           of_text<std::invalid_argument>(),  of_text<std::domain_error>(),
           of_text<std::length_error>(),      of_text<std::out_of_range>(),
           of_text<std::range_error>(),       of_text<std::overflow_error>(),
           of_text<std::underflow_error>(),   of_text<error>(),
           of_text<timeout_error>(),          of_text<cancelled_error>(),
           of_text<broken_executor>(),        of_text<backend_unavailable>(),
           of_type<std::bad_alloc>(),         of_type<std::bad_array_new_length>(),
           of_type<std::bad_cast>(),          of_type<std::bad_typeid>(),
           of_type<std::exception>(),         of_type<std::bad_exception>(),
           of_type<std::bad_function_call>(), of_type<std::bad_optional_access>(),
           of_type<std::bad_variant_access>()};
    all.push_back(of_text<out_of_time, timeout_error>());
    all.push_back({&typeid(failure),
                   [](const std::exception_ptr& what, byte_writer& out) {
                     return write_exactly<failure>(what, [&](const failure& e) { out.put(e.code()); });
                   },
                   [](byte_reader& in, const std::exception_ptr& nested) { return nesting(nested, failure(in.get<int>())); }});
    all.push_back({&typeid(task_error),
                   [](const std::exception_ptr& what, byte_writer& out) {
                     return write_exactly<task_error>(what, [&](const task_error& e) {
                       out.put(e.index());
                       out.put(e.code());
                       write_text(out, e.what());
                     });
                   },
                   [](byte_reader& in, const std::exception_ptr& nested) {
                     const auto index = in.get<std::size_t>();
                     const auto code = in.get<int>();
                     const std::string text = read_text(in);
                     try {
                       if (nested) std::rethrow_exception(nested);
                     } catch (...) {  // a task_error nests what is being handled
                       return std::make_exception_ptr(task_error(text, index, code));
                     }
                     return std::make_exception_ptr(task_error(text, index, code));
                   }});
    all.push_back({&typeid(std::system_error),
                   [](const std::exception_ptr& what, byte_writer& out) {
                     return write_exactly<std::system_error>(what, [&](const std::system_error& e) {
                       if (e.code().category() != std::generic_category() && e.code().category() != std::system_category()) throw e;
                       out.put(e.code().category() == std::system_category());
                       out.put(e.code().value());
                       const std::string all = e.what(), own = ": " + e.code().message();
                       write_text(out, all.ends_with(own) ? all.substr(0, all.size() - own.size()) : all);
                     });
                   },
                   [](byte_reader& in, const std::exception_ptr& nested) {
                     const bool system = in.get<bool>();
                     const auto value = in.get<int>();
                     const std::error_code code(value, system ? std::system_category() : std::generic_category());
                     return nesting(nested, std::system_error(code, read_text(in)));
                   }});
  }
};

constexpr std::uint32_t only_text = ~std::uint32_t{0};
constexpr int most_nested = 64;  // what is nested deeper stays behind

std::exception_ptr nested_in(const std::exception_ptr& what) {
  try {
    std::rethrow_exception(what);
  } catch (const std::nested_exception& outer) {
    return outer.nested_ptr();
  } catch (...) {
    return nullptr;
  }
}

std::string text_of(const std::exception_ptr& what) {
  try {
    std::rethrow_exception(what);
  } catch (const std::exception& e) {
    return plain_name(typeid(e).name()) + ": " + e.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

}  // namespace

std::uint32_t register_exception(const exception_form& form) {
  forms& known = forms::get();
  const std::lock_guard lock(known.mutex);
  known.all.push_back(form);
  return static_cast<std::uint32_t>(known.all.size() - 1);
}

void throw_unwritten(const char* type) {
  std::throw_with_nested(error("its result, of type " + plain_name(type) + ", could not be written to be sent back (" +
                               text_of(std::current_exception()) + "); its serialize function must not throw"));
}

namespace {

void write_nest(byte_writer& out, const std::exception_ptr& what, int depth) {
  const std::exception_ptr nested = depth < most_nested ? nested_in(what) : nullptr;
  out.put(nested != nullptr);
  if (nested) write_nest(out, nested, depth + 1);
  forms& known = forms::get();
  const std::lock_guard lock(known.mutex);
  const std::size_t before = out.bytes().size();
  // the latest first: a registered form replaces one that is known
  for (std::size_t i = known.all.size(); i-- > 0;) {
    out.put(static_cast<std::uint32_t>(i));
    try {
      if (known.all[i].write(what, out)) return;
    } catch (...) {  // it cannot be written whole: its text can
    }
    out.bytes().resize(before);
  }
  out.put(only_text);
  write_text(out, text_of(what));
}

std::exception_ptr read_nest(byte_reader& in, int depth) {
  if (depth > most_nested) throw error("a message between processes holds an exception in which more are nested than are ever sent");
  const std::exception_ptr nested = in.get<bool>() ? read_nest(in, depth + 1) : nullptr;
  const auto number = in.get<std::uint32_t>();
  if (number == only_text) return nesting(nested, error(read_text(in)));
  const exception_form* form = nullptr;
  {
    forms& known = forms::get();
    const std::lock_guard lock(known.mutex);
    if (number >= known.all.size())
      throw error("a message between processes holds an exception of a kind that is not known here (number " + std::to_string(number) +
                  "); register exceptions before the program's body begins");
    form = &known.all[number];
  }
  return form->read(in, nested);
}

}  // namespace

void write_exception(byte_writer& out, const std::exception_ptr& what) { write_nest(out, what, 0); }
std::exception_ptr read_exception(byte_reader& in) { return read_nest(in, 0); }

}  // namespace foldgrid::detail::remote
