fora_test(standing_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/tests/standing_test.c LIBS forad_core_world)
fora_test(page_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/tests/page_test.c LIBS forad_core_world)
fora_test(privileges_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/tests/privileges_test.c LIBS forad_core_world)
fora_test(local_standing_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/tests/local_test.c LIBS forad_core)
