// What no network file can say: stuck bits, registers that are not cleared, terms that are left out.
#include "fault.hpp"

namespace bittrue::mutation {

namespace {

std::int64_t with_bit(std::int64_t word, int bit, bool value) {
    const std::int64_t mask = std::int64_t{1} << bit;
    return value ? word | mask : word & ~mask;
}

// Every lane of a multiplier array has the terms t with t mod lanes == lane.
Fault stuck(const std::string& stand, const std::string& layer, int bit, bool value, std::int64_t lanes,
            std::int64_t lane) {
    const std::string name = "bit " + std::to_string(bit) + " of products of lane " + std::to_string(lane) + " of " +
                             std::to_string(lanes) + " is stuck at " + (value ? "1" : "0");
    return fault(name, stand, layer,
                 summed({.product =
                             [=](const Term& t, std::int64_t product) {
                                 return t.t % lanes == lane ? with_bit(product, bit, value) : product;
                             }}),
                 truth(Cause::StuckBit, layer, {std::to_string(bit)}));
}

Fault result_stuck(const std::string& stand, const std::string& layer, int bit, bool value) {
    return fault("bit " + std::to_string(bit) + " of the result is stuck at " + (value ? "1" : "0"), stand, layer,
                 writes([=](std::vector<ImageWords>& images, const Shape&) {
                     for (ImageWords& image : images)
                         for (std::int64_t& w : image) w = with_bit(w, bit, value);
                 }),
                 truth(Cause::StuckBit, layer, {std::to_string(bit)}));
}

Fault input_stuck(const std::string& stand, const std::string& layer, int bit, bool value) {
    return fault("bit " + std::to_string(bit) + " of the input is stuck at " + (value ? "1" : "0"), stand, layer,
                 reads([=](std::vector<ImageWords>& images, const Shape&) {
                     for (ImageWords& image : images)
                         for (std::int64_t& w : image) w = with_bit(w, bit, value);
                 }),
                 truth(Cause::StuckBit, layer, {std::to_string(bit)}));
}

Fault left_out(const std::string& stand, const std::string& layer, std::int64_t first, std::int64_t last) {
    return fault("the first " + std::to_string(first) + " and last " + std::to_string(last) + " terms are missing",
                 stand, layer, summed({.takes = [=](const Term& t) { return t.t >= first && t.t < t.terms - last; }}),
                 truth(Cause::TermsLeftOut, layer));
}

// The accumulator is cleared for the first output of an image only (dense), for a row's first pixel only (conv2d).
Fault not_cleared(const std::string& stand, const std::string& layer) {
    return fault("the accumulator is not cleared", stand, layer,
                 summed({.start = [](const Term& t, std::int64_t start,
                                     std::int64_t before) { return t.terms > 0 && t.channel == 0 ? start : before; }}),
                 truth(Cause::StaleState, layer));
}

}  // namespace

std::vector<Fault> hardware_faults() {
    return {
        stuck("cnn", "conv2d", 9, true, 3, 1),       stuck("cnn-sat", "conv2d", 4, false, 9, 4),
        stuck("cnn", "dense", 10, false, 8, 5),      stuck("cnn-sat", "dense", 3, true, 13, 2),
        stuck("lenet", "qfc_1", 0, true, 8, 3),      stuck("lenet-wrap", "qconv2d", 0, false, 5, 2),
        stuck("cnn-wrap", "dense_1", 2, true, 4, 0), result_stuck("cnn", "conv2d", 2, false),
        result_stuck("lenet", "qconv2d_1", 1, true), input_stuck("cnn", "dense", 4, false),
        input_stuck("cnn-sat", "conv2d", 7, true),   left_out("cnn", "dense", 0, 1),
        left_out("cnn-sat", "conv2d", 1, 0),         left_out("lenet", "qfc", 2, 0),
        left_out("lenet-wrap", "qconv2d_1", 0, 3),   not_cleared("cnn", "dense"),
        not_cleared("lenet-wrap", "qfc_1"),
    };
}

}  // namespace bittrue::mutation
