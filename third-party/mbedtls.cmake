# SPDX-License-Identifier: Apache-2.0
#
# mbedTLS with the changes in patches/, in the configuration of protocols/crypto/mbedtls_config.h: the same one in all builds, except that the host
# builds also have the server's side of TLS, for the tests.

undine_fetch(mbedtls undine_fetched)

# The patched copy, made anew when what was fetched or a patch changes. What is kept in the cache stays as it was published.
set(undine_mbedtls "${PROJECT_BINARY_DIR}/mbedtls")
set(undine_made_from "${undine_fetched}")
file(GLOB undine_patches CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/patches/mbedtls-*.patch")
list(SORT undine_patches)
foreach(undine_patch IN LISTS undine_patches)
  file(SHA256 "${undine_patch}" undine_sum)
  string(APPEND undine_made_from " ${undine_sum}")
endforeach()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${undine_patches})
set(undine_had "")
if(EXISTS "${undine_mbedtls}/made-from")
  file(READ "${undine_mbedtls}/made-from" undine_had)
endif()
if(NOT undine_had STREQUAL undine_made_from)
  file(REMOVE_RECURSE "${undine_mbedtls}")
  file(COPY "${undine_fetched}/include" "${undine_fetched}/library" DESTINATION "${undine_mbedtls}")
  foreach(undine_patch IN LISTS undine_patches)
    execute_process(COMMAND patch -s -p1 -i "${undine_patch}" WORKING_DIRECTORY "${undine_mbedtls}" COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
  file(WRITE "${undine_mbedtls}/made-from" "${undine_made_from}")
endif()

file(GLOB undine_mbedtls_sources "${undine_mbedtls}/library/*.c")
# What needs an operating system.
list(FILTER undine_mbedtls_sources EXCLUDE REGEX "/(net_sockets|timing|psa_its_file|entropy_poll|threading|memory_buffer_alloc)\\.c$")
list(SORT undine_mbedtls_sources)
add_library(undine-mbedtls STATIC ${undine_mbedtls_sources})
target_compile_definitions(undine-mbedtls PUBLIC "MBEDTLS_CONFIG_FILE=\"${PROJECT_SOURCE_DIR}/protocols/crypto/mbedtls_config.h\""
  "MBEDTLS_PSA_CRYPTO_CONFIG_FILE=\"${PROJECT_SOURCE_DIR}/protocols/crypto/psa_config.h\"")
target_include_directories(undine-mbedtls SYSTEM PUBLIC "${undine_mbedtls}/include" PRIVATE "${undine_mbedtls}/library")
target_compile_options(undine-mbedtls PRIVATE -w)

# Cipher block chaining for files (protocols/crypto/cbc.cc), its function alone: in the configuration it would switch on TLS' old ciphers too.
set_source_files_properties("${undine_mbedtls}/library/aes.c" PROPERTIES COMPILE_DEFINITIONS MBEDTLS_CIPHER_MODE_CBC)

# What every octet goes through, and the multiplication of public keys.
if(UNDINE_BUILD STREQUAL "nbp")
  foreach(undine_hot aes aesni gcm chacha20 poly1305 sha256 bignum_core)
    set_source_files_properties("${undine_mbedtls}/library/${undine_hot}.c" PROPERTIES COMPILE_OPTIONS -O2)
  endforeach()
endif()
