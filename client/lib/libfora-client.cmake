# libfora-client as a library of its own, over the shared libfora; what is installed with
# `cmake --install BUILD --component libfora-client` (and libfora, which it needs).
add_library(fora_client_shared SHARED $<TARGET_OBJECTS:fora_client>)
target_include_directories(fora_client_shared INTERFACE
    $<BUILD_INTERFACE:${CMAKE_CURRENT_LIST_DIR}/include>)
target_link_libraries(fora_client_shared PRIVATE fora_flags PUBLIC fora_shared)
target_link_options(fora_client_shared PRIVATE
    -Wl,--version-script=${CMAKE_CURRENT_LIST_DIR}/libfora-client.map)
set_target_properties(fora_client_shared PROPERTIES OUTPUT_NAME fora-client LINKER_LANGUAGE C
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
    LINK_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/libfora-client.map)

install(TARGETS fora_client_shared LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    COMPONENT libfora-client NAMELINK_COMPONENT libfora-client)
install(FILES lib/include/fora/client.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/fora
    COMPONENT libfora-client)
file(RELATIVE_PATH FORA_PC_UP /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" FORA_PC_UP ${FORA_PC_UP})
configure_file(lib/fora-client.pc.in ${CMAKE_CURRENT_BINARY_DIR}/fora-client.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/fora-client.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT libfora-client)
