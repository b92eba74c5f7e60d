// SPDX-License-Identifier: MIT
// The prebuilt kernels, taken in as bytes; none where nvcc was not found.
#include "gpu/prebuilt.hpp"

namespace foldgrid::detail::cuda {

#ifdef FOLDGRID_PREBUILT_FATBIN
namespace {
#define FOLDGRID_PREBUILT(name) #name,
constexpr std::string_view names[] = {
#include "prebuilt_kernels.inc"
};
}  // namespace

asm(".pushsection .rodata\n"
    ".balign 64\n"
    ".hidden foldgrid_prebuilt_fatbin\n"
    ".globl foldgrid_prebuilt_fatbin\n"
    "foldgrid_prebuilt_fatbin:\n"
    ".incbin \"" FOLDGRID_PREBUILT_FATBIN
    "\"\n"
    ".popsection\n");
extern "C" const char foldgrid_prebuilt_fatbin[];

const std::span<const std::string_view> prebuilt_kernels(names);
const char* const prebuilt_code = foldgrid_prebuilt_fatbin;
#else
const std::span<const std::string_view> prebuilt_kernels;
const char* const prebuilt_code = nullptr;
#endif

}  // namespace foldgrid::detail::cuda
