# Tests of identity, policy, admission and views, and the objects that they and others are made of.

add_library(fora_fixture STATIC fixture.c)
target_link_libraries(fora_fixture PRIVATE fora_flags
    PUBLIC fora_identity fora_policy fora_object fora_crypto fora_base)
target_include_directories(fora_fixture PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})

fora_test(identity_test SOURCES identity_test.c LIBS fora_fixture fora_identity fora_alloc_fail)
fora_test(identity_property_test SOURCES identity_property_test.c LIBS fora_fixture fora_identity)
fora_test(policy_test SOURCES policy_test.c policy_scene.c LIBS fora_fixture fora_policy fora_alloc_fail)
fora_test(policy_rights_test SOURCES policy_rights_test.c policy_scene.c LIBS fora_fixture fora_policy)
fora_test(admit_test SOURCES admit_test.c LIBS fora_fixture fora_admit fora_alloc_fail)
fora_test(receipt_test SOURCES receipt_test.c LIBS fora_fixture fora_receipt fora_alloc_fail)
fora_test(view_test SOURCES view_test.c view_scene.c LIBS fora_fixture fora_view)
fora_test(view_facts_test SOURCES view_facts_test.c view_scene.c LIBS fora_fixture fora_view fora_alloc_fail)
fora_test(alloc_operations_test SOURCES alloc_operations_test.c view_scene.c
    LIBS fora_fixture fora_view fora_reputation fora_receipt fora_noise fora_alloc_fail)
fora_test(view_property_test SOURCES view_property_test.c LIBS fora_fixture fora_view)

# spec/vectors/{identity,policies,views}.json: written with the first, checked by the second.
add_library(fora_vector_json STATIC vector_json.c)
target_link_libraries(fora_vector_json PRIVATE fora_flags PUBLIC fora_object fora_base PkgConfig::JANSSON)
add_executable(make_rule_vectors make_rule_vectors.c make_identity_vectors.c
    make_policy_vectors.c make_view_vectors.c)
target_link_libraries(make_rule_vectors PRIVATE fora_flags fora_fixture fora_view fora_vector_json)
fora_vectors_current(make_rule_vectors identity policies views)
fora_test(rule_vectors_test SOURCES rule_vectors_test.c
    LIBS fora_identity fora_policy fora_view fora_vectors)

# spec/vectors/receipts.json, likewise.
add_executable(make_receipt_vectors make_receipt_vectors.c)
target_link_libraries(make_receipt_vectors PRIVATE fora_flags fora_fixture fora_receipt fora_vector_json)
fora_vectors_current(make_receipt_vectors receipts)
fora_test(receipt_vectors_test SOURCES receipt_vectors_test.c
    LIBS fora_receipt fora_identity fora_policy fora_vectors)
