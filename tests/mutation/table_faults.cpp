// Tables and softmax: contents, index, size, inner types.
#include <algorithm>

#include "bittrue/golden/golden.hpp"
#include "bittrue/model/notation.hpp"
#include "bittrue/model/tables.hpp"
#include "fault.hpp"

namespace bittrue::mutation {

namespace {

void hold_entries(Parameter& entries) {
    if (entries.is_raw()) return;
    for (const double x : entries.real) entries.raw.push_back(golden::quantize_real(x, entries.type).word);
    entries.real.clear();
}

using EditTable = std::function<void(std::vector<std::int64_t>&)>;
using Pick = Table& (*)(Node&);
Table& exp_table(Node& n) {
    return std::get<Softmax>(n.op).exp_table;
}
Table& inv_table(Node& n) {
    return std::get<Softmax>(n.op).inv_table;
}
Table& lookup_table(Node& n) {
    return std::get<Lookup>(n.op).table;
}

Fault entries(const std::string& what, const std::string& stand, const std::string& layer, Pick pick,
              std::vector<Cause> causes, const EditTable& edit) {
    return fault(what, stand, layer, edited([pick, edit](Node& n) {
                     Parameter& p = pick(n).entries;
                     hold_entries(p);
                     edit(p.raw);
                 }),
                 truth(std::move(causes), {layer}));
}

void next_entry(std::vector<std::int64_t>& e) {
    std::rotate(e.begin(), e.begin() + 1, e.end());
}
void previous_entry(std::vector<std::int64_t>& e) {
    std::rotate(e.begin(), e.end() - 1, e.end());
}
void reversed(std::vector<std::int64_t>& e) {
    std::reverse(e.begin(), e.end());
}
EditTable one(std::size_t at, std::int64_t flip) {
    return [at, flip](std::vector<std::int64_t>& e) { e.at(at) ^= flip; };
}

Fault softmax(const std::string& what, const std::string& stand, std::vector<Cause> causes,
              std::function<void(Softmax&)> edit) {
    return fault(what, stand, "dense_1_softmax", edited([edit](Node& n) { edit(std::get<Softmax>(n.op)); }),
                 truth(std::move(causes), {"dense_1_softmax"}));
}

// The same function with other numbers of entries.
void exp_entries(Softmax& s, int size) {
    s.exp_table = stable_exp_table(size, s.exp_table.entries.type, s.difference.format);
}
void inv_entries(Softmax& s, int size) {
    s.inv_table = inverse_table(size, s.inv_table.entries.type, s.inv_input.format);
}

}  // namespace

std::vector<Fault> table_faults() {
    const std::string softmax_layer = "dense_1_softmax";
    return {
        entries("exponentials are one entry off", "cnn", softmax_layer, exp_table,
                {Cause::TableIndex, Cause::TableContents}, next_entry),
        entries("reciprocals are one entry off", "cnn-sat", softmax_layer, inv_table,
                {Cause::TableIndex, Cause::TableContents}, previous_entry),
        entries("entry 2 of the exponentials has a wrong bit", "cnn-sat", softmax_layer, exp_table,
                {Cause::TableContents}, one(2, 1 << 13)),
        entries("sigmoid is one entry off", "lenet-tables", "qsoftmax", lookup_table,
                {Cause::TableIndex, Cause::TableContents}, next_entry),
        entries("tanh is one entry off", "lenet-tables", "qactivation_3", lookup_table,
                {Cause::TableIndex, Cause::TableContents}, previous_entry),
        entries("sigmoid is stored in reverse", "lenet-tables", "qsoftmax", lookup_table,
                {Cause::TableContents, Cause::TableIndex}, reversed),
        entries("entry 30 of sigmoid has a wrong bit", "lenet-tables", "qsoftmax", lookup_table, {Cause::TableContents},
                one(30, 1 << 5)),
        fault("entries are truncated", "lenet-tables", "qsoftmax",
              edited([](Node& n) { lookup_table(n).entries.type.rounding = Rounding::Trn; }),
              truth(Cause::TableContents, "qsoftmax")),
        fault("index is the top bits", "lenet-tables", "qsoftmax",
              edited([](Node& n) { std::get<Lookup>(n.op).index = TableIndex::Bits; }),
              truth(Cause::TableIndex, "qsoftmax")),
        fault("spans 16 instead of 8", "lenet-tables", "qactivation_3",
              edited([](Node& n) { std::get<Lookup>(n.op).span = 16; }),
              truth({Cause::TableIndex, Cause::TableSize}, {"qactivation_3"})),
        fault("table is that of tanh", "lenet-tables", "qsoftmax", edited([](Node& n) {
                  n.op = Lookup{.table = tanh_table(64, lookup_table(n).entries.type, 16), .span = 16};
              }),
              truth({Cause::TableContents, Cause::ActivationShape}, {"qsoftmax"})),
        softmax("exponentials have half as many entries", "cnn", {Cause::TableSize},
                [](Softmax& s) { exp_entries(s, 128); }),
        softmax("reciprocals have a quarter of the entries", "cnn", {Cause::TableSize},
                [](Softmax& s) { inv_entries(s, 1024); }),
        softmax("exponentials are truncated to 8 bits", "cnn-wrap", {Cause::TableContents},
                [](Softmax& s) { s.exp_table.entries.type = parse_type("ap_ufixed<8,1,AP_TRN,AP_SAT>"); }),
        softmax("sum's index is truncated", "cnn", {Cause::SoftmaxInner},
                [](Softmax& s) { s.inv_input.rounding = Rounding::Trn; }),
        softmax("sum is in 6 bits less", "cnn", {Cause::SoftmaxInner, Cause::AccumulatorFormat},
                [](Softmax& s) { s.accumulator.format.width -= 10; }),
        softmax("difference has one fraction bit less", "cnn-wrap", {Cause::SoftmaxInner},
                [](Softmax& s) {
                    s.difference.format.width -= 1;
                    s.exp_table = stable_exp_table(128, s.exp_table.entries.type, s.difference.format);
                }),
        softmax("difference wraps", "cnn-stride", {Cause::SoftmaxInner},
                [](Softmax& s) { s.difference.overflow = Overflow::Wrap; }),
    };
}

}  // namespace bittrue::mutation
