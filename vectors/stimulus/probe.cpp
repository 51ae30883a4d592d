#include "probe.hpp"

#include "bittrue/model/error.hpp"

namespace bittrue::corner {

const Tensor* ProbeSetup::parameter(const std::string& role) const {
    for (const ParameterWords& p : parameters) {
        if (p.role == role) return &p.tensor;
    }
    return nullptr;
}

ProbePtr make_probe(const ProbeSetup& setup) {
    return std::visit([&setup](const auto& op) { return probe_of(setup, op); }, setup.node.op);
}

void require_exact(const ProbeSetup& setup, int bits) {
    if (bits <= kExactBits) return;
    throw InputError("layer '" + setup.node.name + "'",
                     "an exact sum needs " + std::to_string(bits) + " bits, coverage looks at no more than " +
                         std::to_string(kExactBits) +
                         "; narrow the formats or bring their fraction bits closer together");
}

int bits_at(Format f, int frac) {
    return f.width + (f.is_signed ? 0 : 1) + frac - f.frac();
}

int ceil_log2(std::int64_t n) {
    int k = 0;
    while ((std::int64_t{1} << k) < n) ++k;
    return k;
}

}  // namespace bittrue::corner
