#include "changes/stored_words.hpp"

#include <cmath>

namespace bittrue::diagnose_detail {

namespace {

i128 raw_of(double value, const FixedType& type, const Datapath& datapath) {
    if (value == 0) return 0;
    constexpr int kDigits = 53;
    int exponent = 0;
    const double mantissa = std::frexp(value, &exponent);
    const auto whole = static_cast<std::int64_t>(std::ldexp(mantissa, kDigits));
    return raw_from_word(datapath.quantize(whole, kDigits - exponent, type).word, type.format);
}

}  // namespace

std::vector<i128> stored_raws(const Parameter& p, const Datapath& datapath) {
    std::vector<i128> raws;
    for (const std::int64_t word : p.raw) raws.push_back(raw_from_word(word, p.type.format));
    for (const double x : p.real) {
        switch (p.quantizer) {
            case WeightQuantizer::Cast: raws.push_back(raw_of(x, p.type, datapath)); break;
            case WeightQuantizer::Sign: raws.push_back(x > 0 ? 1 : x < 0 ? -1 : 0); break;
            case WeightQuantizer::Bipolar: raws.push_back(x < 0 ? -1 : 1); break;
        }
    }
    return raws;
}

void make_raw(Parameter& p, const Datapath& datapath) {
    if (p.is_raw()) return;
    for (const i128 raw : stored_raws(p, datapath)) p.raw.push_back(word_from_raw(raw));
    p.real.clear();
    p.quantizer = WeightQuantizer::Cast;
}

void gather(Parameter& p, const std::vector<std::size_t>& from) {
    const auto move = [&](auto& all) {
        if (all.empty()) return;
        auto old = all;
        for (std::size_t i = 0; i < from.size(); ++i) all[i] = old[from[i]];
    };
    move(p.real);
    move(p.raw);
}

bool read_with_other_sign(Parameter& p, const Datapath& datapath) {
    make_raw(p, datapath);
    const Format before = p.type.format;
    p.type.format.is_signed = !before.is_signed;
    if (!reason_invalid(p.type).empty()) return false;
    for (std::int64_t& word : p.raw) word = word_from_pattern(pattern_from_word(word, before), p.type.format);
    return true;
}

}  // namespace bittrue::diagnose_detail
