#!/usr/bin/env bash
# aarch64.sh SOURCE INCLUDES: compiles every file of the emulator that Highway compiles per instruction set for aarch64.
# Nothing is run: what this finds are functions without the target's attribute, which only an optimising g++ refuses.
set -euo pipefail

compiler=aarch64-linux-gnu-g++
if ! command -v "$compiler" >/dev/null; then
    echo "SKIPPED: $compiler absent"
    exit 0
fi

cd "$1"
mapfile -t files < <(grep --recursive --files-with-matches --include='*.cpp' '^#include <hwy/foreach_target.h>' emulator | sort)
if ((${#files[@]} == 0)); then
    echo "error: no file in $1/emulator includes hwy/foreach_target.h" >&2
    exit 1
fi

status=0
for file in "${files[@]}"; do
    echo "$file"
    # -idirafter: where Highway lies in the host's folders, its C library must not hide the target's.
    "$compiler" -std=c++20 -O1 -c "$file" -o /dev/null -Iemulator -Iemulator/include -Imodel/include -idirafter "$2" || status=1
done
exit "$status"
