# Tests of negentropy.
add_library(fora_neg_sides STATIC negentropy_sides.c)
target_link_libraries(fora_neg_sides PRIVATE fora_flags PUBLIC fora_negentropy fora_cmocka)
target_include_directories(fora_neg_sides PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})

# spec/vectors/reconcile.json: written with the first, checked by the second.
add_executable(make_reconcile_vectors make_reconcile_vectors.c)
target_link_libraries(make_reconcile_vectors PRIVATE fora_flags fora_negentropy fora_crypto fora_vector_json)
fora_vectors_current(make_reconcile_vectors reconcile)
fora_test(negentropy_test SOURCES negentropy_test.c LIBS fora_neg_sides fora_vectors)
fora_test(negentropy_codec_test SOURCES negentropy_codec_test.c LIBS fora_neg_sides)
target_include_directories(negentropy_codec_test PRIVATE ${PROJECT_SOURCE_DIR}/proto/src)
fora_test(negentropy_hostile_test SOURCES negentropy_hostile_test.c LIBS fora_neg_sides)
fora_test(negentropy_fault_test SOURCES negentropy_fault_test.c
    LIBS fora_neg_sides fora_alloc_fail)
fora_test(negentropy_property_test SOURCES negentropy_property_test.c LIBS fora_neg_sides)
