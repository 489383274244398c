# SPDX-License-Identifier: Apache-2.0
#
# Modules and layers: how a folder becomes a library, what it may include, and where its tests and fuzz targets go.
#
#   undine_module(<folder> [USES <folder>...] [SOURCES a.cc ...] [TESTS a_test.cc ...] [FUZZERS a_fuzz.cc ...] [SLOW_FUZZERS b_fuzz.cc ...])
#
# <folder> is the path from the top of the tree: core, protocols/tcp, undi. It becomes the library `undine-<folder with - for />`;
# without SOURCES it is a module of headers only. USES names the modules it links. TESTS are one GoogleTest program for the module
# (built by preset host, run by ctest); each of FUZZERS is a libFuzzer program (built by preset fuzz, run by ctest over
# <folder>/corpus/<fuzzer>/ and then for UNDINE_FUZZ_RUNS inputs; for fewer where each costs signatures: SLOW_FUZZERS).
#
# Each folder with a CMakeLists.txt in a layer is added by itself; nobody has to list it.

# The layers, lowest first, and what each may include besides itself.
set(UNDINE_LAYERS core protocols undi loaders pxe-api config nbp test-rig)
set(UNDINE_MAY_USE_core "")
set(UNDINE_MAY_USE_protocols core)
set(UNDINE_MAY_USE_undi core)
set(UNDINE_MAY_USE_loaders core)
set(UNDINE_MAY_USE_pxe-api core protocols undi)
set(UNDINE_MAY_USE_config core protocols loaders)
set(UNDINE_MAY_USE_nbp core protocols undi loaders pxe-api config)
set(UNDINE_MAY_USE_test-rig core protocols undi loaders pxe-api config nbp)

# The include path of a layer: for each layer that it may use, a folder that holds nothing but a link to that layer.
function(undine_include_path layer result)
  set(path "")
  foreach(visible IN ITEMS ${layer} ${UNDINE_MAY_USE_${layer}})
    list(APPEND path "${PROJECT_BINARY_DIR}/include/${visible}")
  endforeach()
  set(${result} "${path}" PARENT_SCOPE)
endfunction()

function(undine_make_include_folders)
  foreach(layer IN LISTS UNDINE_LAYERS)
    file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/include/${layer}")
    file(CREATE_LINK "${PROJECT_SOURCE_DIR}/${layer}" "${PROJECT_BINARY_DIR}/include/${layer}/${layer}" SYMBOLIC)
  endforeach()
endfunction()

# The layer of a module; it is an error if it is not one of ours.
function(undine_layer_of folder result)
  string(REGEX MATCH "^[^/]+" layer "${folder}")
  if(NOT layer IN_LIST UNDINE_LAYERS)
    message(FATAL_ERROR "undine_module(${folder}): '${layer}' is none of the layers ${UNDINE_LAYERS}")
  endif()
  set(${result} "${layer}" PARENT_SCOPE)
endfunction()

function(undine_target_of folder result)
  string(REPLACE "/" "-" name "undine-${folder}")
  set(${result} "${name}" PARENT_SCOPE)
endfunction()

