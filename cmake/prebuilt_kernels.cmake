# SPDX-License-Identifier: MIT
# Where nvcc was found, kernels of the built-in operators are compiled into the library, from the same text that is compiled at run time.
if(NOT FOLDGRID_NVCC)
  message(STATUS "foldgrid: no nvcc, so no prebuilt kernels: a GPU's kernels are compiled at run time")
  return()
endif()

execute_process(COMMAND ${FOLDGRID_NVCC} --version OUTPUT_VARIABLE version ERROR_QUIET)
string(REGEX MATCH "release ([0-9.]+)" version "${version}")
if(CMAKE_MATCH_1 VERSION_LESS 12.8)
  message(WARNING "foldgrid: ${FOLDGRID_NVCC} is of CUDA ${CMAKE_MATCH_1}, prebuilt kernels need 12.8: none are built, and a GPU's kernels are "
    "compiled at run time. Name a newer one in FOLDGRID_NVCC, or leave it empty")
  return()
endif()
execute_process(COMMAND ${FOLDGRID_NVCC} --list-gpu-code OUTPUT_VARIABLE known RESULT_VARIABLE failed ERROR_QUIET)
string(REGEX MATCHALL "sm_[0-9]+" known "${known}")
set(codes "")
set(built "")
foreach(capability ${FOLDGRID_CUDA_ARCHITECTURES})
  if("sm_${capability}" IN_LIST known)
    list(APPEND codes -gencode arch=compute_${capability},code=sm_${capability})
    list(APPEND built ${capability})
  endif()
endforeach()
if(failed OR NOT built)
  message(WARNING "foldgrid: ${FOLDGRID_NVCC} compiles for none of ${FOLDGRID_CUDA_ARCHITECTURES}: no prebuilt kernels. Set "
    "FOLDGRID_CUDA_ARCHITECTURES to what `nvcc --list-gpu-code` names")
  return()
endif()
list(GET built 0 least)
list(APPEND codes -gencode arch=compute_${least},code=compute_${least})
list(JOIN built " " text)
message(STATUS "foldgrid: prebuilt kernels for compute capabilities ${text}")

add_executable(foldgrid_prebuild
  src/gpu/kernel_arguments.cpp
  src/gpu/kernel_entry.cpp
  src/gpu/kernel_text.cpp
  src/gpu/prebuild.cpp
  src/gpu/sha256.cpp
  ${CMAKE_CURRENT_BINARY_DIR}/kernel_library.cpp)
target_compile_features(foldgrid_prebuild PRIVATE cxx_std_20)
target_include_directories(foldgrid_prebuild PRIVATE include src)
target_link_libraries(foldgrid_prebuild PRIVATE foldgrid_project_flags)

set(folder ${CMAKE_CURRENT_BINARY_DIR}/prebuilt)
file(MAKE_DIRECTORY ${folder}/kept)  # the PTX that code is made of, for a test
add_custom_command(OUTPUT ${folder}/prebuilt.cu ${folder}/prebuilt_kernels.inc
  COMMAND foldgrid_prebuild ${folder}
  DEPENDS foldgrid_prebuild
  VERBATIM)
add_custom_target(foldgrid_prebuilt_text DEPENDS ${folder}/prebuilt.cu ${folder}/prebuilt_kernels.inc)
add_custom_command(OUTPUT ${folder}/prebuilt.fatbin
  COMMAND ${FOLDGRID_NVCC} -std=c++20 --fmad=false --prec-div=true --prec-sqrt=true --ftz=false --compress-mode=size --threads 2 ${codes}
    --keep --keep-dir ${folder}/kept
    -Xptxas --warn-on-spills,--warn-on-local-memory-usage $<$<BOOL:${FOLDGRID_WARNINGS_AS_ERRORS}>:-Werror=all-warnings> -fatbin -o ${folder}/prebuilt.fatbin ${folder}/prebuilt.cu
  DEPENDS ${folder}/prebuilt.cu
  COMMENT "Compiling the prebuilt kernels"
  COMMAND_EXPAND_LISTS VERBATIM)
set_source_files_properties(src/gpu/prebuilt.cpp PROPERTIES
  COMPILE_DEFINITIONS FOLDGRID_PREBUILT_FATBIN="${folder}/prebuilt.fatbin"
  INCLUDE_DIRECTORIES ${folder}
  OBJECT_DEPENDS "${folder}/prebuilt.fatbin;${folder}/prebuilt_kernels.inc")
