# SPDX-License-Identifier: MIT
# Runs foldgrid_gpu_check and wants an exit status, and texts separated by | in what it prints:
# cmake -DPROGRAM=... -DOPTIONS="--only;bits" -DSTATUS=0 -DTEXTS="all bits equal|..." -P gpu_check.cmake
execute_process(COMMAND ${PROGRAM} ${OPTIONS} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
message("${output}")
if(NOT status STREQUAL STATUS)
  message(FATAL_ERROR "exit status ${status}, expected ${STATUS}")
endif()
string(REPLACE "|" ";" TEXTS "${TEXTS}")
foreach(text IN LISTS TEXTS)
  string(FIND "${output}" "${text}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "it does not say \"${text}\"")
  endif()
endforeach()