function(undine_module folder)
  cmake_parse_arguments(PARSE_ARGV 1 module "" "" "USES;SOURCES;TESTS;FUZZERS;SLOW_FUZZERS")
  if(module_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "undine_module(${folder}): what is meant by '${module_UNPARSED_ARGUMENTS}'?")
  endif()
  undine_layer_of("${folder}" layer)
  undine_target_of("${folder}" target)
  undine_include_path("${layer}" include_path)

  set(uses_targets "")
  foreach(used IN LISTS module_USES)
    undine_layer_of("${used}" used_layer)
    if(NOT used_layer STREQUAL layer AND NOT used_layer IN_LIST UNDINE_MAY_USE_${layer})
      message(FATAL_ERROR "${folder} may not use ${used}: ${layer} may use only '${UNDINE_MAY_USE_${layer}}'")
    endif()
    undine_target_of("${used}" used_target)
    list(APPEND uses_targets "${used_target}")
    set_property(GLOBAL APPEND PROPERTY UNDINE_USED "${used_target}|${folder} uses ${used}")
  endforeach()

  if(module_SOURCES)
    list(SORT module_SOURCES)  # the archive's order decides the program's layout
    add_library(${target} STATIC ${module_SOURCES})
    target_include_directories(${target} PRIVATE ${include_path})
    target_link_libraries(${target} PRIVATE undine-flags PUBLIC ${uses_targets})
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ${uses_targets})
  endif()

  if(module_TESTS AND UNDINE_BUILD STREQUAL "host")
    add_executable(${target}-test ${module_TESTS})
    target_include_directories(${target}-test PRIVATE ${include_path})
    target_link_libraries(${target}-test PRIVATE undine-flags ${target} undine-core-runtime GTest::gmock_main)
    add_test(NAME "unit:${folder}" COMMAND ${target}-test --gtest_brief=1 WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
    set_tests_properties("unit:${folder}" PROPERTIES TIMEOUT 120 LABELS unit)
  endif()

  if(UNDINE_BUILD STREQUAL "fuzz")
    foreach(source IN LISTS module_FUZZERS)
      undine_fuzzer("${folder}" "${target}" "${source}" "${include_path}" 20000)
    endforeach()
    foreach(source IN LISTS module_SLOW_FUZZERS)
      undine_fuzzer("${folder}" "${target}" "${source}" "${include_path}" 4000)
    endforeach()
  endif()
endfunction()

# One fuzz target: the program is <build>/<folder>/<name>, the target undine-<folder>-<name>.
function(undine_fuzzer folder module source include_path runs)
  cmake_path(GET source STEM name)
  set(corpus "${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name}")
  set(grown "${CMAKE_CURRENT_BINARY_DIR}/corpus/${name}")
  file(MAKE_DIRECTORY "${grown}")
  add_executable(${module}-${name} ${source})
  set_target_properties(${module}-${name} PROPERTIES
    OUTPUT_NAME ${name}
    RUNTIME_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}")
  target_include_directories(${module}-${name} PRIVATE ${include_path})
  target_link_libraries(${module}-${name} PRIVATE undine-flags ${module} undine-core-runtime)
  target_link_options(${module}-${name} PRIVATE -fsanitize=fuzzer)
  add_test(NAME "fuzz:${folder}/${name}"
    COMMAND "${PROJECT_SOURCE_DIR}/core/cmake/run-fuzzer" $<TARGET_FILE:${module}-${name}> ${runs} "${grown}" "${corpus}")
  set_tests_properties("fuzz:${folder}/${name}" PROPERTIES TIMEOUT 900 LABELS fuzz)
endfunction()

# Adds every folder of the layers that has a CMakeLists.txt, lowest layer first, unless its parent has added it.
macro(undine_add_layers)
  undine_make_include_folders()
  foreach(undine_layer IN LISTS UNDINE_LAYERS)
    file(GLOB undine_folders RELATIVE "${PROJECT_SOURCE_DIR}" CONFIGURE_DEPENDS
      "${undine_layer}/CMakeLists.txt" "${undine_layer}/*/CMakeLists.txt" "${undine_layer}/*/*/CMakeLists.txt")
    list(TRANSFORM undine_folders REPLACE "/CMakeLists.txt$" "")
    list(SORT undine_folders)
    foreach(undine_folder IN LISTS undine_folders)
      undine_is_added("${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/${undine_folder}" undine_added)
      if(NOT undine_added)
        add_subdirectory("${undine_folder}")
      endif()
    endforeach()
  endforeach()
  undine_check_uses()
  if(UNDINE_BUILD STREQUAL "host")
    undine_test_layers()
  endif()
endmacro()

# Whether a folder is already below `root` in the tree of add_subdirectory calls.
function(undine_is_added root folder result)
  set(added FALSE)
  get_property(children DIRECTORY "${root}" PROPERTY SUBDIRECTORIES)
  if(folder IN_LIST children)
    set(added TRUE)
  else()
    foreach(child IN LISTS children)
      undine_is_added("${child}" "${folder}" added)
      if(added)
        break()
      endif()
    endforeach()
  endif()
  set(${result} ${added} PARENT_SCOPE)
endfunction()

# Every module that is named in USES must exist: otherwise the linker would look for a library of that name. An error where warnings are
# errors; else a warning, so that one unfinished folder does not stop the others.
function(undine_check_uses)
  get_property(used GLOBAL PROPERTY UNDINE_USED)
  if(UNDINE_WERROR)
    set(severity FATAL_ERROR)
  else()
    set(severity WARNING)
  endif()
  foreach(entry IN LISTS used)
    string(REGEX MATCH "^([^|]+)\\|(.*)$" _ "${entry}")
    if(NOT TARGET ${CMAKE_MATCH_1})
      message(${severity} "${CMAKE_MATCH_2}, which is no module: its folder has no CMakeLists.txt with undine_module()")
    endif()
  endforeach()
endfunction()

# A test that the include paths really hide what a layer may not use.
function(undine_test_layers)
  set(paths "")
  foreach(layer IN LISTS UNDINE_LAYERS)
    undine_include_path("${layer}" include_path)
    string(APPEND paths "set(path_of_${layer} \"${include_path}\")\nset(may_use_${layer} \"${UNDINE_MAY_USE_${layer}}\")\n")
  endforeach()
  string(APPEND paths "set(layers \"${UNDINE_LAYERS}\")\nset(source \"${PROJECT_SOURCE_DIR}\")\n"
    "set(compiler \"${CMAKE_CXX_COMPILER}\")\nset(scratch \"${PROJECT_BINARY_DIR}/layer-check\")\n")
  file(WRITE "${PROJECT_BINARY_DIR}/layers.cmake" "${paths}")
  add_test(NAME "unit:layers"
    COMMAND ${CMAKE_COMMAND} -D "LAYERS=${PROJECT_BINARY_DIR}/layers.cmake" -P "${PROJECT_SOURCE_DIR}/core/cmake/check-layers.cmake")
  set_tests_properties("unit:layers" PROPERTIES TIMEOUT 120 LABELS unit)
endfunction()
