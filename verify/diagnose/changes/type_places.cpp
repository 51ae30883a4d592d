#include "changes/type_places.hpp"

#include <algorithm>

#include "bittrue/model/tables.hpp"

namespace bittrue::diagnose_detail {

namespace {

template <typename Op>
Op* op_of(Node& node) {
    return std::get_if<Op>(&node.op);
}

// Accessors. Each gives null for a node that has no such type.
FixedType* result_type(Node& node) {
    return &node.result;
}
FixedType* accumulator_type(Node& node) {
    AccumulatorSpec* spec = accumulator_of(node);
    return spec == nullptr ? nullptr : &spec->type;
}
FixedType* product_type(Node& node) {
    AccumulatorSpec* spec = accumulator_of(node);
    return spec == nullptr || !spec->product ? nullptr : &*spec->product;
}
FixedType* bias_cast_type(Node& node) {
    AccumulatorSpec* spec = accumulator_of(node);
    return spec == nullptr || !spec->bias_cast ? nullptr : &*spec->bias_cast;
}
FixedType* weight_type(Node& node) {
    Parameter* p = weights_of(node);
    return p == nullptr ? nullptr : &p->type;
}
FixedType* bias_type(Node& node) {
    std::optional<Parameter>* p = bias_of(node);
    return p == nullptr || !*p ? nullptr : &(*p)->type;
}
FixedType* max_pool_type(Node& node) {
    auto* op = op_of<MaxPool>(node);
    return op == nullptr || !op->accumulator ? nullptr : &*op->accumulator;
}
FixedType* average_type(Node& node) {
    auto* op = op_of<AveragePool>(node);
    return op == nullptr ? nullptr : &op->accumulator;
}
FixedType* alpha_type(Node& node) {
    auto* op = op_of<LeakyRelu>(node);
    return op == nullptr ? nullptr : &op->alpha.type;
}
FixedType* scale_type(Node& node) {
    auto* op = op_of<Affine>(node);
    return op == nullptr ? nullptr : &op->scale.type;
}
FixedType* threshold_type(Node& node) {
    auto* op = op_of<Threshold>(node);
    return op == nullptr ? nullptr : &op->thresholds.type;
}
FixedType* table_type(Node& node) {
    auto* op = op_of<Lookup>(node);
    return op == nullptr ? nullptr : &op->table.entries.type;
}
template <auto Member>
FixedType* softmax_type(Node& node) {
    auto* op = op_of<Softmax>(node);
    return op == nullptr ? nullptr : &(op->*Member);
}
template <auto Member>
FixedType* softmax_table_type(Node& node) {
    auto* op = op_of<Softmax>(node);
    return op == nullptr ? nullptr : &(op->*Member).entries.type;
}

class Lister {
public:
    Lister(const Node& node, const std::vector<ReadTensor>& inputs) : node_(node), inputs_(inputs) {}

    std::vector<TypePlace> list() {
        add_result(0, false);
        TypePlace& result = places_.back();
        std::visit([&](const auto& op) { visit(op, result); }, node_.op);
        return std::move(places_);
    }

private:
    [[nodiscard]] int in_frac() const {
        int frac = -TypePlace::kAnyFrac;
        for (const ReadTensor& input : inputs_) frac = std::max(frac, input.type.format.frac());
        return frac;
    }
    // No value of the inputs is outside the range of the type, whatever the rounding.
    [[nodiscard]] bool holds_inputs(const FixedType& t) const {
        return std::all_of(inputs_.begin(), inputs_.end(), [&](const ReadTensor& input) {
            const Format f = input.type.format;
            const int integer = f.integer + (t.format.is_signed && !f.is_signed ? 1 : 0);
            const bool carries = f.frac() > t.format.frac();
            return (t.format.is_signed || !f.is_signed) && integer + (carries ? 1 : 0) <= t.format.integer;
        });
    }

