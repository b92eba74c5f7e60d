# SPDX-License-Identifier: MIT
# The target foldgrid::mpi, where there is an MPI for C and cereal; FOLDGRID_HAS_MPI tells, and FOLDGRID_MPI_FOUND what was found.
set(FOLDGRID_HAS_MPI OFF)
if(NOT FOLDGRID_BUILD_MPI)
  set(FOLDGRID_MPI_FOUND "no: this build was configured with FOLDGRID_BUILD_MPI=OFF")
  return()
endif()
include(CheckLanguage)
check_language(C)
if(CMAKE_C_COMPILER)
  enable_language(C)  # FindMPI looks for the C library with it
  find_package(MPI QUIET COMPONENTS C)
endif()
find_package(cereal QUIET)
if(NOT MPI_C_FOUND OR NOT cereal_FOUND)
  set(missing "")
  if(NOT MPI_C_FOUND)
    list(APPEND missing "an MPI for C (libopenmpi-dev openmpi-bin)")
  endif()
  if(NOT cereal_FOUND)
    list(APPEND missing "cereal (libcereal-dev)")
  endif()
  list(JOIN missing " and " missing)
  message(STATUS "foldgrid::mpi is not built: ${missing} not found")
  set(FOLDGRID_MPI_FOUND "no: ${missing} not found when foldgrid was built")
  return()
endif()
set(FOLDGRID_HAS_MPI ON)
set(FOLDGRID_MPI_FOUND "yes, foldgrid::mpi, for programs under mpiexec")

foldgrid_library(foldgrid_mpi
  src/mpi/closure.cpp
  src/mpi/comm_executor.cpp
  src/mpi/common_values.cpp
  src/mpi/exceptions.cpp
  src/mpi/ranks.cpp
  src/mpi/single_task.cpp
  src/mpi/start.cpp
  src/mpi/transport.cpp
  src/mpi/worker.cpp)
add_library(foldgrid::mpi ALIAS foldgrid_mpi)
target_link_libraries(foldgrid_mpi PUBLIC foldgrid MPI::MPI_C cereal::cereal)
target_compile_definitions(foldgrid_mpi PUBLIC OMPI_SKIP_MPICXX)
set_target_properties(foldgrid_mpi PROPERTIES EXPORT_NAME mpi)
