fora_test(standing_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/tests/standing_test.c LIBS forad_core_world)
