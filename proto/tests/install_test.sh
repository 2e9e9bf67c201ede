#!/bin/sh
# Installs libfora below a temporary folder and builds install_example.c against it in three ways:
# pkg-config with the shared library, CMake with the shared one, CMake with the static one.
#
#   install_test.sh BUILD_DIR EXAMPLE_C CC CFLAGS LIBDIR
set -eu
build=$1 example=$2 cc=$3 cflags=$4 libdir=$5
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

cmake --install "$build" --prefix "$dir/prefix" --component libfora >"$dir/log" || {
    cat "$dir/log"
    exit 1
}
export PKG_CONFIG_PATH="$dir/prefix/$libdir/pkgconfig"
export LD_LIBRARY_PATH="$dir/prefix/$libdir"

echo "pkg-config, shared"
# shellcheck disable=SC2086,SC2046
"$cc" -std=c17 $cflags -o "$dir/example" "$example" $(pkg-config --cflags --libs fora)
"$dir/example"

mkdir "$dir/src"
cp "$example" "$dir/src/example.c"
cat >"$dir/src/CMakeLists.txt" <<'EOF'
cmake_minimum_required(VERSION 3.25)
project(example LANGUAGES C)
find_package(fora 0.1 REQUIRED)
add_executable(shared example.c)
target_link_libraries(shared PRIVATE fora::fora)
add_executable(static example.c)
target_link_libraries(static PRIVATE fora::fora_static)
EOF
cmake -G Ninja -S "$dir/src" -B "$dir/b" -DCMAKE_PREFIX_PATH="$dir/prefix" -DCMAKE_C_COMPILER="$cc" \
    -DCMAKE_C_FLAGS="$cflags" >"$dir/log" 2>&1 && cmake --build "$dir/b" >>"$dir/log" 2>&1 || {
    cat "$dir/log"
    exit 1
}
for kind in shared static; do
    echo "CMake, $kind"
    "$dir/b/$kind"
done

echo "nothing but fora_ is exported"
if nm -D --defined-only "$dir/prefix/$libdir/libfora.so" | grep -v ' fora_' ; then
    exit 1
fi
test "$(nm -D --defined-only "$dir/prefix/$libdir/libfora.so" | grep -c ' T fora_')" -gt 50
if nm -D --defined-only "$dir/prefix/$libdir/libfora.so" | grep '_table$'; then
    exit 1
fi
echo "every public header is in fora.h"
for header in "$dir"/prefix/include/fora/*.h; do
    name=$(basename "$header")
    test "$name" = fora.h || grep -q "\"fora/$name\"" "$dir/prefix/include/fora/fora.h" || {
        echo "fora.h does not include $name"
        exit 1
    }
done
