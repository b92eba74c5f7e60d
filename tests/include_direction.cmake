# SPDX-License-Identifier: MIT
# Checks who includes whom: include/ needs neither kernels/ nor src/; tests, bench and examples use public headers only;
# headers depend on one another in one direction.
set(bad "")

function(forbid what pattern)
  foreach(file IN LISTS ARGN)
    file(STRINGS "${file}" lines REGEX "^[ \t]*#[ \t]*include[ \t]*[<\"]")
    foreach(line IN LISTS lines)
      if(line MATCHES "${pattern}")
        set(bad "${bad}${file}: ${line}: ${what}\n" PARENT_SCOPE)
        set(bad "${bad}${file}: ${line}: ${what}\n")
      endif()
    endforeach()
  endforeach()
endfunction()

file(GLOB_RECURSE headers "${ROOT}/include/*.hpp")
list(LENGTH headers count)
if(count LESS 10)
  message(FATAL_ERROR "only ${count} headers in ${ROOT}/include")
endif()
forbid("include/ may not look into src/" "src/|cpu/|gpu/|mpi/" ${headers})
forbid("include/ may not look into kernels/" "\\.cuh|kernels/" ${headers})
forbid("headers are included as <foldgrid/...>" "\"" ${headers})

file(GLOB_RECURSE programs "${ROOT}/tests/*.cpp" "${ROOT}/tests/*.hpp" "${ROOT}/bench/*.cpp" "${ROOT}/bench/*.hpp" "${ROOT}/examples/*.cpp")
list(FILTER programs EXCLUDE REGEX "_detail(_test)?\\.cpp$")
list(FILTER programs EXCLUDE REGEX "software_gpu/((driver|nvrtc)\\.cpp|(stream|runtime)\\.hpp)$")  # stand-ins for what src/gpu opens: the same interface
forbid("a test of details says so in its name" "foldgrid/detail/|src/|<cpu/|<gpu/" ${programs})

# error -> tree -> inputs/function -> executor: nobody includes what stands to the right of it.
set(public "${ROOT}/include/foldgrid")
forbid("error.hpp needs nothing of foldgrid" "foldgrid/[^d]|foldgrid/detail/[^b]" ${public}/error.hpp ${public}/report.hpp)
forbid("tree.hpp needs no executor, inputs or options" "foldgrid/[^de]|foldgrid/detail/([^bs]|b[^u]|s[^l])" ${public}/tree.hpp)
set(below ${headers})
list(REMOVE_ITEM below "${public}/foldgrid.hpp")
list(FILTER below EXCLUDE REGEX "/(detail/mpi_[a-z]+|mpi_executor|mpi_task_verbs|mpi|study|parallel)\\.hpp$")
forbid("the executor stands above the rest" "foldgrid/(executor|foldgrid)\\.hpp" ${below})
forbid("inputs and functions need no verbs" "foldgrid/detail/(map|reduce|fold|matrix|extremes|items)\\.hpp" ${public}/inputs.hpp ${public}/function.hpp
  ${public}/operators.hpp ${public}/options.hpp ${public}/progress.hpp)

# The check must see: foldgrid.hpp does include the executor.
set(found "${bad}")
set(bad "")
forbid("seen" "foldgrid/executor\\.hpp" ${public}/foldgrid.hpp)
if(bad STREQUAL "")
  message(FATAL_ERROR "the check is blind: foldgrid.hpp includes executor.hpp")
endif()
if(NOT found STREQUAL "")
  message(FATAL_ERROR "${found}")
endif()
