# SPDX-License-Identifier: MIT
# What nvcc compiles: a unit linked with one of the build's compiler, misuse that must not compile, the example, and the page's blocks.
if(NOT FOLDGRID_NVCC OR NOT FOLDGRID_THRUST_INCLUDE OR "${CMAKE_CXX_FLAGS}" MATCHES "-fsanitize=")
  message(STATUS "foldgrid: <foldgrid/cuda.cuh> is not compiled by nvcc: nvcc or Thrust not found, or under a sanitizer")
  return()
endif()
get_filename_component(toolkit ${FOLDGRID_NVCC} REALPATH)
get_filename_component(toolkit ${toolkit} DIRECTORY)
find_library(FOLDGRID_CUDART cudart_static HINTS ${toolkit}/.. PATHS /usr/local/cuda PATH_SUFFIXES lib64 lib DOC "CUDA's runtime, for tests")
if(NOT FOLDGRID_CUDART)
  message(STATUS "foldgrid: <foldgrid/cuda.cuh> is not compiled by nvcc: no cudart_static")
  return()
endif()

list(GET FOLDGRID_CUDA_ARCHITECTURES 0 least)
set(nvcc_command ${FOLDGRID_NVCC} -std=c++20 --extended-lambda -arch=sm_${least} --fmad=false -Xcompiler
  -ffp-contract=off,-Wall,-Wextra,-Werror -I${PROJECT_SOURCE_DIR}/include -I${PROJECT_SOURCE_DIR}/kernels)

# nvcc_object(source): compiles it; gives the object's path in `object`.
function(nvcc_object source)
  get_filename_component(name ${source} NAME)
  set(made ${CMAKE_CURRENT_BINARY_DIR}/nvcc.${name}.o)
  add_custom_command(OUTPUT ${made}
    COMMAND ${nvcc_command} -Xptxas --warn-on-spills,--warn-on-local-memory-usage -Werror=all-warnings -MD -MF ${made}.d -c ${source} -o ${made}
    DEPENDS ${source}
    DEPFILE ${made}.d
    COMMENT "Building ${name} by nvcc"
    VERBATIM)
  set(object ${made} PARENT_SCOPE)
endfunction()

nvcc_object(${CMAKE_CURRENT_SOURCE_DIR}/nvcc/unit.cu)
add_executable(nvcc_two_units_test nvcc/two_units_test.cpp two_units/first.cpp ${object})
target_link_libraries(nvcc_two_units_test PRIVATE foldgrid::foldgrid foldgrid_project_flags ${FOLDGRID_CUDART} ${CMAKE_DL_LIBS} rt)
add_test(NAME nvcc_two_units_test COMMAND nvcc_two_units_test)
set_tests_properties(nvcc_two_units_test PROPERTIES LABELS compile TIMEOUT 60)

file(GLOB misuses CONFIGURE_DEPENDS nvcc/must_not_compile/*.cu)
foreach(source IN LISTS misuses)
  get_filename_component(name ${source} NAME_WE)
  foldgrid_compile_test(must_not_compile.nvcc.${name} ${source} ${nvcc_command} -ptx -o /dev/null)
endforeach()

# The examples need a device to run, where they exit with 0 when all is well (scripts/gpu-check): here they are compiled and linked.
foreach(example sort_and_fold replay)
  nvcc_object(${PROJECT_SOURCE_DIR}/examples/cuda/${example}.cu)
  add_executable(example_cuda_${example} ${object})
  set_target_properties(example_cuda_${example} PROPERTIES LINKER_LANGUAGE CXX)
  target_link_libraries(example_cuda_${example} PRIVATE foldgrid::foldgrid ${FOLDGRID_CUDART} ${CMAKE_DL_LIBS} rt)
endforeach()

# The blocks of the page, which run on the threads where there is no device.
set(nvcc_command_flags ${nvcc_command})
list(POP_FRONT nvcc_command_flags)
add_test(NAME docs.nvcc COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/readme/check ${PROJECT_SOURCE_DIR}/docs/nvcc.md ${FOLDGRID_NVCC}
  ${nvcc_command_flags} -- $<TARGET_FILE:foldgrid> -Xcompiler -pthread -ldl)
set_tests_properties(docs.nvcc PROPERTIES LABELS compile TIMEOUT 240 ENVIRONMENT PAGE_SUFFIX=cu)
