#!/usr/bin/env bash
# ./bench.sh [--quick] [OPTION...]: installs what is missing (.ci/packages-build, .ci/packages-bench), builds the preset `bench`,
# times bittrue and its peers in one process on one core, and prints one table of ratios, and under it how long sweeps and
# start-up take. Minutes; --quick: about one, with less to rely on. Options go to the benchmark program (--benchmark_filter=peer/N2 leaves the others out); the
# figures of all runs are in out/bench.json. bench/README.md says how to get stable numbers.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

options=(--benchmark_repetitions=5 --benchmark_min_time=0.5)
if [[ ${1:-} == --quick ]]; then
    options=(--benchmark_repetitions=1 --benchmark_min_time=0.1)
    shift
fi

mkdir -p out
log=out/bench-build.log
.ci/install-packages .ci/packages-build .ci/packages-bench
{
    cmake --preset bench
    cmake --build --preset bench -j "$(nproc)" --target bittrue_bench
} >"$log" 2>&1 || { tail -n 30 "$log" >&2; echo "bench.sh: the build failed ($log)" >&2; exit 1; }

# One thread for every peer; bittrue-all-cores takes what there is.
export OMP_NUM_THREADS=1 SYSTEMC_DISABLE_COPYRIGHT_MESSAGE=1
exec build/bench/bench/bittrue_bench --benchmark_filter='^(peak|peer|sweep|startup)/' "${options[@]}" \
    --benchmark_report_aggregates_only=true --benchmark_enable_random_interleaving=true \
    --benchmark_out=out/bench.json --benchmark_out_format=json "$@"
