#!/bin/sh
# One module of calibration.sv through Yosys; prints "LUT FF CARRY DSP".
#   explore/cost/synthesise.sh accumulate WIDTH=16 OVERFLOW=1
set -eu
here=$(cd "$(dirname "$0")" && pwd)
module=$1
shift
parameters=""
for parameter in "$@"; do parameters="$parameters -set ${parameter%%=*} ${parameter#*=}"; done
yosys -q -p "read_verilog -sv $here/calibration.sv; chparam$parameters $module; synth_xilinx -noiopad -noclkbuf -nowidelut -flatten -top $module; tee -q -o /dev/stdout stat" |
    awk '/LUT[1-6] /{lut += $2} /FD[RSCP]E /{ff += $2} /CARRY4 /{carry += $2} /DSP48E1 /{dsp += $2}
         END {print lut + 0, ff + 0, carry + 0, dsp + 0}'
