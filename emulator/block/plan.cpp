#include "bittrue/emulator/plan.hpp"

#include "program.hpp"

namespace bittrue::emulator {

std::string print_proof(Proof proof) {
    switch (proof) {
        case Proof::Bounded: return "bounded";
        case Proof::Modular: return "modular";
        case Proof::AtEnd: return "at end";
        case Proof::Ordered: return "ordered";
    }
    return {};
}

Plan plan_of(const Graph& graph, const PlanOptions& options) {
    const Preparation preparation(graph, options.isa);
    return Program(preparation, whole_network(preparation, options.count_events, options.keep_layers)).plan();
}

}  // namespace bittrue::emulator
