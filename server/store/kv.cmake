# The key-value layer. LMDB's header is included in kv_lmdb*.c and nowhere else.
pkg_check_modules(LMDB REQUIRED IMPORTED_TARGET lmdb)
find_package(Threads REQUIRED)

fora_room(forad_kv
    SOURCES kv.c kv_gate.c kv_file.c kv_lmdb.c kv_lmdb_map.c kv_lmdb_open.c kv_lmdb_copy.c kv_mem.c kv_tree.c
    LIBS fora_base Threads::Threads
    PRIVATE_LIBS PkgConfig::LMDB)
target_include_directories(forad_kv PUBLIC ${PROJECT_SOURCE_DIR}/server)

fora_test(kv_test SOURCES tests/kv_test.c tests/kv_rig.c LIBS forad_kv)
fora_test(kv_property_test SOURCES tests/kv_property_test.c tests/kv_rig.c LIBS forad_kv)
fora_test(kv_lmdb_test SOURCES tests/kv_lmdb_test.c tests/kv_rig.c LIBS forad_kv)
fora_test(kv_fault_test SOURCES tests/kv_fault_test.c tests/kv_rig.c LIBS forad_kv)
fora_test(kv_mem_test SOURCES tests/kv_mem_test.c tests/kv_rig.c LIBS forad_kv)
if(FORA_TESTS)
    target_link_options(kv_mem_test PRIVATE -Wl,--wrap=malloc,--wrap=calloc)
endif()
