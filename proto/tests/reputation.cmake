# Tests of reputation (spec/12).
fora_test(reputation_test SOURCES reputation_test.c LIBS fora_fixture fora_reputation fora_alloc_fail)
fora_test(carried_test SOURCES carried_test.c LIBS fora_fixture fora_reputation fora_alloc_fail)
fora_test(standing_rule_test SOURCES standing_rule_test.c LIBS fora_reputation)
fora_test(standing_property_test SOURCES standing_property_test.c LIBS fora_fixture fora_reputation)
fora_test(claims_test SOURCES claims_test.c LIBS fora_fixture fora_reputation fora_alloc_fail)

# spec/vectors/reputation.json: written with the first, checked by the second.
add_executable(make_reputation_vectors make_reputation_vectors.c make_verdict_vectors.c
    make_carried_vectors.c)
target_link_libraries(make_reputation_vectors
    PRIVATE fora_flags fora_fixture fora_reputation fora_vector_json)
fora_vectors_current(make_reputation_vectors reputation)
fora_test(reputation_vectors_test SOURCES reputation_vectors_test.c LIBS fora_reputation fora_vectors)
