# SPDX-License-Identifier: MIT
# Target foldgrid::study, where SQLite is found.
find_package(SQLite3 3.35 QUIET)
if(NOT SQLite3_FOUND)
  message(STATUS "foldgrid: no SQLite (Debian: libsqlite3-dev), so no foldgrid::study")
  return()
endif()

foldgrid_library(foldgrid_study
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
target_link_libraries(foldgrid_study PUBLIC foldgrid PRIVATE SQLite::SQLite3)
set_target_properties(foldgrid_study PROPERTIES EXPORT_NAME study)
