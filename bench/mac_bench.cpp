// mac/<engine>/<schedule>/<when>/<accumulator>: a dense layer of 256 x 64, so that nothing but the accumulation counts.
#include "bittrue/model/notation.hpp"
#include "support.hpp"

namespace bench {

using namespace bittrue;

namespace {

std::string print_when(QuantizeAt when) {
    switch (when) {
        case QuantizeAt::Step: return "step";
        case QuantizeAt::Fold: return "fold";
        case QuantizeAt::End: return "end";
    }
    return {};
}

void add(Which which, const AccumulatorSpec& spec) {
    const FixedType word{.format = {.width = 8, .integer = 1}};
    Dense dense{.weights = random_parameter({256, 64}, word, 1), .accumulator = spec};
    dense.bias = random_parameter({64}, word, 2);
    const Graph graph = network_of({.layout = Layout::Vector, .dims = {256}}, word, dense,
                                   {.format = {.width = 8, .integer = 5}, .overflow = Overflow::Sat});
    const InputBatch batch = random_batch(graph, which == Which::Golden ? 4 : 64, 3);
    const std::string name = "mac/" + print_engine(which) + "/" + print_schedule(spec) + "/" +
                             print_when(spec.quantize) + (spec.product ? "/cast_product/" : "/") +
                             print_type(spec.type);
    benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
        time_engine(state, which, graph, batch, 2, 1);
    })->Unit(benchmark::kMicrosecond);
}

}  // namespace

void register_mac() {
    const FixedType wrap{.format = {.width = 16, .integer = 6}};
    const FixedType saturate{
        .format = {.width = 16, .integer = 4}, .rounding = Rounding::Rnd, .overflow = Overflow::Sat};
    for (const FixedType& type : {wrap, saturate}) {
        for (const QuantizeAt when : {QuantizeAt::Step, QuantizeAt::End})
            add(Which::Emulator, {.type = type, .schedule = Schedule::Sequential, .quantize = when});
        add(Which::Emulator, {.type = type, .product = type, .schedule = Schedule::Sequential});
        add(Which::Emulator, {.type = type, .schedule = Schedule::Interleave, .group = 16});
        add(Which::Emulator, {.type = type, .schedule = Schedule::Fold, .group = 8, .quantize = QuantizeAt::Fold});
        add(Which::Emulator, {.type = type, .schedule = Schedule::Cascade, .group = 4, .quantize = QuantizeAt::Fold});
        add(Which::Emulator, {.type = type, .schedule = Schedule::Partial, .group = 4});
        add(Which::Emulator, {.type = type, .schedule = Schedule::Tree});
    }
    add(Which::Golden, {.type = saturate, .schedule = Schedule::Sequential});
}

}  // namespace bench
