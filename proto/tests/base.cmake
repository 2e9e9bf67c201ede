# Tests of base, crypto and noise.

# Lets the n-th allocation fail: a test that names it in LIBS includes alloc_fail.h.
add_library(fora_alloc_fail STATIC alloc_fail.c)
target_link_libraries(fora_alloc_fail PRIVATE fora_flags)
target_include_directories(fora_alloc_fail PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_options(fora_alloc_fail INTERFACE
    -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc)

# Looks for secrets in what is freed: a test that names it in LIBS includes free_watch.h.
add_library(fora_free_watch STATIC free_watch.c)
target_link_libraries(fora_free_watch PRIVATE fora_flags)
target_include_directories(fora_free_watch PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_options(fora_free_watch INTERFACE -Wl,--wrap=free)

# Reads the JSON of third-party vectors.
add_library(fora_vectors STATIC vectors.c)
target_link_libraries(fora_vectors PRIVATE fora_flags PUBLIC fora_base PkgConfig::JANSSON fora_cmocka)
target_include_directories(fora_vectors PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})

fora_test(test_bytes SOURCES test_bytes.c LIBS fora_base)
fora_test(test_arena SOURCES test_arena.c LIBS fora_base)
fora_test(test_alloc SOURCES test_alloc.c LIBS fora_base fora_alloc_fail)
fora_test(test_error SOURCES test_error.c LIBS fora_base)
fora_test(test_bech32 SOURCES test_bech32.c LIBS fora_base)
fora_test(test_utf8 SOURCES test_utf8.c LIBS fora_base fora_vectors)
fora_test(test_crypto SOURCES test_crypto.c LIBS fora_crypto fora_free_watch)
fora_test(test_crypto_vectors SOURCES test_crypto_vectors.c LIBS fora_crypto fora_vectors)
fora_test(test_noise SOURCES test_noise.c LIBS fora_noise fora_alloc_fail fora_free_watch)
fora_test(test_noise_vectors SOURCES test_noise_vectors.c LIBS fora_noise fora_vectors)

# These look at internal headers.
foreach(name test_bech32 test_crypto_vectors test_noise test_noise_vectors)
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/proto/src)
endforeach()