    void add_result(int finest, bool narrow) {
        places_.push_back({.setting = "result",
                           .noun = "the result",
                           .rounding = Cause::ResultRounding,
                           .overflow = Cause::ResultOverflow,
                           .format = Cause::ResultFormat,
                           .at = {result_type},
                           .finest = finest,
                           .narrow_integers = narrow});
    }
    void add_accumulator(std::string setting, std::string noun, std::vector<std::function<FixedType*(Node&)>> at,
                         int finest) {
        places_.push_back({.setting = std::move(setting),
                           .noun = std::move(noun),
                           .rounding = Cause::AccumulatorRounding,
                           .overflow = Cause::AccumulatorOverflow,
                           .format = Cause::AccumulatorFormat,
                           .at = std::move(at),
                           .finest = finest});
    }
    void add_all_one_cause(Cause cause, std::string setting, std::string noun, FixedType* (*at)(Node&), int finest) {
        places_.push_back({.setting = std::move(setting),
                           .noun = std::move(noun),
                           .rounding = cause,
                           .overflow = cause,
                           .format = cause,
                           .at = {at},
                           .finest = finest});
    }
    void add_stored(std::string setting, std::string noun, bool plural, const Parameter& p,
                    std::vector<std::function<FixedType*(Node&)>> at, bool bias = false) {
        places_.push_back({.setting = std::move(setting),
                           .noun = std::move(noun),
                           .plural = plural,
                           .stored = true,
                           .modes = !p.is_raw() && p.quantizer == WeightQuantizer::Cast,
                           .rounding = bias ? Cause::BiasRounding : Cause::WeightRounding,
                           .overflow = bias ? Cause::BiasOverflow : Cause::WeightOverflow,
                           .format = bias ? Cause::BiasFormat : Cause::WeightFormat,
                           .at = std::move(at),
                           .finest = TypePlace::kAnyFrac});
    }
    void add_table(std::string setting, std::string noun, const Parameter& p, FixedType* (*at)(Node&)) {
        if (p.is_raw()) return;  // a ROM of the user's
        add_stored(std::move(setting), std::move(noun), true, p, {at});
        TypePlace& place = places_.back();
        place.rounding = place.overflow = place.format = Cause::TableContents;
    }

    void moves(TypePlace& result) const {
        result.finest = in_frac();
        result.narrow_integers = holds_inputs(node_.result);
    }
    void visit(const Quantize&, TypePlace& r) const { moves(r); }
    void visit(const Relu&, TypePlace& r) const { moves(r); }
    void visit(const Flatten&, TypePlace& r) const { moves(r); }
    void visit(const Reshape&, TypePlace& r) const { moves(r); }
    void visit(const Concat&, TypePlace& r) const { moves(r); }
    void visit(const Transpose&, TypePlace& r) const { moves(r); }
    void visit(const Pad&, TypePlace& r) const { moves(r); }
    void visit(const Add&, TypePlace& r) const { r.finest = in_frac(); }
    void visit(const Multiply&, TypePlace& r) const {
        for (const ReadTensor& input : inputs_) r.finest += input.type.format.frac();
    }
    void visit(const ClippedRelu&, TypePlace& r) const { r.finest = TypePlace::kAnyFrac; }
    void visit(const Clip&, TypePlace& r) const { r.finest = TypePlace::kAnyFrac; }
    void visit(const Requantize&, TypePlace& r) const { r.finest = TypePlace::kAnyFrac; }

