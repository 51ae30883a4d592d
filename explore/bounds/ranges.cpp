// The emulator's ranges, from a declared range that fits its tensor.
#include "bittrue/emulator/ranges.hpp"

#include "bittrue/explore/bounds.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"

namespace bittrue::explore {

std::vector<Extent> tensor_ranges(const Graph& graph, const DeclaredRange& declared) {
    const bool is_there = declared.tensor == graph.input.name || node_index(graph, declared.tensor) >= 0;
    const FixedType& type = type_of(graph, is_there ? declared.tensor : graph.input.name);
    if (is_there &&
        (declared.low > declared.high || declared.low < raw_min(type.format) || declared.high > raw_max(type.format))) {
        throw InputError("the range " + print_raw(declared.low) + " to " + print_raw(declared.high) + " of '" +
                             declared.tensor + "'",
                         "it must ascend and lie within its type " + print_type(type) + ", " +
                             print_raw(raw_min(type.format)) + " to " + print_raw(raw_max(type.format)) + " as raws");
    }
    std::vector<Extent> ranges;
    for (const emulator::InputRange& r :
         emulator::tensor_ranges(graph, emulator::DeclaredRange{declared.tensor, {declared.low, declared.high}}))
        ranges.push_back({r.low, r.high});
    return ranges;
}

}  // namespace bittrue::explore
