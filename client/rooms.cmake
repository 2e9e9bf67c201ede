# The rooms of the client that other programs link too: forad takes the command line's engine, the
# connection, and the member's files from here. Nothing here includes from server/.
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(LIBCONFIG REQUIRED IMPORTED_TARGET libconfig)

# libfora-client: one synchronous connection.
fora_room(fora_client SOURCES lib/client.c lib/connect.c lib/address.c lib/node.c
    LIBS fora_session fora_identity fora_object fora_crypto fora_base)
target_include_directories(fora_client PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/lib/include)

# Text for people.
fora_room(fora_text SOURCES text/clean.c text/date.c text/distance.c text/markdown.c text/mention.c text/slug.c text/table.c text/width.c
    LIBS fora_base)
target_include_directories(fora_text PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})

# How new spaces are called.
fora_room(fora_space_name SOURCES cmd/space_name.c LIBS fora_text fora_policy fora_base)

# QR codes, where libqrencode is there: encode.c alone includes it.
pkg_check_modules(QRENCODE IMPORTED_TARGET libqrencode)
if(QRENCODE_FOUND)
    fora_room(fora_qr SOURCES qr/draw.c qr/encode.c LIBS fora_base PRIVATE_LIBS PkgConfig::QRENCODE)
else()
    message(STATUS "libqrencode was not found: fora shows codes as text only")
    fora_room(fora_qr SOURCES qr/draw.c qr/encode_none.c LIBS fora_base)
endif()
target_include_directories(fora_qr PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
set_target_properties(fora_qr PROPERTIES FORA_DRAWS "${QRENCODE_FOUND}") # for tests of the program

# JSON, in and out: the only room that includes jansson.
fora_room(fora_json SOURCES json/js_read.c json/js_write.c
    LIBS fora_text fora_base
    PRIVATE_LIBS PkgConfig::JANSSON)

# What the client remembers. config.c alone includes libconfig.
fora_room(fora_state
    SOURCES state/accounts.c state/config.c state/files.c state/identity.c state/kit.c state/lists.c state/next_roots.c state/nodes.c state/seen.c
    LIBS fora_client fora_json fora_text fora_crypto fora_base
    PRIVATE_LIBS PkgConfig::LIBCONFIG)

# The command line's engine. A program that links it brings cmd_table() and cmd_globals.
fora_room(fora_cli
    SOURCES cmd/args.c cmd/help.c cmd/man.c cmd/completion.c cmd/generate.c
    LIBS fora_text fora_base)
