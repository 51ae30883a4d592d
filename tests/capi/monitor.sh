#!/usr/bin/env bash
# monitor.sh SOURCE LIBRARY_FOLDER SCRATCH: builds monitor_tb.sv without --timing and runs it.
set -euo pipefail
ulimit -c 0
source=$1 library=$2 scratch=$3
rm -rf "$scratch"
mkdir -p "$scratch"
log=$scratch/log

verilator --cc --exe --build -Wall -Wno-UNUSEDSIGNAL --Mdir "$scratch/obj" --top-module monitor_tb -o monitor \
    -LDFLAGS "-L$library -Wl,-rpath,$library -lbittrue" \
    "$source"/capi/dpi/bittrue_{pkg,monitor}.sv "$source"/tests/capi/monitor_tb.sv "$source/tests/capi/monitor_main.cpp" \
    >"$scratch/build.log" 2>&1 || { cat "$scratch/build.log"; exit 1; }

# expect GOOD|BAD LINE PLUSARG...
expect() {
    local verdict=$1 line=$2 status=0
    shift 2
    "$scratch/obj/monitor" "+network=$source/examples/live/mlp.toml" "$@" >"$log" 2>&1 || status=$?
    echo "== $* (exit status $status)"
    cat "$log"
    if [[ $verdict == GOOD ]]; then ((status == 0)); else ((status != 0)); fi || { echo "FAILED: exit status"; exit 1; }
    grep --quiet --fixed-strings -- "$line" "$log" || { echo "FAILED: '$line' is missing"; exit 1; }
}
unchecked="; not checked: input, hidden, hidden_relu"
expect GOOD "bittrue: equal: 40 words of 1 layer, 10 images$unchecked"
expect GOOD "bittrue: equal: 40 words of 1 layer, 10 images$unchecked" +late
expect BAD "bittrue: 40 of 40 words differ; first scores[image 0, channel 0] (flat 0)" +swap
expect BAD "scores: more words differ; they are counted only" +swap +late
expect BAD "bittrue: layer 'scores': a word of image 10 came, but that image was never pushed whole" +extra
