#include "program.hpp"

#include "program_builder.hpp"

namespace bittrue::emulator {
namespace {

std::string print_lane_type(LaneType type) {
    switch (type) {
        case LaneType::U8: return "u8";
        case LaneType::S8: return "s8";
        case LaneType::S16: return "s16";
        case LaneType::S32: return "s32";
        case LaneType::S64: return "s64";
    }
    return {};
}

}  // namespace

ProgramRequest whole_network(const Preparation& preparation, bool count_events, bool keep_layers) {
    ProgramRequest request{.count_events = count_events};
    std::vector<bool> read(preparation.tensors());
    for (std::size_t node = 0; node + 1 < preparation.tensors(); ++node)
        for (const std::size_t input : preparation.inputs_of(node)) read[input] = true;
    for (std::size_t tensor = 0; tensor < preparation.tensors(); ++tensor) {
        const bool is_end = count_events && tensor > 0 && !read[tensor];
        if (keep_layers || is_end || tensor == preparation.output()) request.wanted.push_back(tensor);
    }
    return request;
}

Program::Program(const Preparation& preparation, ProgramRequest request)
    : preparation_(preparation), request_(std::move(request)) {
    ProgramBuilder(*this, preparation_, request_).build();
}

Program::~Program() = default;

std::unique_ptr<ProgramRoom> Program::make_room() const {
    auto room = std::make_unique<ProgramRoom>();
    Block& block = room->block;
    block.kernels = &lane_kernels(preparation_.isa());
    block.counts = request_.count_events;
    block.tensors.resize(places_.size());
    block.events.resize(places_.size());
    block.ranges.resize(places_.size());
    block.overflowed.resize(places_.size());
    std::byte* const memory = room->memory.get(memory_);
    for (std::size_t i = 0; i < places_.size(); ++i) {
        const TensorPlace& place = places_[i];
        if (place.stored) block.tensors[i] = {memory + place.offset, place.type, place.elements};
    }
    for (const Item& item : items_) room->rooms.push_back(item.step->make_room());
    return room;
}

void Program::run(ProgramRoom& room) const {
    for (std::size_t i = 0; i < items_.size(); ++i) items_[i].step->run(room.block, room.rooms[i].get());
}

std::vector<std::size_t> Program::linear_nodes() const {
    std::vector<std::size_t> nodes;
    for (const Item& item : items_) {
        const Operation& op = preparation_.graph().nodes[item.nodes.front()].op;
        if (std::holds_alternative<Dense>(op) || std::holds_alternative<Conv2d>(op))
            nodes.push_back(item.nodes.front());
    }
    return nodes;
}

Plan Program::plan() const {
    Plan plan{
        .lanes = kLanes, .isa = preparation_.isa(), .layers = {}, .block_bytes = static_cast<std::int64_t>(memory_)};
    const Graph& graph = preparation_.graph();
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        LayerPlan layer{.name = graph.nodes[i].name, .op = op_name(graph.nodes[i].op), .lane_type = "-"};
        const TensorPlace& place = places_[i + 1];
        if (place.stored) {
            layer.lane_type = print_lane_type(place.type);
            layer.block_bytes = place.bytes;
        }
        plan.layers.push_back(std::move(layer));
    }
    for (const Item& item : items_) {
        item.step->describe(plan.layers[item.nodes.front()]);
        for (std::size_t k = 1; k < item.nodes.size(); ++k)
            plan.layers[item.nodes[k]].runs_with = graph.nodes[item.nodes.front()].name;
    }
    return plan;
}

}  // namespace bittrue::emulator
