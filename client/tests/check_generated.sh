#!/bin/sh
# What is made from the command tables: every manual page without a warning, every completion
# without a syntax error. Usage: check_generated.sh FORA SCRATCH
set -eu
fora=$1
scratch=$2
rm -rf "$scratch"
mkdir -p "$scratch"
pages=0
"$fora" generate man "$scratch/man"
for page in "$scratch"/man/*.1; do
    if command -v mandoc >/dev/null; then
        mandoc -T lint -W error "$page"
    elif command -v man >/dev/null; then
        warnings=$(LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l "$page" 2>&1 >/dev/null)
    elif command -v groff >/dev/null; then
        warnings=$(groff -man -Tutf8 -ww "$page" 2>&1 >/dev/null)
    else
        echo "no mandoc, man or groff: the manual pages cannot be checked" >&2
        exit 77
    fi
    if [ -n "${warnings:-}" ]; then
        echo "$page: $warnings" >&2
        exit 1
    fi
    pages=$((pages + 1))
done
"$fora" generate completion bash >"$scratch/fora.bash"
bash -n "$scratch/fora.bash"
# shellcheck disable=SC2016
offered=$(bash -c '. "$1"; COMP_WORDS=(fora threads --order u); COMP_CWORD=3; _fora; echo "${COMPREPLY[*]}"' - "$scratch/fora.bash")
[ "$offered" = unanswered ]
offered=$(bash -c '. "$1"; COMP_WORDS=(fora space gr); COMP_CWORD=2; _fora; echo "${COMPREPLY[*]}"' - "$scratch/fora.bash")
[ "$offered" = grant ]
for shell in zsh fish; do
    "$fora" generate completion $shell >"$scratch/fora.$shell"
    if command -v $shell >/dev/null; then
        $shell -n "$scratch/fora.$shell"
    fi
done
echo "$pages manual pages and 3 completions checked"
[ "$pages" -gt 40 ]
