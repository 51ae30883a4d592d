#include <bit>

#include <fmt/format.h>

#include "bittrue/model/tables.hpp"
#include "import/network_parser.hpp"

namespace bittrue::detail {

namespace {

constexpr int kUsualSize = 1024;

// hls4ml's table types.
FixedType usual_type(const NetworkContext& context, Rounding rounding, Overflow overflow) {
    return {.format = {.width = 18, .integer = 8, .is_signed = true},
            .rounding = rounding,
            .overflow = overflow,
            .saturated_bits = 0,
            .dialect = context.dialect};
}

int size_of(TomlSection& section, const std::string& key, int most) {
    return static_cast<int>(section.integer(key, 2, kMaxTableSize).value_or(std::min(kUsualSize, most)));
}

// Entries from the user: `key` holds an array.
std::optional<Table> own_table(TomlSection& section, const NetworkContext& context, const std::string& key,
                               const FixedType& type) {
    const toml::node* value = section.node(key);
    if (value == nullptr) return std::nullopt;
    Table table;
    table.origin = "user";
    if (value->is_string())
        table.origin = value->as_string()->get();
    else if (value->is_table() && value->as_table()->contains("file"))
        table.origin = (*value->as_table())["file"].value_or(std::string("user"));
    if (table.origin == "sigmoid" || table.origin == "tanh") table.origin += " (user)";
    table.entries = read_parameter(section, context, {.key = key, .type = type, .infinity_allowed = true});
    return table;
}

int most_entries(Format index) {
    return 1 << std::min(index.width, 20);
}

// x_max - x never is negative, so a signed input needs one bit less (hls4ml's inp_norm_t).
FixedType usual_difference(const FixedType& in, Dialect dialect) {
    const int sign = in.format.is_signed && in.format.width > 1 ? 1 : 0;
    return {.format = {.width = in.format.width - sign, .integer = in.format.integer - sign, .is_signed = false},
            .rounding = Rounding::Trn,
            .overflow = Overflow::Wrap,
            .saturated_bits = 0,
            .dialect = dialect};
}

}  // namespace

Lookup read_lookup(TomlSection& section, const std::string& op, const NetworkContext& context) {
    Lookup lookup;
    const std::optional<FixedType> own = section.type("table_type", context.dialect);
    const FixedType type =
        own ? *own : context.defaults.table_type.value_or(usual_type(context, Rounding::Trn, Overflow::Wrap));
    if (op == "sigmoid" || op == "tanh") {
        lookup.span = op == "sigmoid" ? 16 : 8;
        const int size = size_of(section, "table_size", kUsualSize);
        lookup.table = op == "sigmoid" ? sigmoid_table(size, type, lookup.span) : tanh_table(size, type, lookup.span);
        return lookup;
    }
    std::optional<Table> table = own_table(section, context, "table", type);
    if (!table) section.missing("table", "give the entries, for example { file = \"rom.npy\", raw = true }");
    lookup.table = std::move(*table);
    lookup.index = section.word("index", {"scaled", "bits"}).value_or(0) == 0 ? TableIndex::Scaled : TableIndex::Bits;
    lookup.span = static_cast<int>(section.integer("span", 1, 1 << 20).value_or(16));
    return lookup;
}

Softmax read_softmax(TomlSection& section, const NetworkContext& context, const FixedType& in) {
    constexpr SoftmaxKind kinds[] = {SoftmaxKind::Stable, SoftmaxKind::Latency, SoftmaxKind::Legacy,
                                     SoftmaxKind::Argmax};
    Softmax op;
    op.kind = kinds[section.word("kind", {"stable", "latency", "legacy", "argmax"}).value_or(0)];
    if (op.kind == SoftmaxKind::Argmax) return op;
    const FixedType usual = context.defaults.table_type.value_or(usual_type(context, Rounding::Rnd, Overflow::Sat));
    const auto type = [&](const char* key, const FixedType& otherwise) {
        return section.type(key, context.dialect).value_or(otherwise);
    };
    const FixedType exp_type = type("exp_table_type", usual);
    const FixedType inv_type = type("inv_table_type", usual);
    const bool legacy = op.kind == SoftmaxKind::Legacy;
    op.accumulator = type("accumulator", legacy ? exp_type : usual);
    if (!legacy) op.inv_input = type("inv_input", usual);
    if (op.kind == SoftmaxKind::Stable) op.difference = type("difference", usual_difference(in, context.dialect));
    const Format exp_index = op.kind == SoftmaxKind::Stable ? op.difference.format : in.format;

    if (auto own = own_table(section, context, "exp_table", exp_type)) {
        op.exp_table = std::move(*own);
    } else {
        const int size = size_of(section, "exp_table_size", legacy ? kUsualSize : most_entries(exp_index));
        op.exp_table = section.at("exp_table_size", [&] {
            if (legacy) return legacy_exp_table(size, exp_type);
            return op.kind == SoftmaxKind::Stable ? stable_exp_table(size, exp_type, exp_index)
                                                  : latency_exp_table(size, exp_type, exp_index);
        });
    }
    if (auto own = own_table(section, context, "inv_table", inv_type)) {
        op.inv_table = std::move(*own);
    } else {
        const int size = size_of(section, "inv_table_size", legacy ? kUsualSize : most_entries(op.inv_input.format));
        op.inv_table = section.at("inv_table_size", [&] {
            return legacy ? legacy_inverse_table(size, inv_type) : inverse_table(size, inv_type, op.inv_input.format);
        });
    }
    return op;
}

}  // namespace bittrue::detail
