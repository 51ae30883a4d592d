// Every setting of tests/data/hls4ml_ap8.toml in turn, with some wrong values each.
#include "bittrue/model/notation.hpp"
#include "bittrue/model/tables.hpp"
#include "hls4ml.hpp"

namespace bittrue::mutation {

namespace {

Node& node(Graph& graph, const std::string& name) {
    return graph.nodes[static_cast<std::size_t>(node_index(graph, name))];
}

class Settings {
public:
    // One wrong setting of a layer.
    void layer(const std::string& name, const std::string& what, std::vector<Cause> causes,
               const std::function<void(Node&)>& edit) {
        all_.push_back({.name = name + ": " + what,
                        .layer = name,
                        .edit = [name, edit](Graph& g) { edit(node(g, name)); },
                        .truth = truth(std::move(causes), {name})});
    }
    void input(const std::string& what, const std::function<void(InputSpec&)>& edit) {
        all_.push_back({.name = "input: " + what, .edit = [edit](Graph& g) { edit(g.input); }});
    }

    // The types of a cast: every other rounding and overflow, widths and binary point.
    struct Kinds {
        std::vector<Cause> rounding{}, overflow{}, format{};
    };
    using Pick = std::function<FixedType&(Node&)>;
    void type(const std::string& name, const std::string& what, const Kinds& kinds, const Pick& pick) {
        for (const Rounding r : {Rounding::Trn, Rounding::TrnZero, Rounding::Rnd, Rounding::RndZero, Rounding::RndInf,
                                 Rounding::RndMinInf, Rounding::RndConv})
            layer(name, what + " " + print_rounding(r), kinds.rounding, [=](Node& n) { pick(n).rounding = r; });
        for (const Overflow o : {Overflow::Wrap, Overflow::Sat, Overflow::SatZero, Overflow::SatSym})
            layer(name, what + " " + print_overflow(o), kinds.overflow, [=](Node& n) { pick(n).overflow = o; });
        const auto format = [&](int width, int integer) {
            layer(name,
                  what + " " + (width < 0 ? "" : "+") + std::to_string(width) + " bits, " + std::to_string(integer) +
                      " of them at the top",
                  kinds.format, [=](Node& n) {
                      pick(n).format.width += width;
                      pick(n).format.integer += integer;
                  });
        };
        format(-1, 0);
        format(-1, -1);
        format(1, 0);
        format(1, 1);
        format(0, 1);
        format(0, -1);
    }

