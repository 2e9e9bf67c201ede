#!/bin/sh
# Installs libfora and libfora-client below a temporary folder, builds install_example.c against them
# with pkg-config, and lets it ask a node.
#
#   install_test.sh BUILD_DIR EXAMPLE_C CC CFLAGS LIBDIR FORAD
set -eu
build=$1 example=$2 cc=$3 cflags=$4 libdir=$5 forad=$6
dir=$(mktemp -d)
node=
finish() {
    if [ -n "$node" ]; then
        kill "$node" 2>/dev/null || true
        wait "$node" || true
    fi
    rm -rf "$dir"
}
trap finish EXIT

for component in libfora libfora-client; do
    cmake --install "$build" --prefix "$dir/prefix" --component $component >"$dir/log" || {
        cat "$dir/log"
        exit 1
    }
done
export PKG_CONFIG_PATH="$dir/prefix/$libdir/pkgconfig"
export LD_LIBRARY_PATH="$dir/prefix/$libdir"
# shellcheck disable=SC2086,SC2046
"$cc" -std=c17 $cflags -o "$dir/example" "$example" $(pkg-config --cflags --libs fora-client)

"$forad" init --data "$dir/node" --kind vendor --name Example --listen 127.0.0.1:0 --yes -q
"$forad" run --data "$dir/node" --ready-file "$dir/ready" >"$dir/node.log" 2>&1 &
node=$!
tries=0
while [ ! -s "$dir/ready" ]; do
    tries=$((tries + 1))
    if [ $tries -gt 600 ] || ! kill -0 "$node"; then
        cat "$dir/node.log"
        exit 1
    fi
    sleep 0.1
done
test "$("$dir/example" "$(head -n 1 "$dir/ready")")" = "1 spaces"

echo "nothing but fora_client_ is exported"
if nm -D --defined-only "$dir/prefix/$libdir/libfora-client.so" | grep -v ' fora_client_'; then
    exit 1
fi
