# Tests of accounts, votes, spaces and custodial keys.
if(FORA_TESTS)
    add_library(forad_requests_rig STATIC
        ${CMAKE_CURRENT_LIST_DIR}/requests_rig.c
        ${PROJECT_SOURCE_DIR}/server/store/tests/store_rig.c)
    target_link_libraries(forad_requests_rig PRIVATE fora_flags
        PUBLIC forad_core forad_store fora_fixture fora_cmocka)
    target_include_directories(forad_requests_rig PUBLIC ${CMAKE_CURRENT_LIST_DIR})
endif()

fora_test(core_custody_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/custody_test.c
    LIBS forad_core fora_identity fora_noise)
fora_test(core_attempts_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/attempts_test.c LIBS forad_core)
fora_test(core_mentions_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/mentions_test.c
    LIBS forad_requests_rig forad_maintain)
foreach(name accounts votes spaces compose principal receipts receipts_cost take_out)
    fora_test(core_${name}_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/${name}_test.c
        LIBS forad_requests_rig)
endforeach()
