// The fast kernels: what selects them, and that they give the bits of the per-image layer and of golden.
#include <map>

#include <catch2/catch.hpp>

#include "linear/random_block.hpp"

using namespace bittrue;
using namespace bittrue::testing;
using namespace bittrue::emulator;

namespace {

constexpr Draw kDraws[] = {Draw::Uniform, Draw::Extremes, Draw::Small};

// Kernel names and how often they ran.
using Tally = std::map<std::string, int>;

// A step accumulator `width` bits wide whose lsb is 2^-(product frac - dropped).
AccumulatorSpec step_spec(Random& random, int product_frac, int dropped, int width) {
    constexpr Overflow kOverflows[] = {Overflow::Sat, Overflow::Sat, Overflow::SatSym, Overflow::Wrap};
    constexpr Rounding kRoundings[] = {Rounding::Trn, Rounding::Rnd};
    AccumulatorSpec spec;
    const int frac = product_frac - dropped;
    spec.type = {.format = {.width = width, .integer = width - frac, .is_signed = !random.one_in(8)},
                 .rounding = random.pick(kRoundings),
                 .overflow = random.pick(kOverflows)};
    spec.terms = random.one_in(2) ? TermOrder::Input : TermOrder::Kernel;
    if (random.one_in(6)) spec.schedule = Schedule::Interleave, spec.group = random.integer(1, 5);
    if (random.one_in(6)) spec.schedule = Schedule::Fold, spec.group = random.integer(1, 5);
    if (random.one_in(5)) spec.bias = BiasPosition::Last;
    if (random.one_in(6)) spec.quantize = QuantizeAt::End;
    if (random.one_in(8)) {
        spec.product = spec.type;
        spec.product->format = {.width = 30, .integer = 30 - frac};
    }
    return spec;
}

BlockCase random_case(Random& random, const BlockLimits& limits) {
    constexpr Format kInputs[] = {{8, 8, false},  {8, 0, false}, {8, 2, true},  {4, 4, false},
                                  {1, 0, false},  {12, 3, true}, {16, 4, true}, {15, 2, false},
                                  {16, 2, false}, {20, 3, true}, {8, 1, true},  {8, 4, true}};
    constexpr Format kWeights[] = {{8, 1, true},  {8, 8, true},  {2, 1, true}, {5, 0, true},
                                   {8, 2, false}, {12, 4, true}, {16, 3, true}};
    BlockTypes types{.input = random.one_in(2) ? random.pick(kInputs) : kInputs[0],
                     .weight = random.one_in(3) ? random.pick(kWeights) : kWeights[0]};
    const int product_frac = types.weight.frac() + types.input.frac();
    const int dropped = random.one_in(2) ? 0 : random.integer(-2, 14);
    const int width = random.one_in(3)   ? random.integer(1, 64)
                      : random.one_in(2) ? random.integer(8, 33)
                                         : random.integer(15, 20);
    types.spec = step_spec(random, product_frac, dropped, width);
    types.has_bias = random.one_in(2);
    types.bias = {.width = 8, .integer = 8 - product_frac + random.integer(0, 8)};
    types.weights = random.pick(kDraws);
    BlockCase c = random_geometry(random, limits, types);
    c.options.count_events = limits.count_events;
    return c;
}

Tally compare(Isa isa, std::uint64_t seed, int cases, const BlockLimits& limits) {
    Random random(seed);
    Tally tally;
    for (int i = 0; i < cases; ++i) {
        BlockCase c = random_case(random, limits);
        c.options.isa = isa;
        const BlockRun run = run_block(c);
        for (const ChannelGroup& group : run.groups) ++tally[group.kernel];
        INFO("case " << i << ", " << print_isa(isa) << ": " << describe_block(c));
        REQUIRE(run.difference == "");
        if (i % 16 == 0) REQUIRE(golden_difference(c) == "");
    }
    return tally;
}

const std::vector<std::string> kVnniKernels{"dot u8s8", "dot s8s8", "saturate32", "saturate32 pairs"};

std::vector<std::string> fast_kernels(Isa isa) {
    std::vector<std::string> names{"saturate16 pairs", "saturate16", "floor16", "round16",      "floor16 wrap",
                                   "round16 wrap",     "dot s16s16", "clamp32", "clamp32 pairs"};
    if (isa == Isa::Avx512Vnni) names.insert(names.end(), kVnniKernels.begin(), kVnniKernels.end());
    return names;
}

}  // namespace

TEST_CASE("A6: each fast kernel of each instruction set equals the per-image layer on random layers") {
    for (const Isa isa : available_isas()) {
        const Tally tally =
            compare(isa, 11, 4000, {.max_width = 8, .max_size = 6, .max_channels = 8, .count_events = false});
        for (const std::string& name : fast_kernels(isa)) {
            INFO(print_isa(isa) << ", kernel '" << name << "'");
            CHECK((tally.count(name) == 1 && tally.at(name) >= 10));
        }
        if (isa == Isa::Avx512Vnni) continue;
        for (const std::string& name : kVnniKernels) {
            INFO(print_isa(isa) << ", kernel '" << name << "'");
            CHECK(tally.count(name) == 0);
        }
    }
}

TEST_CASE("E4: proven groups report the counts of the per-image layer") {
    for (const Isa isa : available_isas()) {
        const Tally tally = compare(isa, 12, 2000, {.max_width = 8, .max_size = 6, .max_channels = 8});
        CHECK(tally.count("dot s16s16") == 1);
        CHECK(tally.count("saturate16") == 0);
    }
}
