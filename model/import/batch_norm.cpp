#include <cmath>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/float_model.hpp"

namespace bittrue {

void fold_batch_norm(const std::string& where, const BatchNorm& norm, RealTensor& weights, RealTensor& bias) {
    const std::size_t channels = weights.dims.empty() ? 0 : static_cast<std::size_t>(weights.dims.back());
    const auto check = [&](const char* what, const std::vector<double>& v, bool may_be_empty) {
        if (v.size() == channels || (may_be_empty && v.empty())) return;
        throw InputError(
            where, fmt::format("the batch normalisation's {} has {} numbers, the layer in front has {} outputs", what,
                               v.size(), channels));
    };
    check("gamma", norm.gamma, true);
    check("beta", norm.beta, true);
    check("mean", norm.mean, false);
    check("variance", norm.variance, false);
    check("bias of the layer", bias.values, true);
    if (bias.values.empty()) bias = {.dims = {weights.dims.back()}, .values = std::vector<double>(channels, 0.0)};
    std::vector<double> factor(channels);
    for (std::size_t o = 0; o < channels; ++o) {
        const double spread = norm.variance[o] + norm.epsilon;
        if (!(spread > 0)) {
            throw InputError(
                where,
                fmt::format("the batch normalisation's variance + epsilon is {} at channel {}; it must be positive",
                            spread, o));
        }
        factor[o] = (norm.gamma.empty() ? 1.0 : norm.gamma[o]) / std::sqrt(spread);
        bias.values[o] = (bias.values[o] - norm.mean[o]) * factor[o] + (norm.beta.empty() ? 0.0 : norm.beta[o]);
    }
    for (std::size_t i = 0; i < weights.values.size(); ++i) weights.values[i] *= factor[i % channels];
}

}  // namespace bittrue
