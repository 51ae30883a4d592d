// bittrue mac: one dot product, the accumulator after each step.
#include <fmt/format.h>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "command.hpp"
#include "console.hpp"
#include "engines.hpp"
#include "mac_case.hpp"
#include "mac_steps.hpp"
#include "paths.hpp"
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
    std::string file, side = "both";  // a case
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

std::string plain_text(const std::vector<MacStep>& steps) {
    std::string text;
    for (const MacStep& s : steps) text += (text.empty() ? "" : " ") + print_raw(s.accumulator_raw);
    return text;
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

// One side of a case: its steps, and whether they end where the file says.
bool run_side(const Options& o, const char* name, const MacSide& side, nlohmann::ordered_json& json) {
    const std::vector<MacStep> steps =
        side.fault ? steps_of(side) : mac(parse_engine(o.engine), side.operands, side.spec);
    const i128 raw = steps.back().accumulator_raw;
    const bool equal = raw == side.accumulator_raw;
    json[name] = {{"equal", equal}, {"accumulator_raw", json_raw(raw)}, {"steps", mac_json(steps)}};
    if (o.plain) {
        print(fmt::format("{}: {}\n", name, plain_text(steps)));
    } else if (o.json != "-") {
        print(fmt::format("{}:\n{}", name, mac_table(steps, side.spec.type.format, true)));
    }
    if (o.json == "-") return equal;
    std::string text = fmt::format("{} accumulator {} ({})", name, print_raw(raw), print_type(side.spec.type));
    if (!equal) text += fmt::format(", the file says {}", print_raw(side.accumulator_raw));
    if (side.result) {
        const int frac = side.spec.type.format.frac();
        const Converted word = quantize(parse_engine(o.engine), raw, frac, *side.result);
        text += fmt::format("; word {} of {}", print_raw(raw_from_word(word.word, side.result->format)),
                            print_type(*side.result));
    }
    print(text + "\n");
    return equal;
}

void run_case(const Options& o, int& status) {
    check_paths({{"--json", o.json}}, {{"--case", o.file}});
    const MacCase c = parse_case(read_file(o.file), o.file);
    if (!c.found && o.side == "found") throw InputError("--side", fmt::format("{} has no table [found]", o.file));
    nlohmann::ordered_json json{{"word", c.word}};
    bool equal = true;
    if (o.side != "found") equal = run_side(o, "expected", c.expected, json);
    if (c.found && o.side != "expected") equal = run_side(o, "found", *c.found, json) && equal;
    if (!o.json.empty()) write_json(o.json, json);
    status = equal ? kEqual : kDifferent;
}

// What a command line must have that names no file.
void require_operands(const Options& o) {
    const std::pair<const char*, const std::string*> needed[] = {{"--weight", &o.weight},
                                                                 {"--input", &o.input},
                                                                 {"--accumulator", &o.accumulator},
                                                                 {"--w", &o.w},
                                                                 {"--x", &o.x}};
    for (const auto& [name, value] : needed)
        if (value->empty()) throw CLI::RequiredError(name);
}

void run(const Options& o, int& status) {
    if (o.plain && !o.json.empty()) throw InputError("mac", "--plain and --json exclude each other; choose one");
    if (!o.file.empty()) return run_case(o, status);
    require_operands(o);
    const AccumulatorSpec spec = spec_of(o);
    const std::vector<MacStep> steps = mac(parse_engine(o.engine), operands_of(o), spec);
    if (o.plain) return print(plain_text(steps) + "\n");
    if (o.json != "-") print(mac_table(steps, spec.type.format));
    if (!o.json.empty()) write_json(o.json, mac_json(steps));
}

}  // namespace

void add_mac(CLI::App& app, int& status) {
    auto* command = app.add_subcommand("mac", "One dot product: the accumulator after each step, with what happened");
    const auto o = std::make_shared<Options>();
    command->add_option("--weight", o->weight, "type of the weights");
    command->add_option("--input", o->input, "type of the inputs");
    command->add_option("--accumulator", o->accumulator, "type of the accumulator, with rounding and overflow");
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
    command->add_option("--w", o->w, "raw weights R,R,...");
    command->add_option("--x", o->x, "raw inputs R,R,...");
    command->add_flag("--plain", o->plain,
                      "print only the accumulator raws, on one line, the start included; with --quantize end the terms "
                      "are exact sums");
    auto* const file = command->add_option(
        "--case", o->file, "a .case file of `bittrue diff --reproducer` in place of all of these: run and checked");
    for (const char* const name : {"--weight", "--input", "--accumulator", "--product", "--bias", "--order",
                                   "--quantize", "--bias-position", "--bias-cast", "--w", "--x"})
        command->get_option(name)->excludes(file);
    command->add_option("--side", o->side, "of a case: expected, found or both")
        ->check(CLI::IsMember({"expected", "found", "both"}))
        ->needs(file)
        ->capture_default_str();
    add_engine_option(*command, o->engine);
    command->add_option("--json", o->json, "write the steps as JSON to this file ('-': stdout)");
    command->footer(
        "Example:\n  bittrue mac --weight \"ap_fixed<8,2>\" --input \"ap_ufixed<8,0>\" --accumulator "
        "\"ap_fixed<10,4,AP_RND,AP_SAT>\" \\\n"
        "    --bias \"ap_fixed<8,3>:25\" --w 118,-21,120 --x 54,157,92\n  bittrue mac --case "
        "examples/mnist-cnn/dot_product.case\n\n"
        "Exit status of --case: 0 the accumulators are those of the file, 1 they are not, 2 unusable.");
    command->callback([o, &status] { run(*o, status); });
}

}  // namespace bittrue::cli
