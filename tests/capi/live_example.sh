#!/usr/bin/env bash
# live_example.sh RUN BUILD SCRATCH: builds examples/live once and runs it as it is, with a planted bug, without images,
# with a network that does not fit. Words per image: 16 input, 8 hidden, 8 hidden_relu, 4 scores.
set -euo pipefail
ulimit -c 0
run=$1 build=$2 scratch=$3
rm -rf "$scratch"
mkdir -p "$scratch"
log=$scratch/log

simulate() {
    status=0
    "$run" --with "$build" --out "$scratch" "$@" >"$log" 2>&1 || status=$?
    echo "== $* (exit status $status)"
    cat "$log"
}
fail() {
    echo "FAILED: $*"
    exit 1
}
expect() { grep --quiet --fixed-strings -- "$1" "$log" || fail "the line '$1' is missing"; }

simulate +images=500
((status == 0)) || fail "equal words must end with 0"
expect "bittrue: equal: 18000 words of 4 layers, 500 images"

simulate +images=500 +fault
((status == 1 || status >= 128)) || fail "a wrong word must end with an error"
expect "hidden[image 24, channel 2] (flat 194): expected -106 (0x96, -13.25), got -105 (0x97, -13.125), +1 lsb"
expect "of 18000 words differ; first hidden[image 24, channel 2] (flat 194)"
expect "scores[image 292, channel 0]"

simulate +images=0
((status == 1 || status >= 128)) || fail "a simulation that checked nothing must end with an error"
expect "bittrue: nothing was checked"

sed 's/^type = "ap_fixed<8,4,/type = "ap_fixed<7,4,/' "$(dirname "$run")/mlp.toml" >"$scratch/narrow.toml"
simulate "+network=$scratch/narrow.toml"
((status == 1 || status >= 128)) || fail "a monitor of another width must end with an error"
expect "words of layer 'input' have 7 bits, WIDTH is 8"
