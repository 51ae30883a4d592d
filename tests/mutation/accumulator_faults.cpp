// The accumulator: overflow, rounding, width, products, when it quantises, in which order terms come.
#include "bittrue/model/notation.hpp"
#include "fault.hpp"

namespace bittrue::mutation {

namespace {

// Products that are cast into the accumulator's type stay so.
Fault settings(const std::string& what, const std::string& stand, const std::string& layer, Truth t,
               std::function<void(AccumulatorSpec&)> edit) {
    return fault(what, stand, layer, edited([edit](Node& n) { edit(accumulator(n)); }), std::move(t));
}

Fault overflow(const std::string& stand, const std::string& layer, Overflow to) {
    return settings("accumulator overflows by " + print_overflow(to), stand, layer,
                    truth(Cause::AccumulatorOverflow, layer, {print_overflow(to)}),
                    [to](AccumulatorSpec& s) { s.type.overflow = to; });
}

// Accumulator and product cast are one parameter in the networks and in most RTL.
Fault rounding(const std::string& stand, const std::string& layer, Rounding to) {
    return settings("accumulator rounds by " + print_rounding(to), stand, layer,
                    truth(Cause::AccumulatorRounding, layer, {print_rounding(to)}), [to](AccumulatorSpec& s) {
                        s.type.rounding = to;
                        if (s.product) s.product->rounding = to;
                    });
}

Fault width(const std::string& stand, const std::string& layer, int top, int bottom) {
    return settings(
        "accumulator " + std::to_string(top) + " bits at the top, " + std::to_string(bottom) + " at the bottom", stand,
        layer, truth(Cause::AccumulatorFormat, layer), [top, bottom](AccumulatorSpec& s) {
            s.type.format.width += top + bottom;
            s.type.format.integer += top;
            if (s.product) s.product->format = s.type.format;
        });
}

Fault at_end(const std::string& stand, const std::string& layer) {
    return settings("quantised at the end only", stand, layer, truth(Cause::QuantizeAt, layer),
                    [](AccumulatorSpec& s) { s.quantize = QuantizeAt::End; });
}

Fault folds(const std::string& stand, const std::string& layer, Schedule schedule, int group) {
    AccumulatorSpec named;
    named.schedule = schedule;
    named.group = group;
    return settings("quantised after every group of " + print_schedule(named), stand, layer,
                    truth({Cause::QuantizeAt, Cause::Schedule}, {layer}), [schedule, group](AccumulatorSpec& s) {
                        s.schedule = schedule;
                        s.group = group;
                        s.quantize = QuantizeAt::Fold;
                    });
}

Fault schedule(const std::string& stand, const std::string& layer, Schedule to, int group) {
    AccumulatorSpec named;
    named.schedule = to;
    named.group = group;
    return settings("terms by " + print_schedule(named), stand, layer,
                    truth(Cause::Schedule, layer, {print_schedule(named)}), [to, group](AccumulatorSpec& s) {
                        s.schedule = to;
                        s.group = group;
                    });
}

Fault products_exact(const std::string& stand, const std::string& layer) {
    return settings("products are not cast", stand, layer, truth(Cause::ProductCast, layer),
                    [](AccumulatorSpec& s) { s.product.reset(); });
}

Fault products_cast(const std::string& stand, const std::string& layer) {
    return settings("products are cast into the accumulator's type", stand, layer, truth(Cause::ProductCast, layer),
                    [](AccumulatorSpec& s) { s.product = s.type; });
}

Fault terms(const std::string& stand, const std::string& layer, TermOrder to) {
    return settings(to == TermOrder::Kernel ? "terms in kernel order" : "terms in input order", stand, layer,
                    truth(Cause::TermOrder, layer), [to](AccumulatorSpec& s) { s.terms = to; });
}

}  // namespace

std::vector<Fault> accumulator_faults() {
    return {
        overflow("cnn-sat", "conv2d", Overflow::Wrap),
        overflow("cnn-sat", "dense", Overflow::SatSym),
        overflow("cnn-sat", "dense", Overflow::Wrap),
        overflow("cnn-sat", "dense_1", Overflow::SatZero),
        overflow("cnn-wrap", "dense", Overflow::Sat),
        overflow("cnn-wrap", "dense_1", Overflow::Sat),
        overflow("lenet-sat", "qconv2d_1", Overflow::Wrap),
        overflow("lenet-sat", "qfc", Overflow::SatSym),
        overflow("lenet-wrap", "qfc_1", Overflow::Sat),
        overflow("lenet-wrap", "qconv2d", Overflow::Sat),
        rounding("cnn-sat", "conv2d", Rounding::Rnd),
        rounding("cnn-sat", "dense", Rounding::RndConv),
        rounding("cnn-wrap", "dense", Rounding::Trn),
        rounding("cnn-wrap", "dense_1", Rounding::Rnd),
        rounding("lenet-wrap", "qconv2d_1", Rounding::Trn),
        rounding("lenet-wrap", "qconv2d_1", Rounding::Rnd),
        width("cnn-sat", "conv2d", -1, 0),
        width("cnn-sat", "conv2d", 1, 0),
        width("cnn-wrap", "dense", -1, 0),
        width("cnn-wrap", "dense_1", 0, -1),
        width("cnn-sat", "dense", 0, 2),
        width("cnn-sat", "dense_1", 0, 2),
        width("cnn", "dense", -4, 0),
        width("lenet-sat", "qconv2d", 1, 0),
        width("lenet-wrap", "qfc_1", -1, 0),
        width("lenet-wrap", "qfc", 1, 0),
        width("lenet", "qfc_2", 0, -1),
        at_end("cnn-sat", "conv2d"),
        at_end("cnn-sat", "dense"),
        at_end("lenet-sat", "qfc"),
        at_end("lenet-sat", "qconv2d_1"),
        folds("cnn-sat", "dense", Schedule::Fold, 8),
        folds("lenet-sat", "qfc_1", Schedule::Interleave, 4),
        schedule("cnn-sat", "dense", Schedule::Interleave, 13),
        schedule("cnn-sat", "conv2d", Schedule::Partial, 3),
        schedule("cnn-sat", "conv2d", Schedule::Tree, 1),
        schedule("lenet-sat", "qfc", Schedule::Tree, 1),
        schedule("lenet-sat", "qconv2d_1", Schedule::Partial, 2),
        schedule("lenet-sat", "qfc_1", Schedule::Interleave, 8),
        products_exact("cnn-sat", "conv2d"),
        products_exact("cnn-wrap", "dense"),
        products_exact("lenet-wrap", "qconv2d_1"),
        products_cast("cnn-pad", "conv2d"),
        terms("lenet-sat", "qconv2d_1", TermOrder::Input),
    };
}

}  // namespace bittrue::mutation
