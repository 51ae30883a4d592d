#!/usr/bin/env bash
# installed.sh CMAKE BUILD SCRATCH CC SOURCE NETWORK [SANITIZE]: installs BUILD's component capi into SCRATCH, builds the C program SOURCE
# with what pkg-config says, and runs it.
set -euo pipefail
cmake=$1 build=$2 scratch=$3 cc=$4 source=$5 network=$6
shift 6

rm -rf "$scratch"
"$cmake" --install "$build" --component capi --prefix "$scratch/prefix" >/dev/null
mv "$scratch/prefix" "$scratch/moved" # it finds itself wherever it lies
pc=$(find "$scratch/moved" -name bittrue.pc)
export PKG_CONFIG_PATH=${pc%/*}
libdir=$(pkg-config --variable=libdir bittrue)
dpidir=$(pkg-config --variable=dpidir bittrue)
[[ -e $libdir/libbittrue.so ]]
for file in bittrue_pkg.sv bittrue_monitor.sv; do [[ -s $dpidir/$file ]]; done

# shellcheck disable=SC2046  # flags are words
"$cc" -std=c99 "$@" "$source" $(pkg-config --cflags --libs bittrue) -o "$scratch/walkthrough"
LD_LIBRARY_PATH=$libdir "$scratch/walkthrough" "$network"