    std::vector<WrongSetting> take() { return std::move(all_); }

private:
    std::vector<WrongSetting> all_{};
};

const Settings::Kinds kResult{.rounding = {Cause::ResultRounding},
                              .overflow = {Cause::ResultOverflow},
                              .format = {Cause::ResultFormat, Cause::RequantizeShift}};
// The product has a type of its own in the file's graph; "accumulator" sets both.
const Settings::Kinds kAccumulator{.rounding = {Cause::AccumulatorRounding},
                                   .overflow = {Cause::AccumulatorOverflow},
                                   .format = {Cause::AccumulatorFormat}};
const Settings::Kinds kWeights{
    .rounding = {Cause::WeightRounding}, .overflow = {Cause::WeightOverflow}, .format = {Cause::WeightFormat}};
const Settings::Kinds kBias{.rounding = {Cause::BiasRounding},
                            .overflow = {Cause::BiasOverflow},
                            .format = {Cause::BiasFormat, Cause::BiasAlignment}};
const Settings::Kinds kInner{
    .rounding = {Cause::SoftmaxInner}, .overflow = {Cause::SoftmaxInner}, .format = {Cause::SoftmaxInner}};
const Settings::Kinds kTable{
    .rounding = {Cause::TableContents}, .overflow = {Cause::TableContents}, .format = {Cause::TableContents}};

void sums(Settings& s, const std::string& name) {
    s.type(name, "weight_type", kWeights, [](Node& n) -> FixedType& { return weights(n).type; });
    s.type(name, "bias_type", kBias, [](Node& n) -> FixedType& { return bias(n)->type; });
    // As the file does it: the product follows the accumulator.
    s.type(name, "accumulator", kAccumulator, [](Node& n) -> FixedType& { return accumulator(n).type; });
    const auto setting = [&](const std::string& what, std::vector<Cause> causes,
                             const std::function<void(AccumulatorSpec&)>& edit) {
        s.layer(name, what, std::move(causes), [edit](Node& n) { edit(accumulator(n)); });
    };
    setting("product exact", {Cause::ProductCast}, [](AccumulatorSpec& a) { a.product.reset(); });
    setting("terms kernel", {Cause::TermOrder}, [](AccumulatorSpec& a) { a.terms = TermOrder::Kernel; });
    for (const char* schedule : {"interleave:3", "fold:4", "partial:4", "tree"})
        setting("schedule " + std::string(schedule), {Cause::Schedule},
                [schedule](AccumulatorSpec& a) { parse_schedule(schedule, a); });
    setting("quantize end", {Cause::QuantizeAt}, [](AccumulatorSpec& a) { a.quantize = QuantizeAt::End; });
    setting("bias_position last", {Cause::BiasPosition}, [](AccumulatorSpec& a) { a.bias = BiasPosition::Last; });
    s.layer(name, "bias false", {Cause::BiasMissing, Cause::ChannelBias, Cause::BiasFormat},
            [](Node& n) { bias(n).reset(); });
    s.type(name, "result", kResult, [](Node& n) -> FixedType& { return n.result; });
}

void tables(Settings& s) {
    const std::string name = "dense_1_softmax";
    const auto softmax = [](Node& n) -> Softmax& { return std::get<Softmax>(n.op); };
    s.type(name, "exp_table_type", kTable, [=](Node& n) -> FixedType& { return softmax(n).exp_table.entries.type; });
    s.type(name, "inv_table_type", kTable, [=](Node& n) -> FixedType& { return softmax(n).inv_table.entries.type; });
    s.type(name, "accumulator",
           {.rounding = {Cause::SoftmaxInner, Cause::AccumulatorRounding},
            .overflow = {Cause::SoftmaxInner, Cause::AccumulatorOverflow},
            .format = {Cause::SoftmaxInner, Cause::AccumulatorFormat}},
           [=](Node& n) -> FixedType& { return softmax(n).accumulator; });
    for (const int size : {32, 64})
        s.layer(name, "exp_table_size " + std::to_string(size), {Cause::TableSize}, [=](Node& n) {
            Softmax& op = softmax(n);
            op.exp_table = stable_exp_table(size, op.exp_table.entries.type, op.difference.format);
        });
    for (const int size : {256, 512, 2048})
        s.layer(name, "inv_table_size " + std::to_string(size), {Cause::TableSize}, [=](Node& n) {
            Softmax& op = softmax(n);
            op.inv_table = inverse_table(size, op.inv_table.entries.type, op.inv_input.format);
        });
    // Their formats say what the tables hold, so those follow.
    const auto inner = [&](const std::string& what, std::function<FixedType&(Softmax&)> pick) {
        s.type(name, what, kInner, [=](Node& n) -> FixedType& { return pick(softmax(n)); });
    };
    inner("difference", [](Softmax& op) -> FixedType& { return op.difference; });
    inner("inv_input", [](Softmax& op) -> FixedType& { return op.inv_input; });
    s.layer(name, "kind latency", {Cause::SoftmaxInner, Cause::TableIndex}, [=](Node& n) {
        Softmax& op = softmax(n);
        op.kind = SoftmaxKind::Latency;
        op.exp_table = latency_exp_table(128, op.exp_table.entries.type, parse_type("ap_fixed<8,6>").format);
    });
    s.type(name, "result", kResult, [](Node& n) -> FixedType& { return n.result; });
}

}  // namespace

std::vector<WrongSetting> wrong_settings() {
    Settings s;
    const auto result = [](Node& n) -> FixedType& { return n.result; };
    sums(s, "conv2d");
    s.type("conv2d_relu", "result", kResult, result);
    s.layer("conv2d_relu", "op quantize", {Cause::ActivationMissing}, [](Node& n) { n.op = Quantize{}; });
    s.type("max_pooling2d", "result", kResult, result);
    s.layer("max_pooling2d", "stride 1x2 in a wider pool", {Cause::Stride, Cause::PoolRule, Cause::Offset},
            [](Node& n) {
                std::get<MaxPool>(n.op).pool = {2, 1};
            });
    s.layer("max_pooling2d", "op average_pool", {Cause::PoolRule},
            [](Node& n) { n.op = AveragePool{.accumulator = parse_type("ap_fixed<12,6>")}; });
    sums(s, "dense");
    s.type("dense_relu", "result", kResult, result);
    sums(s, "dense_1");
    tables(s);
    for (const char* type : {"ap_ufixed<8,0,AP_TRN,AP_SAT>", "ap_ufixed<8,0,AP_RND,AP_WRAP>",
                             "ap_ufixed<9,0,AP_RND,AP_SAT>", "ap_fixed<8,1,AP_RND,AP_SAT>"})
        s.input("type " + std::string(type), [type](InputSpec& i) { i.type = parse_type(type); });
    s.input("divide 256", [](InputSpec& i) { i.divide = 256; });
    s.input("precision float64", [](InputSpec& i) { i.float32 = false; });
    return s.take();
}

}  // namespace bittrue::mutation
