#!/bin/sh
# Blocks of calibration.sv through Yosys: one a line on stdin, its module and parameters; prints "LUT FF CARRY4 DSP48E1"
# in front of each, in the same order. All go through one run, because reading the cell library takes longer than a block.
#   echo "accumulate TERM=8 WIDTH=16 OVERFLOW=1" | explore/cost/synthesise.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/blocks"
# Every block becomes a module that keeps its borders, and all of them stand in one top.
awk '{
    split("", value)
    parameters = ""
    for (i = 2; i <= NF; i++) {
        split($i, pair, "=")
        value[pair[1]] = pair[2]
        parameters = parameters (i > 2 ? ", " : "") "." pair[1] "(" pair[2] ")"
    }
    inputs = $1 == "accumulate" ? value["TERM"] : value["IN"]
    names = $1 == "accumulate" ? ".clk(clk), .clear(clear), .term(x), .acc(y)" : ".x(x), .y(y)"
    printf "(* keep_hierarchy *) module block_%d(input clk, input clear, input [%d:0] x, output [%d:0] y);\n", NR, inputs - 1, value["WIDTH"] - 1
    printf "%s #(%s) u_block(%s);\nendmodule\n", $1, parameters, names
    ports = ports sprintf(", input [%d:0] x%d, output [%d:0] y%d", inputs - 1, NR, value["WIDTH"] - 1, NR)
    body = body sprintf("block_%d u%d(.clk(clk), .clear(clear), .x(x%d), .y(y%d));\n", NR, NR, NR, NR)
} END {printf "module top(input clk, input clear%s);\n%sendmodule\n", ports, body}' "$work/blocks" > "$work/top.sv"
yosys -q -p "read_verilog -sv $here/calibration.sv $work/top.sv; synth_xilinx -noiopad -noclkbuf -nowidelut -flatten -top top; tee -q -o $work/stat stat"
awk 'NR == FNR {
         if ($1 == "===") block = $2 == "design" ? "" : $2
         if ($1 ~ /^LUT[1-6]$/) lut[block] += $2
         if ($1 ~ /^FD[RSCP]E$/) ff[block] += $2
         if ($1 == "CARRY4") carry[block] += $2
         if ($1 == "DSP48E1") dsp[block] += $2
         next
     }
     {b = "block_" FNR; print lut[b] + 0, ff[b] + 0, carry[b] + 0, dsp[b] + 0, $0}' "$work/stat" "$work/blocks"
