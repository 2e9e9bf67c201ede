# Fuzz targets of wire and object. Their seeds are written by tests/make_seeds.c.
foreach(name object content message)
    fora_fuzz(fuzz_${name} SOURCES fuzz_${name}.c LIBS fora_object
        CORPUS ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
endforeach()
fora_fuzz(fuzz_bundle SOURCES fuzz_bundle.c LIBS fora_reputation
    CORPUS ${CMAKE_CURRENT_SOURCE_DIR}/corpus/bundle)
