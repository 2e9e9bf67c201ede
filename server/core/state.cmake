# Tests of the writer, the rows and convergence, and the world that they are told in.
if(FORA_TESTS)
    add_library(forad_core_world STATIC tests/world.c)
    target_link_libraries(forad_core_world PRIVATE fora_flags PUBLIC forad_core fora_fixture)
    target_link_libraries(forad_core_world PRIVATE fora_cmocka)
endif()
fora_test(core_commit_test SOURCES tests/commit_test.c LIBS forad_core_world)
fora_test(core_rows_test SOURCES tests/rows_test.c LIBS forad_core_world)
fora_test(core_convergence_test SOURCES tests/convergence_test.c LIBS forad_core_world)
