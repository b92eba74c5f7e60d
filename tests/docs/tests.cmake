# SPDX-License-Identifier: MIT
# The pages of the documentation.

# Every block of the page is compiled, run, and compared with what the page says it prints.
set(page_flags -std=c++20 -O1 -ffp-contract=off -Wall -Wextra -Werror -I${PROJECT_SOURCE_DIR}/include)
separate_arguments(page_link UNIX_COMMAND "${CMAKE_CXX_FLAGS}")
foldgrid_precompiled(precompiled_pages ${page_flags} ${page_link})
list(PREPEND page_flags ${precompiled_pages})
set(page_libraries $<TARGET_FILE:foldgrid>)
set(study_pages)
if(TARGET foldgrid_study)
  set(study_pages README docs/studies)  # README needs a study
  set(page_libraries $<TARGET_FILE:foldgrid_study> $<TARGET_FILE:foldgrid> $<TARGET_FILE:SQLite::SQLite3>)
else()
  message(STATUS "foldgrid: the blocks of README.md and docs/studies.md are not tested without foldgrid::study")
endif()
foreach(page ${study_pages} docs/coming_from_others docs/coming_from_python docs/gpu docs/how_it_works docs/reproducibility)
  string(TOLOWER ${page} name)
  string(REPLACE "/" "." name ${name})
  add_test(NAME ${name} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/readme/check ${PROJECT_SOURCE_DIR}/${page}.md ${CMAKE_CXX_COMPILER}
    ${page_flags} ${page_link} -- ${page_libraries} -pthread)
  set_tests_properties(${name} PROPERTIES LABELS compile TIMEOUT 240)
endforeach()
# These print the same on the GPU.
set_tests_properties(docs.gpu docs.coming_from_others docs.reproducibility PROPERTIES LABELS "compile;gpu"
  ENVIRONMENT "PAGE_ON_GPU=$<TARGET_FILE:software_cuda>|$<TARGET_FILE:software_nvrtc>")

if(TARGET Eigen3::Eigen)
  get_target_property(eigen Eigen3::Eigen INTERFACE_INCLUDE_DIRECTORIES)
  add_test(NAME docs.linking COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/readme/check ${PROJECT_SOURCE_DIR}/docs/linking.md ${CMAKE_CXX_COMPILER}
    ${page_flags} -isystem ${eigen} ${page_link} -- $<TARGET_FILE:foldgrid> -pthread)
  set_tests_properties(docs.linking PROPERTIES LABELS compile TIMEOUT 120)
endif()

# The pages with ranks, alone.
if(FOLDGRID_HAS_MPI)
  foreach(page mpi tutorial)
    add_test(NAME docs.${page} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/readme/check ${PROJECT_SOURCE_DIR}/docs/${page}.md ${CMAKE_CXX_COMPILER}
      ${page_flags} ${mpi_compile_flags} ${page_link} -- $<TARGET_FILE:foldgrid_mpi> $<TARGET_FILE:foldgrid> ${MPI_C_LIBRARIES} -pthread)
    mpi_runs(docs.${page} 240)
    set_tests_properties(docs.${page} PROPERTIES LABELS "compile;mpi")
  endforeach()
endif()

# Links and measured figures of the pages, and whether false ones are noticed; the site, where Doxygen is found.
add_test(NAME docs.links COMMAND ${PROJECT_SOURCE_DIR}/docs/links check ${PROJECT_SOURCE_DIR})
add_test(NAME docs.figures COMMAND ${PROJECT_SOURCE_DIR}/bench/figures check)
add_test(NAME docs.false_pages COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/docs/false_pages ${PROJECT_SOURCE_DIR})
set_tests_properties(docs.links docs.figures docs.false_pages PROPERTIES LABELS docs TIMEOUT 60)
find_program(FOLDGRID_DOXYGEN doxygen DOC "Makes the documentation's site, for a test")
if(FOLDGRID_DOXYGEN)
  add_test(NAME docs.site COMMAND ${PROJECT_SOURCE_DIR}/scripts/docs --out ${CMAKE_CURRENT_BINARY_DIR}/site)
  set_tests_properties(docs.site PROPERTIES LABELS docs TIMEOUT 240)
else()
  message(STATUS "foldgrid: no Doxygen (scripts/setup --docs), so the documentation's site is not tested")
endif()
