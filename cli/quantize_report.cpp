#include "quantize_report.hpp"

#include <cmath>

#include <fmt/format.h>

#include "table.hpp"

namespace bittrue::cli {

namespace {

using explore::ConversionReport;
using explore::LayerConversion;

std::string decibels(double db) {
    if (std::isnan(db)) return "-";
    if (std::isinf(db)) return db > 0 ? "exact" : "no signal";
    return fmt::format("{:.1f}", db);
}

std::string share(double of_one) {
    return of_one == 0 ? "0" : of_one < 0.0001 ? "< 0.01 %" : fmt::format("{:.2f} %", 100 * of_one);
}

std::string percent(std::uint64_t good, std::size_t images) {
    return fmt::format("{:.2f} %", 100.0 * static_cast<double>(good) / static_cast<double>(images));
}

std::string or_dash(const std::string& text) {
    return text.empty() ? "-" : text;
}

std::string layer_table(const ConversionReport& report) {
    Table table({{"layer", Align::Left},
                 {"float range", Align::Left},
                 {"weights", Align::Left},
                 {"bias", Align::Left},
                 {"accumulator", Align::Left},
                 {"result", Align::Left},
                 {"sums saturated"},
                 {"saturated"},
                 {"SQNR dB"},
                 {"naive dB"},
                 {"only this"},
                 {"all but this"}});
    for (const LayerConversion& l : report.layers) {
        const auto accuracy = [&](const std::optional<std::uint64_t>& good) {
            return good ? percent(*good, report.images) : "-";
        };
        table.row({l.layer, fmt::format("{:.4g}..{:.4g}", l.float_low, l.float_high), or_dash(l.ours.weights.text),
                   or_dash(l.ours.bias.text), or_dash(l.ours.accumulator.text), or_dash(l.ours.result.text),
                   l.ours.accumulator.text.empty() ? "-" : share(l.ours.sums_out_of_range), share(l.ours.out_of_range),
                   decibels(l.ours.sqnr_db), decibels(l.naive.sqnr_db), accuracy(l.good_only_this),
                   accuracy(l.good_all_but_this)});
    }
    return table.text();
}

}  // namespace

std::string quantize_text(const ConversionReport& report) {
    const char* what = report.labelled ? "accuracy" : "same answer as in float";
    std::string text = layer_table(report);
    text +=
        fmt::format("\n{} on {} images of {}: float {}, quantized {}, naive {} ({})\n", what, report.images,
                    report.data, percent(report.float_good, report.images), percent(report.ours.good, report.images),
                    percent(report.naive.good, report.images), report.naive_rule);
    text += fmt::format("weights and biases: {} bits; accumulators and requantisers: {} LUT, {} FF\n",
                        report.ours.weight_bits, report.ours.area.lut, report.ours.area.ff);
    if (!report.goal.empty()) text += report.goal + "\n";
    text += fmt::format("datapath with its multipliers: {} LUT, {} DSP\n", report.ours.datapath.lut,
                        report.ours.datapath.dsp);
    if (const std::string why = explore::why_naive_fails(report); !why.empty()) text += "naive: " + why + "\n";
    for (const std::string& note : report.notes) text += "note: " + note + "\n";
    return text;
}

std::vector<std::string> steps_of(const explore::Conversion& done, const explore::ConvertOptions& options,
                                  const std::string& data, std::size_t images) {
    std::vector<std::string> steps{fmt::format("Calibrated on {} images of {}.", images, data)};
    if (!done.equalized.empty())
        steps.push_back(fmt::format("Channels between linear layers were scaled: {}.", done.equalized));
    if (options.calibration == explore::Calibration::Joint && options.fit)
        steps.emplace_back("The weights of a layer were rounded together, so that the errors of its sums cancel.");
    if (options.correct_bias) steps.emplace_back("Biases took over the mean error of their channel.");
    if (done.evaluations > 1)
        steps.push_back(
            fmt::format("{} networks were run by the bit-true emulator to place the binary points.", done.evaluations));
    steps.emplace_back(
        options.accumulator
            ? "Accumulators are as wide as asked: each term is rounded to their last bit, and they saturate."
            : "Accumulators are as wide as the bounds of their sums prove necessary.");
    return steps;
}

}  // namespace bittrue::cli
