fora_test(standing_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/tests/standing_test.c LIBS forad_core_world)
fora_test(page_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/tests/page_test.c LIBS forad_core_world)
fora_test(privileges_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/tests/privileges_test.c LIBS forad_core_world)
fora_test(local_standing_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/tests/local_test.c LIBS forad_core)
fora_test(local_property_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/tests/local_property_test.c LIBS forad_core)
fora_test(standing_carried_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/tests/carried_test.c ${CMAKE_CURRENT_LIST_DIR}/../core/tests/net.c
    LIBS forad_core_world)
