# libfora as one library, shared and static, from the objects of every room under src/; what is
# installed with `cmake --install BUILD --component libfora`.

include(CMakePackageConfigHelpers)

# fora_rooms_below(DIR OUT): the static libraries declared in DIR and below it.
function(fora_rooms_below dir out)
    set(rooms)
    get_property(targets DIRECTORY ${dir} PROPERTY BUILDSYSTEM_TARGETS)
    foreach(target ${targets})
        get_target_property(type ${target} TYPE)
        if(type STREQUAL "STATIC_LIBRARY")
            list(APPEND rooms ${target})
        endif()
    endforeach()
    get_property(below DIRECTORY ${dir} PROPERTY SUBDIRECTORIES)
    foreach(sub ${below})
        fora_rooms_below(${sub} more)
        list(APPEND rooms ${more})
    endforeach()
    set(${out} ${rooms} PARENT_SCOPE)
endfunction()

fora_rooms_below(${CMAKE_CURRENT_SOURCE_DIR}/src rooms)
set(objects)
foreach(room ${rooms})
    list(APPEND objects $<TARGET_OBJECTS:${room}>)
endforeach()

add_library(fora_static STATIC ${objects})
add_library(fora_shared SHARED ${objects})
add_library(fora::fora ALIAS fora_shared)
set(map ${CMAKE_CURRENT_SOURCE_DIR}/src/libfora.map)
target_link_options(fora_shared PRIVATE -Wl,--version-script=${map})
set_target_properties(fora_shared PROPERTIES
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR} LINK_DEPENDS ${map})
set_target_properties(fora_shared PROPERTIES EXPORT_NAME fora)
foreach(library fora_static fora_shared)
    set_target_properties(${library} PROPERTIES OUTPUT_NAME fora LINKER_LANGUAGE C)
    target_link_libraries(${library} PRIVATE $<BUILD_INTERFACE:fora_flags> PkgConfig::SODIUM)
    target_include_directories(${library} INTERFACE
        $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endforeach()

install(TARGETS fora_shared fora_static EXPORT foraTargets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT libfora NAMELINK_COMPONENT libfora
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT libfora)
install(DIRECTORY include/fora DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT libfora
    FILES_MATCHING PATTERN "*.h")
install(DIRECTORY fora/v1 DESTINATION ${CMAKE_INSTALL_DATADIR}/fora/proto/fora COMPONENT libfora
    FILES_MATCHING PATTERN "*.proto")

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/fora)
install(EXPORT foraTargets NAMESPACE fora:: DESTINATION ${package_dir} COMPONENT libfora)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/foraConfig.cmake.in
    ${CMAKE_CURRENT_BINARY_DIR}/foraConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/foraConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/foraConfig.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/foraConfigVersion.cmake
    DESTINATION ${package_dir} COMPONENT libfora)

file(RELATIVE_PATH FORA_PC_UP /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" FORA_PC_UP ${FORA_PC_UP})
configure_file(${PROJECT_SOURCE_DIR}/cmake/fora.pc.in ${CMAKE_CURRENT_BINARY_DIR}/fora.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/fora.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT libfora)
