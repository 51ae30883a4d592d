#include <filesystem>

#include <fmt/format.h>

#include "bittrue/model/notation.hpp"
#include "import/network_parser.hpp"

namespace bittrue::detail {

std::string NetworkContext::resolve(const std::string& file) const {
    namespace fs = std::filesystem;
    const fs::path p(file);
    std::error_code ignored;
    const fs::file_status status = fs::status(path, ignored);
    // A redirected file is a regular one, but not in the folder of its alias. Everything else below /dev is: /dev/shm.
    const bool is_alias = path == "/dev/stdin" || path.starts_with("/dev/fd/");
    const bool has_folder = !is_alias && (!fs::exists(status) || fs::is_regular_file(status));
    return p.is_absolute() || !has_folder ? file : (fs::path(path).parent_path() / p).string();
}

Arithmetic read_arithmetic(TomlSection& section, Dialect dialect, ArithmeticKeys keys) {
    Arithmetic a;
    a.result = section.type("result", dialect);
    if (keys == ArithmeticKeys::Result) return a;
    if (keys == ArithmeticKeys::All) a.table_type = section.type("table_type", dialect);
    a.weight_type = section.type("weight_type", dialect);
    a.bias_type = section.type("bias_type", dialect);
    a.accumulator = section.type("accumulator", dialect);
    a.product = section.text("product");
    if (a.product && *a.product != "exact" && *a.product != "accumulator") {
        static_cast<void>(section.at("product", [&] { return parse_type(*a.product, dialect); }));
    }
    a.schedule = section.text("schedule");
    if (a.schedule) {
        AccumulatorSpec ignored;
        section.at("schedule", [&] { parse_schedule(*a.schedule, ignored); });
    }
    a.terms = section.word("terms", {"input", "kernel"});
    a.quantize = section.word("quantize", {"step", "fold", "end"});
    a.bias_position = section.word("bias_position", {"first", "last"});
    const toml::node* cast = section.node("bias_cast");
    if (cast != nullptr && cast->is_boolean() && !cast->as_boolean()->get())
        a.no_bias_cast = true;
    else
        a.bias_cast = section.type("bias_cast", dialect);
    a.quantizer = section.word("quantizer", {"cast", "sign", "bipolar"});
    return a;
}

FixedType choose_type(const TomlSection& section, const char* key, const std::optional<FixedType>& own,
                      const std::optional<FixedType>& otherwise) {
    if (own) return *own;
    if (otherwise) return *otherwise;
    const std::string_view name = key;
    // [defaults] has no keys of their own for these.
    const bool slope = name == "alpha_type" || name == "scale_type" || name == "threshold_type";
    section.missing(key, fmt::format("write {} = \"ap_fixed<16,6>\" here{}", key,
                                     slope ? ", or weight_type in [defaults]" : " or in [defaults]"));
}

AccumulatorSpec choose_accumulator(const TomlSection& section, const Arithmetic& own, const NetworkContext& context) {
    const Arithmetic& defaults = context.defaults;
    AccumulatorSpec spec;
    spec.type = choose_type(section, "accumulator", own.accumulator, defaults.accumulator);
    const std::string product = own.product ? *own.product : defaults.product.value_or("exact");
    if (product == "accumulator")
        spec.product = spec.type;
    else if (product != "exact")
        spec.product = parse_type(product, context.dialect);
    parse_schedule(own.schedule ? *own.schedule : defaults.schedule.value_or("sequential"), spec);
    const auto choose = [](const std::optional<std::size_t>& mine, const std::optional<std::size_t>& otherwise,
                           std::size_t last) { return mine ? *mine : otherwise.value_or(last); };
    constexpr TermOrder orders[] = {TermOrder::Input, TermOrder::Kernel};
    constexpr QuantizeAt moments[] = {QuantizeAt::Step, QuantizeAt::Fold, QuantizeAt::End};
    constexpr BiasPosition positions[] = {BiasPosition::First, BiasPosition::Last};
    spec.terms = orders[choose(own.terms, defaults.terms, 0)];
    // A cascade has no steps of its own, so its usual moment is the fold.
    spec.quantize = moments[choose(own.quantize, defaults.quantize, spec.schedule == Schedule::Cascade ? 1 : 0)];
    spec.bias = positions[choose(own.bias_position, defaults.bias_position, 0)];
    if (own.bias_cast)
        spec.bias_cast = own.bias_cast;
    else if (!own.no_bias_cast)
        spec.bias_cast = defaults.bias_cast;
    if (const std::string reason = reason_invalid(spec); !reason.empty()) section.fail(reason);
    return spec;
}

}  // namespace bittrue::detail
