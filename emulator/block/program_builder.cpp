#include "program_builder.hpp"

#include <algorithm>
#include <stdexcept>

#include "layer_rows.hpp"

namespace bittrue::emulator {
namespace {

bool contains(const std::vector<std::size_t>& sorted, std::size_t value) {
    return std::binary_search(sorted.begin(), sorted.end(), value);
}

// Flat indices of the input in the order of the result; empty: unchanged (L9).
std::vector<std::int64_t> flatten_order(const Shape& shape, std::optional<Layout> order) {
    if (shape.layout == Layout::Vector || !order || *order == shape.layout || *order == Layout::Vector) return {};
    std::vector<std::int64_t> from;
    const std::int64_t channels = shape.channels(), height = shape.height(), width = shape.width();
    if (*order == Layout::Hwc) {
        for (std::int64_t y = 0; y < height; ++y)
            for (std::int64_t x = 0; x < width; ++x)
                for (std::int64_t c = 0; c < channels; ++c) from.push_back(shape.index(c, y, x));
    } else {
        for (std::int64_t c = 0; c < channels; ++c)
            for (std::int64_t y = 0; y < height; ++y)
                for (std::int64_t x = 0; x < width; ++x) from.push_back(shape.index(c, y, x));
    }
    return from;
}

std::vector<RowOpPointer> single(RowOpPointer op) {
    std::vector<RowOpPointer> ops;
    ops.push_back(std::move(op));
    return ops;
}

}  // namespace

ProgramBuilder::ProgramBuilder(Program& program, const Preparation& preparation, const ProgramRequest& request)
    : program_(program), preparation_(preparation), request_(request) {}

void ProgramBuilder::build() {
    find_needed();
    program_.places_.resize(preparation_.tensors());
    for (std::size_t tensor = 0; tensor < program_.places_.size(); ++tensor) program_.places_[tensor].same_as = tensor;
    for (std::size_t node = 0; node < needed_.size(); ++node)
        if (needed_[node] && !done_[node]) add_step(node);
    place_tensors();
}

void ProgramBuilder::find_needed() {
    const std::size_t nodes = preparation_.graph().nodes.size();
    needed_.assign(nodes, false);
    done_.assign(nodes, false);
    readers_.assign(nodes + 1, {});
    for (std::size_t i = nodes; i-- > 0;) {
        const std::size_t tensor = i + 1;
        if (contains(request_.known, tensor)) continue;
        needed_[i] = contains(request_.wanted, tensor) || !readers_[tensor].empty();
        if (!needed_[i]) continue;
        for (const std::size_t input : preparation_.inputs_of(i)) readers_[input].push_back(i);
    }
    if (!readers_[0].empty() && !contains(request_.known, 0))
        throw std::logic_error("the wanted tensors need the network's input, which is not known");
}

std::optional<std::size_t> ProgramBuilder::only_reader(std::size_t node) const {
    const std::size_t tensor = node + 1;
    if (readers_[tensor].size() != 1 || contains(request_.wanted, tensor)) return std::nullopt;
    return readers_[tensor].front();
}

void ProgramBuilder::add_step(std::size_t node) {
    const Operation& op = preparation_.graph().nodes[node].op;
    if (std::holds_alternative<Dense>(op) || std::holds_alternative<Conv2d>(op)) {
        add_linear(node);
        return;
    }
    if (std::holds_alternative<Softmax>(op)) {
        if (add_softmax(node)) return;
    } else if (add_rows(node)) {
        return;
    }
    const bool legacy = std::holds_alternative<Softmax>(op) && std::get<Softmax>(op).kind == SoftmaxKind::Legacy;
    const auto* requantize = std::get_if<Requantize>(&op);
    const bool is_by_rule = requantize != nullptr && (requantize->rule != RequantizeRule::Exact ||
                                                      (requantize->zero_point != 0 && !requantize->zero_point_first));
    add_image_by_image(node, preparation_.image_layer(node),
                       legacy       ? "legacy softmax has a sum of its own for each element"
                       : is_by_rule ? "its rule or its rounding before the zero point is no cast"
                                    : "a number of it may need more than 62 bits");
}

void ProgramBuilder::add_item(Item item) {
    for (const std::size_t node : item.nodes) done_[node] = true;
    item.out = item.nodes.back() + 1;
    if (item.reads.empty()) item.reads = preparation_.inputs_of(item.nodes.front());
    program_.items_.push_back(std::move(item));
}

void ProgramBuilder::add_image_by_image(std::size_t node, std::shared_ptr<const Layer> layer, std::string why) {
    ImageStepSetup setup{.inputs = preparation_.inputs_of(node), .out = node + 1};
    for (const std::size_t input : setup.inputs) setup.input_counts.push_back(preparation_.shape_of(input).count());
    setup.type = preparation_.type_of(node + 1);
    setup.count = preparation_.shape_of(node + 1).count();
    Item item{.nodes = {node}, .layer = layer};
    item.step = make_image_step(*layer, std::move(setup), std::move(why));
    add_item(std::move(item));
}

void ProgramBuilder::append(std::vector<RowOpPointer> ops, const FixedType& result, Chain& chain) {
    const RowCast* const last = ops.empty() ? nullptr : ops.back()->as_cast();
    chain.range = last != nullptr ? last->results() : raws_of(result.format);
    std::move(ops.begin(), ops.end(), std::back_inserter(chain.ops));
}

std::optional<std::vector<RowOpPointer>> ProgramBuilder::elementwise(std::size_t node, RawRange range) const {
    const LayerSetup setup = preparation_.setup_of(node);
    const Format from = setup.format();
    const FixedType& to = setup.node.result;
    const std::size_t tensor = node + 1;
    std::vector<RowOpPointer> ops;
    const Operation& op = setup.node.op;
    if (std::holds_alternative<Quantize>(op) || std::holds_alternative<Reshape>(op) ||
        std::holds_alternative<Flatten>(op)) {
        ops.push_back(make_cast_op(RowCast(range, from.frac(), to), tensor, CastClass::Result));
    } else if (std::holds_alternative<Relu>(op)) {
        ops.push_back(make_cast_op(RowCast(range, from.frac(), to, true), tensor, CastClass::Result));
    } else if (const auto* clip = std::get_if<ClippedRelu>(&op)) {
        ops.push_back(make_clip_op(from, to, clip->max, tensor));
    } else if (const auto* limits = std::get_if<Clip>(&op)) {
        ops.push_back(make_limits_op(from, to, *limits, tensor));
    } else if (std::holds_alternative<LeakyRelu>(op)) {
        ops.push_back(make_leaky_op(from, to, preparation_.parameter(node, "alpha"), tensor));
    } else if (const auto* lookup = std::get_if<Lookup>(&op)) {
        ops.push_back(make_lookup_op(from, to, *lookup, preparation_.parameter(node, "table"), tensor));
    } else {
        return std::nullopt;
    }
    return ops;
}

std::vector<RowOpPointer> ProgramBuilder::pool_casts(std::size_t node, RawRange range) const {
    const LayerSetup setup = preparation_.setup_of(node);
    const auto& op = std::get<MaxPool>(setup.node.op);
    std::vector<RowOpPointer> ops;
    Format from = setup.format();
    if (op.accumulator) {
        const RowCast cast(range, from.frac(), *op.accumulator);
        range = cast.results();
        ops.push_back(make_cast_op(cast, node + 1, CastClass::Accumulator));
        from = op.accumulator->format;
    }
    ops.push_back(make_cast_op(RowCast(range, from.frac(), setup.node.result), node + 1, CastClass::Result));
    return ops;
}

// Pooling in front of the casts: they must be monotone, every window must be whole and no position used twice.
bool ProgramBuilder::take_pool(std::size_t node, const Shape& shape, Chain& chain) const {
    const LayerSetup setup = preparation_.setup_of(node);
    const auto* op = std::get_if<MaxPool>(&setup.node.op);
    if (op == nullptr || request_.count_events || setup.shape() != shape) return false;
    if (op->stride[0] < op->pool[0] || op->stride[1] < op->pool[1] || op->padding != Padding{}) return false;
    for (const RowOpPointer& before : chain.ops)
        if (!before->is_monotone()) return false;
    std::vector<RowOpPointer> casts = pool_casts(node, chain.range);
    for (const RowOpPointer& cast : casts)
        if (cast->lane_bits() == 0) return false;
    append(std::move(casts), setup.node.result, chain);
    chain.pool = PoolGeometry(setup, op->pool, op->stride, op->padding);
    chain.nodes.push_back(node);
    return true;
}

void ProgramBuilder::follow(Chain& chain, const Shape* shape) const {
    while (const auto next = only_reader(chain.nodes.back())) {
        if (shape != nullptr && !chain.pool && take_pool(*next, *shape, chain)) continue;
        const LayerSetup setup = preparation_.setup_of(*next);
        const auto* flatten = std::get_if<Flatten>(&setup.node.op);
        if (flatten != nullptr && !flatten_order(setup.shape(), flatten->order).empty()) return;
        auto ops = elementwise(*next, chain.range);
        if (!ops) return;
        for (const RowOpPointer& op : *ops)
            if (op->lane_bits() == 0) return;
        append(std::move(*ops), setup.node.result, chain);
        chain.nodes.push_back(*next);
    }
}

void ProgramBuilder::add_linear(std::size_t node) {
    Item item{.linear = linear_of(node)};
    if (!item.linear.linear) {
        add_image_by_image(node, item.linear.layer, "an exact number of it may need more than 62 bits");
        return;
    }
    const int frac = item.linear.accumulator.type.format.frac();
    const InputRange sums = item.linear.linear->sum_range();
    const Shape& shape = preparation_.shape_of(node + 1);
    Chain chain{.nodes = {node}};
    const FixedType& to = preparation_.type_of(node + 1);
    append(single(make_cast_op(RowCast(RawRange{sums.low, sums.high}, frac, to), node + 1, CastClass::Result)), to,
           chain);
    follow(chain, &shape);
    item.nodes = chain.nodes;
    LinearStepSetup setup{.in = preparation_.inputs_of(node).front(),
                          .node = node + 1,
                          .out = chain.nodes.back() + 1,
                          .shape = shape,
                          .pool = chain.pool,
                          .type = lane_type(preparation_.type_of(chain.nodes.back() + 1).format)};
    item.step = make_linear_step(*item.linear.linear, std::move(setup), std::move(chain.ops));
    add_item(std::move(item));
}

PreparedLinear ProgramBuilder::linear_of(std::size_t node) const {
    const auto replaced = request_.replaced.find(node);
    if (replaced != request_.replaced.end()) return replaced->second;
    return preparation_.linear(node, request_.count_events);
}

RowSourcePointer ProgramBuilder::source_of(std::size_t node) const {
    const LayerSetup setup = preparation_.setup_of(node);
    const std::vector<std::size_t>& inputs = preparation_.inputs_of(node);
    const Operation& op = setup.node.op;
    if (const auto* pool = std::get_if<MaxPool>(&op)) return make_max_pool_source(setup, *pool, inputs.front());
    if (const auto* pool = std::get_if<AveragePool>(&op))
        return make_average_pool_source(setup, *pool, inputs.front(), node + 1);
    if (std::holds_alternative<Add>(op)) return make_add_source(setup, inputs);
    std::vector<std::int64_t> order;
    if (const auto* flatten = std::get_if<Flatten>(&op)) order = flatten_order(setup.shape(), flatten->order);
    return make_plane_source(inputs.front(), setup.format(), std::move(order));
}

bool ProgramBuilder::add_rows(std::size_t node) {
    const LayerSetup setup = preparation_.setup_of(node);
    const Operation& op = setup.node.op;
    const FixedType& to = setup.node.result;
    Chain chain{.nodes = {node}};
    RowSourcePointer source;
    if (auto rows = layer_rows(preparation_, node)) {
        source = std::move(rows->source);
        append(std::move(rows->ops), to, chain);
    } else if (std::holds_alternative<MaxPool>(op)) {
        append(pool_casts(node, raws_of(setup.format())), to, chain);
    } else if (const auto* average = std::get_if<AveragePool>(&op)) {
        append(single(make_cast_op(RowCast(average->accumulator.format, to), node + 1, CastClass::Result)), to, chain);
    } else if (std::holds_alternative<Add>(op)) {
        const ExactSum sum = sum_of_inputs(setup);
        if (sum.range.high >= i128{1} << 62 || sum.range.low < -(i128{1} << 62)) return false;
        append(single(make_cast_op(RowCast(sum.range, sum.frac, to), node + 1, CastClass::Result)), to, chain);
    } else {
        const InputRange words = setup.range();
        auto ops = elementwise(node, {words.low, words.high});
        if (!ops) return false;
        append(std::move(*ops), to, chain);
    }
    for (const RowOpPointer& own : chain.ops)
        if (own->lane_bits() == 0) return false;
    if (!source) source = source_of(node);
    if (source->lane_bits() == 0) return false;
    follow(chain, nullptr);
    const FixedType& result = preparation_.type_of(chain.nodes.back() + 1);
    Item item{.nodes = chain.nodes};
    const std::int64_t elements = setup.node.shape.count();
    const auto* const cast = chain.ops.size() == 1 ? chain.ops.front()->as_cast() : nullptr;
    const bool in_place =
        std::holds_alternative<Quantize>(op) || std::holds_alternative<Reshape>(op) ||
        (std::holds_alternative<Flatten>(op) && flatten_order(setup.shape(), std::get<Flatten>(op).order).empty());
    if (in_place && cast != nullptr && cast->is_identity() && source->native() == lane_type(result.format)) {
        item.step = make_alias_step(std::move(chain.ops.front()), preparation_.inputs_of(node).front(), elements);
        program_.places_[node + 1].same_as = preparation_.inputs_of(node).front();
    } else {
        item.step = make_rows_step(std::move(source), std::move(chain.ops), chain.nodes.back() + 1,
                                   lane_type(result.format), elements);
    }
    add_item(std::move(item));
    return true;
}

bool ProgramBuilder::add_softmax(std::size_t node) {
    const LayerSetup setup = preparation_.setup_of(node);
    const auto& op = std::get<Softmax>(setup.node.op);
    SoftmaxTables tables;
    if (op.kind != SoftmaxKind::Argmax) {
        tables.exp = preparation_.parameter(node, "exp_table");
        tables.inv = preparation_.parameter(node, "inv_table");
    }
    Item item{.nodes = {node}};
    item.step = make_softmax_step(setup, op, tables, preparation_.inputs_of(node).front(), node + 1);
    if (!item.step) return false;
    add_item(std::move(item));
    return true;
}

}  // namespace bittrue::emulator
