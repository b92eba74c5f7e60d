// SPDX-License-Identifier: MIT
// The text of a kernel's entry: its types under fixed names, what both sides must agree on, and the call of the library's text.
#include <foldgrid/detail/device_kernels.hpp>

namespace foldgrid::detail {
namespace {

void write_layout(kernel_text& text, const char* name, const device_type& type, const char* what) {
  text << "static_assert(sizeof(" << name << ") == " << type.size << " && alignof(" << name << ") == " << type.alignment << ", \"" << what
       << " is laid out differently on the GPU\");\n";
}

/// The types of a call and their leaves.
void write_types(kernel_text& text, const kernel_facts& facts) {
  const bool has_function = facts.function.write != nullptr;
  text << "using foldgrid_function = ";
  if (has_function) {
    facts.function.write(text);
  } else {
    text << "foldgrid::gpu::identity";
  }
  text << ";\nusing foldgrid_result = ";
  facts.result.write(text);
  text << ";\n";
  for (std::size_t k = 0; k < facts.input_count; ++k) {
    text << "using foldgrid_input_" << k << " = ";
    facts.inputs[k](text);
    text << ";\n";
  }
  if (has_function) {
    write_layout(text, "foldgrid_function", facts.function, "the function's state");
    if (text.is_large()) text << "template <>\nconstexpr bool foldgrid::gpu::is_large<foldgrid_function> = true;\n";
  }
  write_layout(text, "foldgrid_result", facts.result, "the result");
  text << "using foldgrid_leaves = foldgrid::gpu::leaves<foldgrid_result, foldgrid_function";
  for (std::size_t k = 0; k < facts.input_count; ++k) text << ", foldgrid_input_" << k;
  text << ">;\n";
  if (!has_function) return;
  text << "using foldgrid_value = ";
  facts.value.write(text);
  text << ";\nstatic_assert(foldgrid::gpu::is_same<foldgrid_value, decltype(foldgrid::gpu::decayed(foldgrid_function{}(";
  for (std::size_t k = 0; k < facts.input_count; ++k)
    text << (k == 0 ? "" : ", ") << "foldgrid::gpu::element_of<foldgrid_input_" << k << ">()";
  text << ")))>, \"the function gives another type on the GPU than on the host\");\n";
}

void write_parameters(kernel_text& text, std::size_t input_count) {
  text << "extern \"C\" __global__ void __launch_bounds__(256) foldgrid_kernel(foldgrid_function f";
  for (std::size_t k = 0; k < input_count; ++k) text << ", foldgrid_input_" << k << " x" << k;
  text << ", foldgrid::gpu::size base, foldgrid::gpu::size n";
}

void write_leaves(kernel_text& text, std::size_t input_count) {
  text << "foldgrid_leaves{f, {";
  for (std::size_t k = 0; k < input_count; ++k) text << "x" << k << ", {";
  for (std::size_t k = 0; k < input_count; ++k) text << "}";
  text << "}}";
}

}  // namespace

kernel_text text_of(const kernel_facts& facts) {
  kernel_text text;
  write_types(text, facts);
  if (facts.operation == nullptr) {
    text << "static_assert(foldgrid::gpu::map_shape<foldgrid_leaves>::in_block == " << facts.shape.in_block << ");\n";
    write_parameters(text, facts.input_count);
    text << ", foldgrid_result* to) {\n  foldgrid::gpu::map(";
    write_leaves(text, facts.input_count);
    text << ", base, n, to);\n}\n";
  } else {
    text << "using foldgrid_operator = ";
    facts.operation(text);
    text << ";\nstatic_assert(foldgrid::gpu::reduce_shape<foldgrid_leaves>::in_block == " << facts.shape.in_block
         << " && foldgrid::gpu::reduce_shape<foldgrid_leaves>::fan == " << facts.shape.fan << ");\n";
    write_parameters(text, facts.input_count);
    text << ", foldgrid_operator op, foldgrid_result* result, foldgrid_result* partials, unsigned* tickets) {\n  foldgrid::gpu::reduce(";
    write_leaves(text, facts.input_count);
    text << ", op, base, n, result, partials, tickets);\n}\n";
  }
  return text;
}

}  // namespace foldgrid::detail
