# Tests of wire and object.

# Random structs by table.
add_library(fora_wire_random STATIC wire_random.c)
target_link_libraries(fora_wire_random PRIVATE fora_flags PUBLIC fora_wire)
target_include_directories(fora_wire_random PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})

# One full content of every kind.
add_library(fora_content_samples STATIC content_samples.c)
target_link_libraries(fora_content_samples PRIVATE fora_flags PUBLIC fora_object)
target_include_directories(fora_content_samples PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})

# protobuf-c's generated code for the same .proto files: only tests use it.
find_program(PROTOC_C NAMES protoc-c REQUIRED)
set(pb_dir ${CMAKE_CURRENT_BINARY_DIR}/pb)
set(proto_dir ${PROJECT_SOURCE_DIR}/proto)
set(pb_sources)
set(pb_protos)
set(lists "/* Made by CMake from the .proto files and wire/tables.h. */\n#define PROTO_MESSAGES(X)")
foreach(name object identity policy content standing session)
    set(proto ${proto_dir}/fora/v1/${name}.proto)
    set(out ${pb_dir}/fora/v1/${name}.pb-c)
    add_custom_command(OUTPUT ${out}.c ${out}.h
        COMMAND ${CMAKE_COMMAND} -E make_directory ${pb_dir}
        COMMAND ${PROTOC_C} --proto_path=${proto_dir} --c_out=${pb_dir} ${proto}
        DEPENDS ${proto} VERBATIM)
    list(APPEND pb_sources ${out}.c)
    list(APPEND pb_protos ${proto})
    file(STRINGS ${proto} lines REGEX "^message ")
    foreach(line ${lines})
        string(REGEX REPLACE "^message ([A-Za-z]+).*" "\\1" message "${line}")
        string(REGEX REPLACE "([a-z0-9])([A-Z])" "\\1_\\2" message "${message}")
        string(TOLOWER "${message}" message)
        string(APPEND lists " \\\n    X(${message})")
    endforeach()
endforeach()
string(APPEND lists "\n#define WIRE_TABLES(X)")
file(STRINGS ${proto_dir}/src/wire/tables.h lines REGEX "^extern const struct wire_table ")
foreach(line ${lines})
    string(REGEX REPLACE "^extern const struct wire_table ([a-z_]+).*" "\\1" table "${line}")
    string(APPEND lists " \\\n    X(${table})")
endforeach()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
    ${pb_protos} ${proto_dir}/src/wire/tables.h)
file(CONFIGURE OUTPUT ${pb_dir}/wire_lists.h CONTENT "${lists}\n" @ONLY)

add_library(fora_test_pb STATIC ${pb_sources})
target_link_libraries(fora_test_pb PUBLIC PkgConfig::PROTOBUFC)
target_include_directories(fora_test_pb SYSTEM PUBLIC ${pb_dir})

fora_test(test_wire SOURCES test_wire.c
    LIBS fora_wire fora_wire_random fora_alloc_fail fora_vectors)
fora_test(test_wire_differential SOURCES test_wire_differential.c
    LIBS fora_object fora_wire_random fora_test_pb)
fora_test(test_object SOURCES test_object.c LIBS fora_object fora_wire fora_alloc_fail)
fora_test(test_content SOURCES test_content.c
    LIBS fora_object fora_content_samples fora_wire_random fora_alloc_fail)
fora_test(test_wire_caps SOURCES test_wire_caps.c LIBS fora_wire fora_wire_random fora_test_pb)
fora_test(test_message SOURCES test_message.c LIBS fora_object fora_wire_random fora_alloc_fail)

# Run by hand: it writes the seeds of the fuzz targets.
add_executable(make_seeds EXCLUDE_FROM_ALL make_seeds.c)
target_link_libraries(make_seeds PRIVATE fora_flags fora_content_samples fora_wire_random)
fora_test(test_spec_tables SOURCES test_spec_tables.c LIBS fora_object fora_wire fora_test_pb)

# The vectors of the specification: made from seeds and committed. interop-tests checks them without
# libfora.
add_executable(make_vectors make_vectors.c)
target_link_libraries(make_vectors PRIVATE fora_flags fora_content_samples fora_wire)
fora_test(test_spec_vectors SOURCES test_spec_vectors.c LIBS fora_object fora_vectors)
fora_vectors_current(make_vectors ids objects signatures)

# A program outside the tree builds and runs against what is installed.
set(example_flags "${CMAKE_C_FLAGS}")
if(FORA_SANITIZE)
    string(APPEND example_flags " -fsanitize=${FORA_SANITIZE}")
endif()
if(FORA_COVERAGE)
    string(APPEND example_flags " --coverage")
endif()
add_test(NAME install COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/install_test.sh ${PROJECT_BINARY_DIR}
    ${CMAKE_CURRENT_SOURCE_DIR}/install_example.c ${CMAKE_C_COMPILER} "${example_flags}"
    ${CMAKE_INSTALL_LIBDIR})
set_tests_properties(install PROPERTIES TIMEOUT 300)
