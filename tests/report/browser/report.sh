#!/usr/bin/env bash
# report.sh SOURCE PROGRAM SCRATCH: makes a dump with a planted fault and one without, and reads the reports of both in
# Chromium. The screenshots stay in SCRATCH/shots.
set -euo pipefail
source=$1 program=$2 scratch=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
network=$source/examples/mnist-cnn

mkdir -p "$scratch"
cd "$scratch"
cp "$here"/package.json "$here"/package-lock.json "$here"/report.mjs .
# Once for each lock file.
if ! cmp --silent package-lock.json node_modules/installed; then
    npm ci --no-audit --no-fund --prefer-offline
    cp package-lock.json node_modules/installed
fi

rm -rf golden dump net shots
mkdir net
cp "$network"/seed_cnn_mnist.h5 net/
# An accumulator that overflows now and then. The fault: it wraps where it should saturate.
for overflow in SAT WRAP; do
    sed "s/ap_fixed<19,5,AP_TRN,AP_SAT>/ap_fixed<16,2,AP_TRN,AP_$overflow>/" "$network"/mnist_cnn_8bit.toml >net/$overflow.toml
done
cmp --silent net/SAT.toml net/WRAP.toml && { echo "no fault was planted"; exit 1; }
"$program" vectors net/SAT.toml --input digits:100:1 --out golden
"$program" vectors net/WRAP.toml --input digits:100:1 --out dump

status=0
"$program" diff golden dump --diagnose --report wrong.html >diff.txt || status=$?
((status == 1)) || { echo "diff ended with status $status instead of 1"; exit 1; }
word=$(grep --after-context=1 '^first differing layer: conv2d ' diff.txt | sed -n '2s/^ *//p')
size=$(stat --format=%s wrong.html)
((size < 2000000)) || { echo "the page has $size bytes"; exit 1; }
node report.mjs wrong.html conv2d "$word" shots AP_WRAP

"$program" diff golden golden --diagnose --report equal.html >/dev/null
node report.mjs equal.html
