#include "reference/kernel.hpp"

#include <fmt/format.h>

namespace bittrue::explore::reference {

namespace {

double number(const Parameter& p, std::size_t i) {
    const Format f = p.type.format;
    if (p.is_raw()) return value_of(raw_from_word(p.raw[i], f), f.frac());
    const double x = p.real[i];
    switch (p.quantizer) {
        case WeightQuantizer::Cast: return x;
        case WeightQuantizer::Sign: return value_of((x > 0 ? 1 : 0) - (x < 0 ? 1 : 0), f.frac());
        case WeightQuantizer::Bipolar: return value_of(x < 0 ? -1 : 1, f.frac());
    }
    return x;
}

}  // namespace

InputError LayerView::error(const std::string& message) const {
    return {fmt::format("layer '{}'", *name), message};
}

std::vector<double> numbers(const Parameter& parameter, const LayerView& layer, std::int64_t count) {
    const std::size_t have = parameter.is_raw() ? parameter.raw.size() : parameter.real.size();
    if (static_cast<std::int64_t>(have) != count)
        throw layer.error(
            fmt::format("its parameter has {} numbers where its shapes need {}; import the model again "
                        "or correct the file's dimensions",
                        have, count));
    std::vector<double> all(have);
    for (std::size_t i = 0; i < have; ++i) all[i] = number(parameter, i);
    return all;
}

std::vector<double> per_channel(std::vector<double> numbers, const LayerView& layer) {
    const auto channels = static_cast<std::size_t>(layer.in().channels());
    if (numbers.size() == 1) return std::vector<double>(channels, numbers.front());
    if (numbers.size() == channels) return numbers;
    throw layer.error(fmt::format("it has {} numbers for the {} channels of its input; give one or one for each",
                                  numbers.size(), channels));
}

KernelPtr make_kernel(const LayerView& layer) {
    return std::visit([&](const auto& op) { return make(op, layer); }, *layer.op);
}

}  // namespace bittrue::explore::reference
