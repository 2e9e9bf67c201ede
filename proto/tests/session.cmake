# Tests of sessions.
add_library(fora_session_pair STATIC ${CMAKE_CURRENT_LIST_DIR}/session_pair.c)
target_link_libraries(fora_session_pair PRIVATE fora_flags PUBLIC fora_session fora_cmocka)
target_include_directories(fora_session_pair PUBLIC ${CMAKE_CURRENT_LIST_DIR})

fora_test(session_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/session_test.c LIBS fora_session_pair)
foreach(name session_hello_test session_end_test session_hostile_test session_chunk_test)
    fora_test(${name} SOURCES ${CMAKE_CURRENT_LIST_DIR}/${name}.c LIBS fora_session_pair)
endforeach()
fora_test(message_rules_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/message_rules_test.c LIBS fora_session)

# Counts the bytes of the heap: a test that names it in LIBS includes heap_count.h.
add_library(fora_heap_count STATIC ${CMAKE_CURRENT_LIST_DIR}/heap_count.c)
target_link_libraries(fora_heap_count PRIVATE fora_flags)
target_include_directories(fora_heap_count PUBLIC ${CMAKE_CURRENT_LIST_DIR})
target_link_options(fora_heap_count INTERFACE
    -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=free)

fora_test(session_bulk_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/session_bulk_test.c
    LIBS fora_session_pair fora_heap_count)
fora_test(session_fault_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/session_fault_test.c
    LIBS fora_session_pair fora_alloc_fail)

# The vectors of the specification: a second run makes the committed files, and sessions agree.
add_executable(session_vectors ${CMAKE_CURRENT_LIST_DIR}/session_vectors.c)
target_link_libraries(session_vectors PRIVATE fora_flags fora_session fora_vector_json)
fora_test(session_vectors_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/session_vectors_test.c
    LIBS fora_session_pair fora_vectors)
fora_vectors_current(session_vectors handshakes frames)
