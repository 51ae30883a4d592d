#include "bittrue/verify/diagnose.hpp"

namespace bittrue {

std::string cause_name(Cause cause) {
    switch (cause) {
        case Cause::ResultRounding: return "result rounding";
        case Cause::ResultOverflow: return "result overflow";
        case Cause::ResultFormat: return "result format";
        case Cause::AccumulatorRounding: return "accumulator rounding";
        case Cause::AccumulatorOverflow: return "accumulator overflow";
        case Cause::AccumulatorFormat: return "accumulator format";
        case Cause::ProductCast: return "product cast";
        case Cause::Schedule: return "schedule";
        case Cause::QuantizeAt: return "quantize at";
        case Cause::TermOrder: return "term order";
        case Cause::BiasPosition: return "bias position";
        case Cause::BiasMissing: return "bias missing";
        case Cause::BiasDoubled: return "bias doubled";
        case Cause::BiasAlignment: return "bias alignment";
        case Cause::BiasCast: return "bias cast";
        case Cause::BiasOrder: return "bias order";
        case Cause::WeightRounding: return "weight rounding";
        case Cause::WeightOverflow: return "weight overflow";
        case Cause::WeightFormat: return "weight format";
        case Cause::BiasRounding: return "bias rounding";
        case Cause::BiasOverflow: return "bias overflow";
        case Cause::BiasFormat: return "bias format";
        case Cause::WeightOrder: return "weight order";
        case Cause::InputOrder: return "input order";
        case Cause::OutputOrder: return "output order";
        case Cause::RequantizeShift: return "requantize shift";
        case Cause::RequantizeMultiplier: return "requantize multiplier";
        case Cause::RequantizeRule: return "requantize rule";
        case Cause::ZeroPoint: return "zero point";
        case Cause::ActivationMissing: return "activation missing";
        case Cause::ActivationOrder: return "activation order";
        case Cause::ActivationShape: return "activation shape";
        case Cause::Signedness: return "signedness";
        case Cause::PaddingValue: return "padding value";
        case Cause::Stride: return "stride";
        case Cause::Offset: return "offset";
        case Cause::Dilation: return "dilation";
        case Cause::PoolRule: return "pool rule";
        case Cause::StaleImage: return "stale image";
        case Cause::StaleState: return "stale state";
        case Cause::TermsLeftOut: return "terms left out";
        case Cause::ChannelWeights: return "channel weights";
        case Cause::ChannelBias: return "channel bias";
        case Cause::StuckBit: return "stuck bit";
        case Cause::TableContents: return "table contents";
        case Cause::TableIndex: return "table index";
        case Cause::TableSize: return "table size";
        case Cause::SoftmaxInner: return "softmax inner";
        case Cause::Dialect: return "dialect";
        case Cause::ScaleExponent: return "scale exponent";
        case Cause::ErrorMask: return "error mask";
        case Cause::BatchImages: return "batch images";
        case Cause::Randomizer: return "randomizer";
        case Cause::StochasticRounding: return "stochastic rounding";
        case Cause::LearningRate: return "learning rate";
        case Cause::WeightStore: return "weight store";
        case Cause::Noise: return "noise";
    }
    return {};
}

std::string verdict_name(Verdict verdict) {
    switch (verdict) {
        case Verdict::Equal: return "equal";
        case Verdict::Explained: return "explained";
        case Verdict::Partly: return "partly explained";
        case Verdict::Noise: return "noise";
        case Verdict::Undefined: return "undefined";
        case Verdict::Moved: return "moved";
        case Verdict::Unexplained: return "unexplained";
        case Verdict::Unknown: return "unknown";
    }
    return {};
}

const LayerDiagnosis* DiagnosisReport::first() const {
    for (const LayerDiagnosis& layer : layers) {
        if (layer.verdict != Verdict::Equal && layer.verdict != Verdict::Unknown) return &layer;
    }
    return nullptr;
}

}  // namespace bittrue
