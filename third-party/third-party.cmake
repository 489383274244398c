# SPDX-License-Identifier: Apache-2.0
#
# Foreign sources: fetched once into a cache outside the checkout, pinned by SHA-256, never committed. libc++ and libc++abi are for the
# i386 build only; the host builds use the host's own libraries. mbedTLS is the same in all builds.

if(DEFINED ENV{UNDINE_CACHE})
  set(undine_cache "$ENV{UNDINE_CACHE}")
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(undine_cache "$ENV{XDG_CACHE_HOME}/undine")
else()
  set(undine_cache "$ENV{HOME}/.cache/undine")
endif()
set(UNDINE_CACHE "${undine_cache}" CACHE PATH "Where fetched sources are kept, outside the checkout")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/fetch" "${CMAKE_CURRENT_LIST_DIR}/pins")

# Brings `name` (llvm, mbedtls) and sets `result` to the folder where it is kept.
function(undine_fetch name result)
  string(TOUPPER "${name}" option)
  set(UNDINE_${option}_TARBALL "" CACHE FILEPATH "A local copy of the source tarball of ${name}, instead of fetching it")
  execute_process(COMMAND "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/fetch" ${name} "${UNDINE_CACHE}" "${UNDINE_${option}_TARBALL}" RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "the sources of ${name} could not be had; see above")
  endif()
  file(STRINGS "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/pins" version REGEX "^${option}_VERSION=")
  string(REPLACE "${option}_VERSION=" "" version "${version}")
  set(${result} "${UNDINE_CACHE}/${name}-${version}" PARENT_SCOPE)
endfunction()

if(UNDINE_BUILD STREQUAL "nbp")
  include("${CMAKE_CURRENT_LIST_DIR}/llvm.cmake")
endif()
include("${CMAKE_CURRENT_LIST_DIR}/mbedtls.cmake")
