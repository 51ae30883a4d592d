#!/bin/sh
# Synthesises the blocks of calibration.sv over widths and modes and prints the table that the formulas of area.cpp are
# fitted to (docs/cost.md).
#   explore/cost/calibrate.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)

# module, then parameters; one line each
{
    for width in 8 12 16 24 32 48; do
        for overflow in 0 1 2 3 4 5; do echo "accumulate TERM=8 WIDTH=$width OVERFLOW=$overflow"; done
    done
    for round in 1 2 3 4 5 6 7; do
        for overflow in 0 1; do echo "accumulate TERM=16 DROP=4 WIDTH=16 ROUND=$round OVERFLOW=$overflow"; done
    done
    for drop in 1 2 8 12; do
        for round in 4 6; do echo "accumulate TERM=16 DROP=$drop WIDTH=16 ROUND=$round OVERFLOW=1"; done
    done
    for width in 4 6 8 12 16; do
        for round in 0 2 6; do echo "cast IN=24 DROP=8 WIDTH=$width ROUND=$round OVERFLOW=1"; done
    done
    for overflow in 0 2 3 4; do echo "cast IN=24 DROP=8 WIDTH=8 ROUND=6 OVERFLOW=$overflow"; done
    for in in 16 18 20 22 26 28 32 36 40 48 56; do echo "cast IN=$in DROP=8 WIDTH=8 ROUND=6 OVERFLOW=1"; done
    for in in 18 20 24 28 32; do
        for round in 0 6; do echo "cast IN=$in IN_SIGNED=0 DROP=8 WIDTH=8 ROUND=$round OVERFLOW=1"; done
        for overflow in 2 3 4; do echo "cast IN=$in DROP=8 WIDTH=8 ROUND=0 OVERFLOW=$overflow"; done
    done
    for width in 6 8 10; do  # a term wider than the accumulator
        for round in 0 2 6; do echo "accumulate TERM=16 DROP=4 WIDTH=$width ROUND=$round OVERFLOW=1"; done
    done
} | "$here/synthesise.sh" | sort -k5 | awk 'BEGIN {print "LUT  FF  CARRY4  DSP  block"}
    {printf "%3d %3d %7d %4d  ", $1, $2, $3, $4; for (i = 5; i <= NF; i++) printf "%s%s", $i, i < NF ? " " : "\n"}'
