# SPDX-License-Identifier: Apache-2.0
#
# mbedTLS, unmodified, in the configuration of protocols/crypto/mbedtls_config.h: the same one in all builds, except that the host builds also
# have the server's side of TLS, for the tests.

undine_fetch(mbedtls undine_mbedtls)

file(GLOB undine_mbedtls_sources "${undine_mbedtls}/library/*.c")
# What needs an operating system.
list(FILTER undine_mbedtls_sources EXCLUDE REGEX "/(net_sockets|timing|psa_its_file|entropy_poll|threading|memory_buffer_alloc)\\.c$")
list(SORT undine_mbedtls_sources)
add_library(undine-mbedtls STATIC ${undine_mbedtls_sources})
target_compile_definitions(undine-mbedtls PUBLIC "MBEDTLS_CONFIG_FILE=\"${PROJECT_SOURCE_DIR}/protocols/crypto/mbedtls_config.h\"")
target_include_directories(undine-mbedtls SYSTEM PUBLIC "${undine_mbedtls}/include" PRIVATE "${undine_mbedtls}/library")
target_compile_options(undine-mbedtls PRIVATE -w)

# What every octet goes through, and the multiplication of public keys.
if(UNDINE_BUILD STREQUAL "nbp")
  foreach(undine_hot aes aesni gcm chacha20 poly1305 md5 sha1 sha256 sha512 bignum_core)
    set_source_files_properties("${undine_mbedtls}/library/${undine_hot}.c" PROPERTIES COMPILE_OPTIONS -O2)
  endforeach()
endif()
