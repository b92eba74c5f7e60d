# SPDX-License-Identifier: MIT
# Target foldgrid::study, where SQLite is found.
find_package(SQLite3 3.35 QUIET)
if(NOT SQLite3_FOUND)
  message(STATUS "foldgrid: no SQLite (Debian: libsqlite3-dev), so no foldgrid::study")
  return()
endif()

add_library(foldgrid_study
  src/study/checkpoint.cpp
  src/study/crc32.cpp
  src/study/csv.cpp
  src/study/folds.cpp
  src/study/npy.cpp
  src/study/output_file.cpp
  src/study/plot.cpp
  src/study/points.cpp
  src/study/study.cpp
  src/study/sweep.cpp
  src/study/table.cpp
  src/gpu/sha256.cpp)
add_library(foldgrid::study ALIAS foldgrid_study)
target_include_directories(foldgrid_study PRIVATE src)
target_link_libraries(foldgrid_study PUBLIC foldgrid PRIVATE SQLite::SQLite3 $<BUILD_INTERFACE:foldgrid_warnings>)
target_compile_options(foldgrid_study PRIVATE -ffp-contract=off $<$<NOT:$<CONFIG:Debug>>:-O3>)
set_target_properties(foldgrid_study PROPERTIES EXPORT_NAME study
  CXX_EXTENSIONS OFF CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON POSITION_INDEPENDENT_CODE ON
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
