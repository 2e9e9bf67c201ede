# Fuzz targets of base, noise and view.
foreach(name bech32 utf8 reader)
    fora_fuzz(fuzz_${name} SOURCES fuzz_${name}.c LIBS fora_base
        CORPUS ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
endforeach()
fora_fuzz(fuzz_noise SOURCES fuzz_noise.c LIBS fora_noise
    CORPUS ${CMAKE_CURRENT_SOURCE_DIR}/corpus/noise)
fora_fuzz(fuzz_version SOURCES fuzz_version.c LIBS fora_view
    CORPUS ${CMAKE_CURRENT_SOURCE_DIR}/corpus/version)
