# SPDX-License-Identifier: MIT
# Flags of users: refused, or without an influence on bits.

foldgrid_compile_test(flags.fast_math_is_refused ${CMAKE_CURRENT_SOURCE_DIR}/flags/fast_math_unit.cpp ${compile_command} -ffast-math)
foldgrid_compile_test(flags.ofast_is_refused ${CMAKE_CURRENT_SOURCE_DIR}/flags/fast_math_unit.cpp ${compile_command} -Ofast)
foldgrid_compile_test(flags.o3_is_accepted ${CMAKE_CURRENT_SOURCE_DIR}/flags/plain_unit.cpp ${compile_command} -O3)

# The same program: plain; with an unrelated unit under -Ofast, linked with -Ofast, which starts the program with
# denormals flushed; and for this very processor; each with its units in both orders.
function(foldgrid_bits_program name unrelated_flags unit_flags link_flags)
  add_library(${name}_unrelated OBJECT flags/unrelated.cpp)
  target_compile_options(${name}_unrelated PRIVATE ${unrelated_flags})
  target_link_libraries(${name}_unrelated PRIVATE foldgrid_project_flags)
  add_library(${name}_unit OBJECT flags/print_bits.cpp)
  target_compile_options(${name}_unit PRIVATE ${unit_flags})
  target_link_libraries(${name}_unit PRIVATE foldgrid::foldgrid foldgrid_project_flags)
  add_executable(${name} $<TARGET_OBJECTS:${name}_unit> $<TARGET_OBJECTS:${name}_unrelated>)
  add_executable(${name}_reversed $<TARGET_OBJECTS:${name}_unrelated> $<TARGET_OBJECTS:${name}_unit>)
  foreach(program ${name} ${name}_reversed)
    target_link_libraries(${program} PRIVATE foldgrid::foldgrid)
    target_link_options(${program} PRIVATE ${link_flags})
    set_target_properties(${program} PROPERTIES LINKER_LANGUAGE CXX)
  endforeach()
endfunction()
foldgrid_bits_program(print_bits "-O3" "-O3" "")
set(ofast -Ofast)
set(native -march=native)
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  set(ofast -O3 -ffast-math)  # what clang wants -Ofast to be written as
  list(APPEND native -Wno-unknown-warning-option -Wno-invalid-feature-combination)  # clang 19's own choice for processors with AVX10.1
endif()
foldgrid_bits_program(print_bits_ofast "${ofast}" "" "${ofast}")
foldgrid_bits_program(print_bits_native "${ofast};${native}" "${native};-ffp-contract=off" "")
foldgrid_bits_program(print_bits_not_inlined "-O0" "-O1;-fno-inline" "")
set(others print_bits_reversed)
foreach(program print_bits_ofast print_bits_native print_bits_not_inlined)
  list(APPEND others ${program} ${program}_reversed)
endforeach()
list(TRANSFORM others REPLACE "(.+)" "$<TARGET_FILE:\\1>")
list(JOIN others "|" others)
add_test(NAME flags.equal_bits COMMAND ${CMAKE_COMMAND} -DPLAIN=$<TARGET_FILE:print_bits> "-DOTHERS=${others}"
  -P ${CMAKE_CURRENT_SOURCE_DIR}/flags/compare.cmake)
set_tests_properties(flags.equal_bits PROPERTIES LABELS compile TIMEOUT 120)
