# Fuzz targets of sessions.
foreach(name session session_open)
    fora_fuzz(${name}_fuzz SOURCES ${CMAKE_CURRENT_LIST_DIR}/${name}_fuzz.c LIBS fora_session
        CORPUS ${CMAKE_CURRENT_LIST_DIR}/corpus/${name})
endforeach()
