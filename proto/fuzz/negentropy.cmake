# Fuzz target of negentropy.
fora_fuzz(fuzz_negentropy SOURCES fuzz_negentropy.c LIBS fora_negentropy
    CORPUS ${CMAKE_CURRENT_SOURCE_DIR}/corpus/negentropy)
fora_fuzz(fuzz_negentropy_sets SOURCES fuzz_negentropy_sets.c LIBS fora_negentropy
    CORPUS ${CMAKE_CURRENT_SOURCE_DIR}/corpus/negentropy_sets)
