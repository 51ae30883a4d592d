#!/usr/bin/env bash
# readme.sh FILE PROGRAM_FOLDER: runs every "$ command" of FILE's ```console blocks from FILE's folder and compares what it
# prints with what the block shows. Times and rates are compared as "#", because they are the machine's.
set -euo pipefail

file=$(realpath "$1")
PATH=$2:$PATH
cd "$(dirname "$file")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One file per command: first line the command, then the expected output.
awk -v work="$work" '
    /^```/ { inside = ($0 == "```console"); next }
    inside && /^\$ / { ++n }
    inside && n { print > (work "/" n) }
' "$file"

anonymous() { sed -E 's/[0-9.]+ s\>/# s/g; s/[0-9]+ images\/s/# images\/s/g; s/[[:space:]]+$//'; }

failed=0 count=0
for block in "$work"/[0-9]*; do
    [[ -e $block ]] || continue
    command=$(head -n 1 "$block")
    command=${command#\$ }
    tail -n +2 "$block" | anonymous | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' >"$work/expected"
    (eval "$command") 2>/dev/null | anonymous | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' >"$work/actual" || true
    count=$((count + 1))
    if ! diff -u --label "$file" --label "$command" "$work/expected" "$work/actual"; then
        failed=1
    fi
done
echo "$count commands of $file"
((count > 0 && failed == 0))
