# SPDX-License-Identifier: MIT
# Runs PROGRAM with ARGUMENTS in FOLDER; its exit status must be STATUS, and what it prints must be the file EXPECTED, but
# for lines that begin with # (times, files, where it ran). With ERROR instead, what it says on stderr must match that.
file(MAKE_DIRECTORY ${FOLDER})
separate_arguments(arguments UNIX_COMMAND "${ARGUMENTS}")
execute_process(COMMAND ${PROGRAM} ${arguments} WORKING_DIRECTORY ${FOLDER}
  RESULT_VARIABLE status OUTPUT_VARIABLE printed ERROR_VARIABLE said)
message(STATUS "exit status ${status}\n${said}${printed}")
if(NOT "${status}" STREQUAL "${STATUS}")
  message(FATAL_ERROR "exit status ${status}, expected ${STATUS}")
endif()
if(DEFINED ERROR AND NOT "${said}" MATCHES "${ERROR}")
  message(FATAL_ERROR "stderr does not match: ${ERROR}")
endif()
if(DEFINED EXPECTED)
  string(REGEX REPLACE "\n#[^\n]*" "" printed "\n${printed}")
  file(READ ${EXPECTED} expected)
  if(NOT printed STREQUAL "\n${expected}")
    message(FATAL_ERROR "expected this output:\n${expected}")
  endif()
endif()
