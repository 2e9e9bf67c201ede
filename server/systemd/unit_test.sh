#!/usr/bin/env bash
# unit_test.sh UNIT PROGRAM
#
# systemd takes the unit without a complaint, and finds little exposed. Skipped (77) where there is
# no systemd-analyze. The unit is looked at with the program where the build has it. Nothing is
# started: forad_harden_test runs the node with the system calls that the unit leaves.
set -euo pipefail

unit=$1 program=$2
most=15 # of 100, as "systemd-analyze security" counts; a unit without sandboxing has 96

command -v systemd-analyze >/dev/null || {
    echo "skipped: no systemd-analyze here"
    exit 77
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
sed "s|^ExecStart=[^ ]*|ExecStart=$program|; s|^Documentation=.*||" "$unit" >"$folder/forad.service"

complaints=$(systemd-analyze verify --man=no "$folder/forad.service" 2>&1 |
    grep -F forad.service || true)
if [[ -n $complaints ]]; then
    echo "$complaints"
    exit 1
fi
systemd-analyze security --offline=true --threshold=$most "$folder/forad.service" |
    grep -F 'Overall exposure' || {
    systemd-analyze security --offline=true "$folder/forad.service" | grep -F '✗' || true
    echo "the unit leaves more than $most of 100 exposed"
    exit 1
}
