# Sourced by the scripts beside it: where the tree is, colours, and how things are said.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Colour only on a terminal, and not where it is unwanted.
if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
    bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
else
    bold='' dim='' red='' green='' plain=''
fi

# A heading.
act() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }
note() { printf '%s%s%s\n' "$dim" "$*" "$plain"; }
# What went wrong, where, and what to do; then the end.
die() {
    printf '%s: %s%s%s\n' "$(basename "$0")" "$red" "$*" "$plain" >&2
    exit 1
}

# The comment that opens the script is its help.
usage() { sed -n '2,/^[^#]/{ s/^# \{0,1\}//p; }' "$0"; }

# Installs what is missing, unless told not to.
bootstrap() {
    if [[ ${FORA_NO_BOOTSTRAP:-} != 1 ]]; then
        "$root/scripts/bootstrap" --quiet "$@"
    fi
}

# Configures a preset, and builds targets of it (all unless named). The log is shown when it fails.
build() {
    local preset=$1 log=$root/build/$1.log
    shift
    mkdir -p "$root/build"
    if ! (cd "$root" && cmake --preset "$preset") >"$log" 2>&1; then
        cat "$log" >&2
        die "the build cannot be configured (preset $preset); the lines above say why"
    fi
    if [[ -t 1 ]]; then
        ninja -C "$root/build/$preset" "$@" || die "the build failed (preset $preset)"
    elif ! ninja -k 0 -C "$root/build/$preset" "$@" >>"$log" 2>&1; then
        grep -v '^\[[0-9]*/[0-9]*\] [^F]' "$log" | tail -n 100 >&2
        die "the build failed (preset $preset); its whole log is in build/$preset.log"
    fi
}
