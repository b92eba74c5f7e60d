# SPDX-License-Identifier: MIT
# What is installed: the libraries, each with its targets for CMake and its module for pkg-config, the headers, foldgrid-info.
include(CMakePackageConfigHelpers)
set(cmake_folder ${CMAKE_INSTALL_LIBDIR}/cmake/foldgrid)
set(module_folder ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
# Seen from a module's file, so that an installation can be moved.
foreach(folder PREFIX FULL_INCLUDEDIR)
  cmake_path(RELATIVE_PATH CMAKE_INSTALL_${folder} BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig OUTPUT_VARIABLE FOLDGRID_${folder})
endforeach()

# foldgrid_install(target [DESCRIPTION text] [CFLAGS flags] [REQUIRES modules] [INNER_REQUIRES modules] [INNER_LIBS libraries]): the inner
# ones are what the compiled code needs, which those who link it shared need not name.
function(foldgrid_install target)
  cmake_parse_arguments(FOLDGRID "" "DESCRIPTION;CFLAGS;REQUIRES;INNER_REQUIRES;INNER_LIBS" "" ${ARGN})
  string(REPLACE "_" "-" FOLDGRID_MODULE ${target})
  set(FOLDGRID_LIBS "-l${target}")
  get_target_property(kind ${target} TYPE)
  if(kind STREQUAL STATIC_LIBRARY)  # it is the only kind there, so nobody has to say `pkg-config --static`
    string(STRIP "${FOLDGRID_REQUIRES} ${FOLDGRID_INNER_REQUIRES}" FOLDGRID_REQUIRES)
    string(STRIP "${FOLDGRID_LIBS} ${FOLDGRID_INNER_LIBS}" FOLDGRID_LIBS)
    set(FOLDGRID_INNER_REQUIRES "")
    set(FOLDGRID_INNER_LIBS "")
  endif()
  configure_file(cmake/module.pc.in ${FOLDGRID_MODULE}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${FOLDGRID_MODULE}.pc DESTINATION ${module_folder})
  install(TARGETS ${target} EXPORT ${FOLDGRID_MODULE}-targets)
  install(EXPORT ${FOLDGRID_MODULE}-targets NAMESPACE foldgrid:: DESTINATION ${cmake_folder})
endfunction()

set(flag "")
if(FOLDGRID_REPRODUCIBLE)
  set(flag -ffp-contract=off)
endif()
list(TRANSFORM CMAKE_DL_LIBS PREPEND -l OUTPUT_VARIABLE dl)
foldgrid_install(foldgrid DESCRIPTION "${PROJECT_DESCRIPTION}" CFLAGS "${flag}" INNER_LIBS "-pthread ${dl}")
set(this "foldgrid = ${PROJECT_VERSION}")
if(TARGET foldgrid_mpi)
  foldgrid_install(foldgrid_mpi DESCRIPTION "foldgrid over the ranks of Open MPI" CFLAGS -DOMPI_SKIP_MPICXX REQUIRES "${this} ompi-c")
endif()
if(TARGET foldgrid_study)
  foldgrid_install(foldgrid_study DESCRIPTION "Parameter studies by foldgrid" REQUIRES "${this}" INNER_REQUIRES sqlite3)
endif()

install(TARGETS foldgrid_info RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY include/foldgrid kernels/foldgrid DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
configure_package_config_file(cmake/foldgrid-config.cmake.in foldgrid-config.cmake INSTALL_DESTINATION ${cmake_folder})
write_basic_package_version_file(foldgrid-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/foldgrid-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/foldgrid-config-version.cmake
  DESTINATION ${cmake_folder})