    void visit(const Dense& op, TypePlace& r) { accumulates(op, r); }
    void visit(const Conv2d& op, TypePlace& r) { accumulates(op, r); }
    template <typename Op>
    void accumulates(const Op& op, TypePlace& r) {
        const AccumulatorSpec& spec = op.accumulator;
        r.finest = spec.type.format.frac();
        const int exact = op.weights.type.format.frac() + in_frac();
        const int bias = !op.bias ? exact : (spec.bias_cast ? *spec.bias_cast : op.bias->type).format.frac();
        const int finest = std::max(spec.product ? spec.product->format.frac() : exact, bias);
        // product = "accumulator" is one setting.
        const bool joint = spec.product == spec.type;
        if (joint)
            add_accumulator("accumulator", "the accumulator", {accumulator_type, product_type}, std::max(exact, bias));
        add_accumulator("accumulator", joint ? "the accumulator without its product cast" : "the accumulator",
                        {accumulator_type}, finest);
        places_.back().side = joint;
        if (spec.product) {
            add_all_one_cause(Cause::ProductCast, "product", "the product", product_type, exact);
            places_.back().side = joint;
        }
        if (spec.bias_cast && op.bias) {
            add_all_one_cause(Cause::BiasCast, "bias_cast", "the cast of the bias", bias_cast_type,
                              op.bias->type.format.frac());
        }
        const bool shared = op.bias && op.bias->type == op.weights.type && !op.bias->is_raw() && !op.weights.is_raw();
        add_stored("weight_type", "the weights", true, op.weights, {weight_type});
        if (op.bias) add_stored("bias_type", "the bias", false, *op.bias, {bias_type}, true);
        // bias_type is weight_type where the network file has none.
        if (shared) {
            add_stored("weight_type", "weights and bias", true, op.weights, {weight_type, bias_type});
            places_.back().side = true;
        }
    }

    void visit(const MaxPool& op, TypePlace& r) {
        moves(r);
        if (!op.accumulator) return;
        r.finest = op.accumulator->format.frac();
        r.narrow_integers = false;
        add_accumulator("accumulator", "the accumulator", {max_pool_type}, in_frac());
    }
    void visit(const AveragePool& op, TypePlace& r) {
        r.finest = op.accumulator.format.frac();
        add_all_one_cause(Cause::SoftmaxInner, "accumulator", "the accumulator", average_type, in_frac());
        // A finer sum has a finer quotient.
        places_.back().finest = std::max(in_frac(), op.accumulator.format.frac() + 8);
    }
    void visit(const LeakyRelu& op, TypePlace& r) {
        r.finest = in_frac() + std::max(0, op.alpha.type.format.frac());
        add_stored("alpha_type", "alpha", false, op.alpha, {alpha_type});
    }
    void visit(const Affine& op, TypePlace& r) {
        r.finest = in_frac() + op.scale.type.format.frac();
        add_stored("scale_type", "the scale", false, op.scale, {scale_type});
        if (!op.bias) return;
        r.finest = std::max(r.finest, op.bias->type.format.frac());
        add_stored("bias_type", "the bias", false, *op.bias, {bias_type}, true);
    }
    void visit(const Threshold& op, TypePlace& r) {
        r.finest = TypePlace::kAnyFrac;
        add_stored("threshold_type", "the thresholds", true, op.thresholds, {threshold_type});
    }
    void visit(const Lookup& op, TypePlace& r) {
        r.finest = op.table.entries.type.format.frac();
        add_table("table_type", "the table's entries", op.table.entries, table_type);
    }
    void visit(const Softmax& op, TypePlace& r) {
        r.finest = TypePlace::kAnyFrac;
        if (op.kind == SoftmaxKind::Argmax) return;
        const int exp_frac = op.exp_table.entries.type.format.frac();
        add_all_one_cause(Cause::SoftmaxInner, "accumulator", "the sum", softmax_type<&Softmax::accumulator>, exp_frac);
        if (op.kind != SoftmaxKind::Legacy) {
            add_all_one_cause(Cause::SoftmaxInner, "inv_input", "the index of the reciprocal",
                              softmax_type<&Softmax::inv_input>, op.accumulator.format.frac());
        }
        if (op.kind == SoftmaxKind::Stable) {
            add_all_one_cause(Cause::SoftmaxInner, "difference", "the difference", softmax_type<&Softmax::difference>,
                              in_frac());
        }
        add_table("exp_table_type", "the exponential's entries", op.exp_table.entries,
                  softmax_table_type<&Softmax::exp_table>);
        add_table("inv_table_type", "the reciprocal's entries", op.inv_table.entries,
                  softmax_table_type<&Softmax::inv_table>);
    }

