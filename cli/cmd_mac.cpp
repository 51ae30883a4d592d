// bittrue mac: one dot product, the accumulator after each step.
#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "command.hpp"
#include "console.hpp"
#include "engines.hpp"
#include "mac_steps.hpp"
#include "types.hpp"

namespace bittrue::cli {

namespace {

struct Options {
    std::string weight, input, accumulator, bias, w, x, json, bias_cast;
    std::string product = "exact";
    std::string order = "sequential";
    std::string quantize;
    std::string bias_position = "first";
    std::string engine = "emulator";
    bool plain = false;
};

AccumulatorSpec spec_of(const Options& o) {
    AccumulatorSpec spec;
    spec.type = parse_option_type("--accumulator", o.accumulator);
    if (o.product == "accumulator") {
        spec.product = spec.type;
    } else if (o.product != "exact") {
        spec.product = parse_option_type("--product", o.product);
    }
    try {
        parse_schedule(o.order, spec);
    } catch (const InputError& e) {
        throw InputError("--order", e.what());
    }
    // Without --quantize: what the schedule's hardware does.
    spec.quantize = o.quantize == "end"                  ? QuantizeAt::End
                    : o.quantize == "fold"               ? QuantizeAt::Fold
                    : o.quantize == "step"               ? QuantizeAt::Step
                    : spec.schedule == Schedule::Cascade ? QuantizeAt::Fold
                                                         : QuantizeAt::Step;
    spec.bias = o.bias_position == "last" ? BiasPosition::Last : BiasPosition::First;
    if (!o.bias_cast.empty() && o.bias.empty())
        throw InputError("--bias-cast", "there is no bias to cast; give --bias");
    if (!o.bias_cast.empty()) spec.bias_cast = parse_option_type("--bias-cast", o.bias_cast);
    if (const std::string reason = reason_invalid(spec); !reason.empty()) throw InputError("--quantize", reason);
    return spec;
}

MacOperands operands_of(const Options& o) {
    MacOperands m;
    m.weight = parse_option_type("--weight", o.weight).format;
    m.input = parse_option_type("--input", o.input).format;
    m.weights = parse_words("--w", o.w, m.weight);
    m.inputs = parse_words("--x", o.x, m.input);
    if (m.weights.size() != m.inputs.size()) {
        throw InputError("--w and --x", fmt::format("{} weights and {} inputs; they must be equally many",
                                                    m.weights.size(), m.inputs.size()));
    }
    if (!o.bias.empty()) {
        const auto colon = o.bias.rfind(':');
        if (colon == std::string::npos)
            throw InputError("--bias", fmt::format("'{}' must be FMT:RAW, for example \"ap_fixed<8,3>:-77\"", o.bias));
        m.has_bias = true;
        m.bias = parse_option_type("--bias", o.bias.substr(0, colon)).format;
        m.bias_word = parse_words("--bias", o.bias.substr(colon + 1), m.bias).front();
    }
    return m;
}

void run(const Options& o) {
    if (o.plain && !o.json.empty()) throw InputError("mac", "--plain and --json exclude each other; choose one");
    const AccumulatorSpec spec = spec_of(o);
    const std::vector<MacStep> steps = mac(parse_engine(o.engine), operands_of(o), spec);
    if (o.plain) {
        std::string text;
        for (const MacStep& s : steps) text += (text.empty() ? "" : " ") + print_raw(s.accumulator_raw);
        return print(text + "\n");
    }
    if (o.json != "-") print(mac_table(steps, spec.type.format));
    if (!o.json.empty()) write_json(o.json, mac_json(steps));
}

}  // namespace

void add_mac(CLI::App& app, int&) {
    auto* command = app.add_subcommand("mac", "One dot product: the accumulator after each step, with what happened");
    const auto o = std::make_shared<Options>();
    command->add_option("--weight", o->weight, "type of the weights")->required();
    command->add_option("--input", o->input, "type of the inputs")->required();
    command->add_option("--accumulator", o->accumulator, "type of the accumulator, with rounding and overflow")
        ->required();
    command->add_option("--product", o->product, "exact, accumulator, or the type each product is cast to")
        ->capture_default_str();
    command->add_option("--bias", o->bias, "FMT:RAW");
    command
        ->add_option("--order,--schedule", o->order, "sequential, interleave:R, fold:S, cascade:C, partial:L or tree")
        ->capture_default_str();
    command->add_option("--quantize", o->quantize, "step, fold or end (default: step, for a cascade fold)")
        ->check(CLI::IsMember({"step", "fold", "end"}));
    command->add_option("--bias-position", o->bias_position, "first or last")
        ->check(CLI::IsMember({"first", "last"}))
        ->capture_default_str();
    command->add_option("--bias-cast", o->bias_cast, "type the bias is cast to before it is added");
    command->add_option("--w", o->w, "raw weights R,R,...")->required();
    command->add_option("--x", o->x, "raw inputs R,R,...")->required();
    command->add_flag("--plain", o->plain,
                      "print only the accumulator raws, on one line, the start included; with --quantize end the terms "
                      "are exact sums");
    add_engine_option(*command, o->engine);
    command->add_option("--json", o->json, "write the steps as JSON to this file ('-': stdout)");
    command->footer(
        "Example:\n  bittrue mac --weight \"ap_fixed<8,2>\" --input \"ap_ufixed<8,0>\" --accumulator "
        "\"ap_fixed<10,4,AP_RND,AP_SAT>\" \\\n"
        "    --bias \"ap_fixed<8,3>:25\" --w 118,-21,120 --x 54,157,92");
    command->callback([o] { run(*o); });
}

}  // namespace bittrue::cli
