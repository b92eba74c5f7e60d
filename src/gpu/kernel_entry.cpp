// SPDX-License-Identifier: MIT
// The text of a kernel's entry: its types under fixed names, what both sides must agree on, and the call of the library's text.
#include <foldgrid/detail/device_kernels.hpp>

namespace foldgrid::detail {
namespace {

void write_layout(kernel_text& text, const char* name, const device_type& type, const char* what) {
  text << "static_assert(sizeof(" << name << ") == " << type.size << " && alignof(" << name << ") == " << type.alignment << ", \"" << what
       << " is laid out differently on the GPU\");\n";
}

/// What notes the failures of leaves: each derived from the one before.
constexpr const char* leaf_types[] = {"foldgrid_inputs", "foldgrid::gpu::noting_leaves<foldgrid_inputs>",
                                      "foldgrid::gpu::checked_leaves<foldgrid_inputs>"};
/// Which of them it is: the first also where leaves are nodes that are checked already.
std::size_t wrappers_of(const kernel_facts& facts) {
  if (!facts.notes) return 0;
  if (!facts.checks) return 1;
  return facts.stored.write == facts.result.write ? 0 : 2;
}

/// The types of a call and their leaves.
void write_types(kernel_text& text, const kernel_facts& facts) {
  const bool has_function = facts.function.write != nullptr, has_result = facts.result.write != nullptr;
  text << "using foldgrid_function = ";
  if (has_function) {
    facts.function.write(text);
  } else {
    text << "foldgrid::gpu::identity";
  }
  text << ";\nusing foldgrid_result = ";
  if (has_result) {
    facts.result.write(text);
  } else {
    text << "void";
  }
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
  if (has_result) write_layout(text, "foldgrid_result", facts.result, "the result");
  text << "using foldgrid_inputs = foldgrid::gpu::leaves<foldgrid_result, foldgrid_function";
  for (std::size_t k = 0; k < facts.input_count; ++k) text << ", foldgrid_input_" << k;
  text << ">;\nusing foldgrid_leaves = " << leaf_types[wrappers_of(facts)] << ";\n";
  if (!has_function) return;
  text << "using foldgrid_value = ";
  if (facts.value.write != nullptr) {
    facts.value.write(text);
  } else {
    text << "void";
  }
  text << ";\nstatic_assert(foldgrid::gpu::is_same<foldgrid_value, decltype(";
  if (facts.value.write != nullptr) text << "foldgrid::gpu::decayed(";
  text << "foldgrid_function{}(";
  for (std::size_t k = 0; k < facts.input_count; ++k)
    text << (k == 0 ? "" : ", ") << "foldgrid::gpu::element_of<foldgrid_input_" << k << ">()";
  text << (facts.value.write != nullptr ? "))" : ")") << ")>, \"the function gives another type on the GPU than on the host\");\n";
}

void write_leaves(kernel_text& text, const kernel_facts& facts) {
  const std::size_t wrappers = wrappers_of(facts);
  text << "foldgrid_leaves{";
  for (std::size_t k = 0; k < wrappers; ++k) text << "{";
  text << "f, {";
  for (std::size_t k = 0; k < facts.input_count; ++k) text << "x" << k << ", {";
  for (std::size_t k = 0; k < facts.input_count; ++k) text << "}";
  text << "}}";
  if (wrappers != 0) text << ", status}";
  if (wrappers == 2) text << "}";
}

/// How a kernel of each kind calls the library's text.
struct kernel_form {
  const char* routine;
  const char* parameters;  ///< behind base and n
  const char* arguments;   ///< of the routine, behind the leaves and the operator
};
kernel_form form_of(kernel_kind kind) {
  constexpr const char* of_segments = ", foldgrid_operator op, foldgrid::gpu::segments of, foldgrid_stored* to";
  switch (kind) {
    case kernel_kind::map:
      return {"map", ", foldgrid_result* to", ", base, n, to"};
    case kernel_kind::reduce:
      return {"reduce", ", foldgrid_operator op, foldgrid_stored* result, foldgrid_stored* partials, unsigned* tickets",
              ", base, n, result, partials, tickets"};
    case kernel_kind::threads:
      return {"fold_by_threads", of_segments, ", of, base, n, to"};
    case kernel_kind::warps:
      break;
  }
  return {"fold_by_warps", of_segments, ", of, base, n, to"};
}

}  // namespace

kernel_text text_of(const kernel_facts& facts) {
  kernel_text text;
  write_types(text, facts);
  const bool folds = facts.kind != kernel_kind::map;
  const kernel_form form = form_of(facts.kind);
  if (folds) {
    text << "using foldgrid_operator = ";
    facts.operation(text);
    text << ";\nusing foldgrid_stored = foldgrid_leaves::leaf;\n";
    write_layout(text, "foldgrid_stored", facts.stored, "a node");
  }
  text << "extern \"C\" __global__ void __launch_bounds__(256) foldgrid_kernel(foldgrid_function f";
  for (std::size_t k = 0; k < facts.input_count; ++k) text << ", foldgrid_input_" << k << " x" << k;
  text << ", foldgrid::gpu::size base, foldgrid::gpu::size n" << form.parameters;
  text << (facts.notes ? ", foldgrid::gpu::size* status) {\n" : ") {\n") << "  foldgrid::gpu::" << form.routine << "(";
  write_leaves(text, facts);
  if (folds) text << (facts.checks ? ", foldgrid::gpu::checked_operator<foldgrid_operator>{op, status}" : ", op");
  text << form.arguments << ");\n}\n";
  return text;
}

}  // namespace foldgrid::detail
