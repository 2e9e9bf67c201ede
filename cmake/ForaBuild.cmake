# What every room of the tree shares: warnings, sanitizers, and three functions that declare a room,
# a test and a fuzz target.

find_package(PkgConfig REQUIRED)

add_library(fora_flags INTERFACE)
target_compile_definitions(fora_flags INTERFACE _GNU_SOURCE)
target_compile_options(fora_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith
    -Wcast-qual -Wwrite-strings -Wvla -Wformat=2 -Wundef -Wswitch-enum
    -fno-strict-aliasing -fno-omit-frame-pointer
    $<$<BOOL:${FORA_WERROR}>:-Werror>)
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
    target_compile_options(fora_flags INTERFACE -fstack-protector-strong)
    if(NOT FORA_SANITIZE)
        target_compile_definitions(fora_flags INTERFACE _FORTIFY_SOURCE=2)
    endif()
    target_link_options(fora_flags INTERFACE -Wl,-z,relro,-z,now)
endif()
if(FORA_SANITIZE)
    target_compile_options(fora_flags INTERFACE -fsanitize=${FORA_SANITIZE} -fno-sanitize-recover=all)
    target_link_options(fora_flags INTERFACE -fsanitize=${FORA_SANITIZE})
endif()
if(FORA_FUZZ)
    # Every room reports its coverage to the fuzzers; only they link libFuzzer's main.
    target_compile_options(fora_flags INTERFACE -fsanitize=fuzzer-no-link)
    target_link_options(fora_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(FORA_COVERAGE)
    # Threads count too: unless atomic, their counts are lost, or fall below zero.
    target_compile_options(fora_flags INTERFACE --coverage -fprofile-update=atomic)
    target_link_options(fora_flags INTERFACE --coverage)
endif()

# fora_room(NAME SOURCES a.c b.c [LIBS target ...] [PRIVATE_LIBS target ...])
# A static library of one room. A third-party library is named in PRIVATE_LIBS of the one room that
# includes its headers.
function(fora_room name)
    cmake_parse_arguments(ROOM "" "" "SOURCES;LIBS;PRIVATE_LIBS" ${ARGN})
    add_library(${name} STATIC ${ROOM_SOURCES})
    target_link_libraries(${name} PRIVATE fora_flags ${ROOM_PRIVATE_LIBS} PUBLIC ${ROOM_LIBS})
endfunction()

# fora_test(NAME SOURCES a.c [LIBS target ...] [ARGS ...] [LABELS ...] [TIMEOUT seconds])
# One cmocka program, run by ctest. FORA_DATA names the folder of third-party vectors and dumps; a
# test that needs it and does not find it calls skip().
function(fora_test name)
    if(NOT FORA_TESTS)
        return()
    endif()
    cmake_parse_arguments(T "" "TIMEOUT" "SOURCES;LIBS;ARGS;LABELS" ${ARGN})
    if(NOT T_TIMEOUT)
        set(T_TIMEOUT 300)
    endif()
    if(FORA_COVERAGE)
        math(EXPR T_TIMEOUT "4 * ${T_TIMEOUT}") # counters of threads are atomic, and slow
    endif()
    add_executable(${name} ${T_SOURCES})
    target_link_libraries(${name} PRIVATE fora_flags ${T_LIBS} fora_cmocka)
    add_test(NAME ${name} COMMAND ${name} ${T_ARGS})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${T_TIMEOUT} LABELS "${T_LABELS}"
        ENVIRONMENT "FORA_DATA=${FORA_DATA};FORA_SPEC=${PROJECT_SOURCE_DIR}/spec")
endfunction()

# fora_fuzz(NAME SOURCES a.c [LIBS ...] CORPUS dir)
# With FORA_FUZZ a libFuzzer program; always a test that replays the corpus.
function(fora_fuzz name)
    cmake_parse_arguments(F "" "CORPUS" "SOURCES;LIBS" ${ARGN})
    if(FORA_FUZZ)
        add_executable(${name} ${F_SOURCES})
        target_link_libraries(${name} PRIVATE fora_flags ${F_LIBS})
        target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
        target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    endif()
    if(FORA_TESTS)
        add_executable(${name}_replay ${F_SOURCES} ${PROJECT_SOURCE_DIR}/proto/fuzz/replay.c)
        target_link_libraries(${name}_replay PRIVATE fora_flags ${F_LIBS})
        add_test(NAME ${name}_replay COMMAND ${name}_replay ${F_CORPUS})
        set_tests_properties(${name}_replay PROPERTIES TIMEOUT 300 LABELS fuzz)
    endif()
endfunction()

# Third-party data lives beside the checkout, never in it.
set(FORA_DATA "${PROJECT_SOURCE_DIR}/../shared/data" CACHE PATH "Folder of third-party vectors and dumps")

if(FORA_TESTS)
    pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
    pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
    add_library(fora_cmocka INTERFACE)
    target_link_libraries(fora_cmocka INTERFACE PkgConfig::CMOCKA)
endif()