    const Node& node_;
    const std::vector<ReadTensor>& inputs_;
    std::vector<TypePlace> places_{};
};

// Entries of a generated softmax table that is indexed by another format. false: it would have no bits for them.
bool remake_softmax(Softmax& op, const Softmax& old) {
    const auto remake = [](Table& table, Format before, Format after, auto make) {
        if (before == after || table.entries.is_raw()) return true;
        if (after.width < 1) return false;
        const auto most = [](Format f) { return 1 << std::min(f.width, 20); };
        auto size = static_cast<int>(element_count(table.entries.dims));
        // With an entry for every word before there is one for every word again.
        size = size == most(before) ? most(after) : std::min(size, most(after));
        table = make(size, table.entries.type, after);
        return true;
    };
    const bool exp = op.kind != SoftmaxKind::Stable || op.exp_table.origin != "exp" ||
                     remake(op.exp_table, old.difference.format, op.difference.format, stable_exp_table);
    const bool inverse = op.kind == SoftmaxKind::Legacy || op.inv_table.origin != "inverse" ||
                         remake(op.inv_table, old.inv_input.format, op.inv_input.format, inverse_table);
    return exp && inverse;
}

}  // namespace

std::vector<TypePlace> type_places(const Node& node, const std::vector<ReadTensor>& inputs) {
    return Lister(node, inputs).list();
}

FixedType type_at(const TypePlace& place, const Node& node) {
    const FixedType* type = place.at.front()(const_cast<Node&>(node));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
    return type == nullptr ? FixedType{} : *type;
}

bool change_types(Node& node, const TypePlace& place, const std::function<void(FixedType&)>& change, bool remake) {
    for (const auto& at : place.at) {
        if (at(node) == nullptr) return false;
    }
    std::optional<Softmax> before;
    if (const auto* softmax = std::get_if<Softmax>(&node.op); softmax != nullptr && remake) {
        before.emplace();
        before->difference = softmax->difference;
        before->inv_input = softmax->inv_input;
    }
    for (const auto& at : place.at) {
        FixedType& type = *at(node);
        change(type);
        if (!reason_invalid(type).empty()) return false;
    }
    return !before || remake_softmax(std::get<Softmax>(node.op), *before);
}

AccumulatorSpec* accumulator_of(Node& node) {
    if (auto* dense = op_of<Dense>(node)) return &dense->accumulator;
    if (auto* conv = op_of<Conv2d>(node)) return &conv->accumulator;
    return nullptr;
}
const AccumulatorSpec* accumulator_of(const Node& node) {
    return accumulator_of(const_cast<Node&>(node));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

Parameter* weights_of(Node& node) {
    if (auto* dense = op_of<Dense>(node)) return &dense->weights;
    if (auto* conv = op_of<Conv2d>(node)) return &conv->weights;
    return nullptr;
}
const Parameter* weights_of(const Node& node) {
    return weights_of(const_cast<Node&>(node));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

std::optional<Parameter>* bias_of(Node& node) {
    if (auto* dense = op_of<Dense>(node)) return &dense->bias;
    if (auto* conv = op_of<Conv2d>(node)) return &conv->bias;
    if (auto* affine = op_of<Affine>(node)) return &affine->bias;
    return nullptr;
}
const std::optional<Parameter>* bias_of(const Node& node) {
    return bias_of(const_cast<Node&>(node));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

std::int64_t terms_of(const Node& node) {
    const Parameter* weights = weights_of(node);
    if (weights == nullptr) return 0;
    return element_count(weights->dims) / weights->dims.back();
}

}  // namespace bittrue::diagnose_detail
