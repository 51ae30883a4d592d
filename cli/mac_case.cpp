#include "mac_case.hpp"

#include <set>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"

namespace bittrue::cli {

namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::int64_t kMostTerms = std::int64_t{1} << 24;
constexpr int kMostBit = 127;

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    }
    return out + '"';
}

std::string quoted(const FixedType& type) {
    return quoted(print_type(type));
}

// Raws as text, because a 64-bit unsigned one is no TOML integer.
std::string list(const std::vector<std::int64_t>& words, Format format) {
    std::vector<std::string> raws;
    for (const std::int64_t word : words) raws.push_back(print_raw(raw_from_word(word, format)));
    return fmt::format("\"{}\"", fmt::join(raws, ","));
}

std::string quantize_text(QuantizeAt at) {
    switch (at) {
        case QuantizeAt::Step: return "step";
        case QuantizeAt::Fold: return "fold";
        case QuantizeAt::End: return "end";
    }
    return {};
}

std::string at_text(emulator::AccumulationFault::At at) {
    switch (at) {
        case emulator::AccumulationFault::At::Product: return "product";
        case emulator::AccumulationFault::At::Weight: return "weight";
        case emulator::AccumulationFault::At::Input: return "input";
    }
    return {};
}

std::string side_text(const char* name, const MacSide& s) {
    const MacOperands& o = s.operands;
    std::string text =
        fmt::format("\n[{}]\nweight = {}\ninput = {}\nw = {}\nx = {}\n", name, quoted(FixedType{.format = o.weight}),
                    quoted(FixedType{.format = o.input}), list(o.weights, o.weight), list(o.inputs, o.input));
    if (o.has_bias)
        text += fmt::format("bias = {}\nb = {}\n", quoted(FixedType{.format = o.bias}), list({o.bias_word}, o.bias));
    text += fmt::format("accumulator = {}\nproduct = {}\norder = {}\nquantize = {}\n", quoted(s.spec.type),
                        s.spec.product ? quoted(*s.spec.product) : "\"exact\"", quoted(print_schedule(s.spec)),
                        quoted(quantize_text(s.spec.quantize)));
    text += fmt::format("bias_position = \"{}\"\n", s.spec.bias == BiasPosition::Last ? "last" : "first");
    if (s.spec.bias_cast) text += fmt::format("bias_cast = {}\n", quoted(*s.spec.bias_cast));
    if (s.fault) {
        text += fmt::format("skip_first = {}\nskip_last = {}\n", s.fault->skip_first, s.fault->skip_last);
        if (s.fault->stuck) {
            const auto& b = *s.fault->stuck;
            text += fmt::format("stuck = {{ at = \"{}\", bit = {}, value = {}, lanes = {}, lane = {} }}\n",
                                at_text(b.at), b.bit, b.value ? 1 : 0, b.lanes, b.lane);
        }
    }
    text += fmt::format("accumulator_raw = \"{}\"\n", print_raw(s.accumulator_raw));
    if (s.result) text += fmt::format("result = {}\n", quoted(*s.result));
    return text;
}

// A table of the file: every key that is not asked for is an error.
class Section {
public:
    Section(const toml::table& table, std::string where) : table_(table), where_(std::move(where)) {}

    std::optional<std::string> text(const std::string& key) {
        const toml::node* const node = find(key);
        if (node == nullptr) return std::nullopt;
        auto found = node->value_exact<std::string>();
        if (!found) fail(*node, key + " is a text in quotes");
        return found;
    }
    std::string needed(const std::string& key) {
        auto found = text(key);
        if (!found) fail(table_, fmt::format("'{}' is missing", key));
        return *found;
    }
    std::int64_t integer(const std::string& key, std::int64_t fallback, std::int64_t least, std::int64_t most) {
        const toml::node* const node = find(key);
        if (node == nullptr) return fallback;
        const auto found = node->value_exact<std::int64_t>();
        if (!found || *found < least || *found > most)
            fail(*node, fmt::format("{} is an integer from {} to {}", key, least, most));
        return *found;
    }
    const toml::table* table(const std::string& key) {
        const toml::node* const node = find(key);
        if (node == nullptr) return nullptr;
        if (node->as_table() == nullptr) fail(*node, key + " is a table");
        return node->as_table();
    }
    // What `read` makes of a text; its InputError gets the place.
    template <class Read>
    auto read(const std::string& key, const std::string& value, const Read& read) const {
        try {
            return read(value);
        } catch (const InputError& e) {
            const toml::node* const node = table_.get(key);
            fail(node != nullptr ? *node : table_, fmt::format("{}: {}", key, e.what()));
        }
    }
    void finish() const {
        for (const auto& [key, node] : table_) {
            if (!known_.contains(std::string(key.str())))
                fail(node, fmt::format("'{}' is not known; known are {}", key.str(), fmt::join(known_, ", ")));
        }
    }
    [[noreturn]] void fail(const toml::node& node, const std::string& message) const {
        throw InputError(fmt::format("{}:{}", where_, node.source().begin.line), message);
    }

private:
    const toml::node* find(const std::string& key) {
        known_.insert(key);
        return table_.get(key);
    }

    const toml::table& table_;
    std::string where_;
    std::set<std::string> known_{};
};

i128 parse_accumulator(const std::string& text) {
    constexpr std::size_t kMostDigits = 38;  // of 126 bits
    const std::string_view digits = std::string_view(text).substr(text.starts_with('-') ? 1 : 0);
    if (digits.empty() || digits.size() > kMostDigits || digits.find_first_not_of("0123456789") != digits.npos)
        throw InputError(fmt::format("'{}' is no integer of at most {} digits", text, kMostDigits));
    i128 raw = 0;
    for (const char c : digits) raw = raw * 10 + (c - '0');
    return text.starts_with('-') ? -raw : raw;
}

std::vector<std::int64_t> parse_list(const std::string& text, Format format) {
    std::vector<std::int64_t> words;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(',', at), text.size());
        words.push_back(parse_raw(text.substr(at, end - at), format));
        at = end + 1;
    }
    return words;
}

emulator::AccumulationFault::StuckBit parse_stuck(const toml::table& table, const std::string& where) {
    Section s(table, where);
    emulator::AccumulationFault::StuckBit stuck;
    const std::string at = s.text("at").value_or("product");
    stuck.at = at == "weight"  ? emulator::AccumulationFault::At::Weight
               : at == "input" ? emulator::AccumulationFault::At::Input
                               : emulator::AccumulationFault::At::Product;
    if (at_text(stuck.at) != at) s.fail(table, fmt::format("at is product, weight or input, not '{}'", at));
    stuck.bit = static_cast<int>(s.integer("bit", 0, 0, kMostBit));
    stuck.value = s.integer("value", 0, 0, 1) == 1;
    stuck.lanes = s.integer("lanes", 1, 1, kMostTerms);
    stuck.lane = s.integer("lane", 0, 0, kMostTerms);
    s.finish();
    return stuck;
}

MacSide parse_side(const toml::table& table, const std::string& where) {
    Section s(table, where);
    MacSide side;
    MacOperands& o = side.operands;
    const auto type = [&](const std::string& key, const std::string& value) {
        return s.read(key, value, [](const std::string& text) { return parse_type(text); });
    };
    const auto words = [&](const std::string& key, const std::string& value, Format format) {
        return s.read(key, value, [format](const std::string& text) { return parse_list(text, format); });
    };
    o.weight = type("weight", s.needed("weight")).format;
    o.input = type("input", s.needed("input")).format;
    o.weights = words("w", s.needed("w"), o.weight);
    o.inputs = words("x", s.needed("x"), o.input);
    if (const auto bias = s.text("bias")) {
        o.has_bias = true;
        o.bias = type("bias", *bias).format;
        o.bias_word = words("b", s.needed("b"), o.bias).front();
    }
    AccumulatorSpec& spec = side.spec;
    spec.type = type("accumulator", s.needed("accumulator"));
    if (const auto product = s.text("product"); product && *product != "exact")
        spec.product = type("product", *product);
    s.read("order", s.text("order").value_or("sequential"), [&](const std::string& text) {
        parse_schedule(text, spec);
        return true;
    });
    const std::string quantize = s.text("quantize").value_or("step");
    for (const QuantizeAt at : {QuantizeAt::Step, QuantizeAt::Fold, QuantizeAt::End})
        if (quantize_text(at) == quantize) spec.quantize = at;
    if (quantize_text(spec.quantize) != quantize)
        s.fail(table, fmt::format("quantize is step, fold or end, not '{}'", quantize));
    const std::string position = s.text("bias_position").value_or("first");
    if (position != "first" && position != "last")
        s.fail(table, fmt::format("bias_position is first or last, not '{}'", position));
    spec.bias = position == "last" ? BiasPosition::Last : BiasPosition::First;
    if (const auto cast = s.text("bias_cast")) spec.bias_cast = type("bias_cast", *cast);
    emulator::AccumulationFault fault;
    fault.skip_first = s.integer("skip_first", 0, 0, kMostTerms);
    fault.skip_last = s.integer("skip_last", 0, 0, kMostTerms);
    if (const toml::table* const stuck = s.table("stuck")) fault.stuck = parse_stuck(*stuck, where);
    if (fault.stuck || fault.skip_first > 0 || fault.skip_last > 0) side.fault = fault;
    side.accumulator_raw = s.read("accumulator_raw", s.needed("accumulator_raw"), parse_accumulator);
    if (const auto result = s.text("result")) side.result = type("result", *result);
    s.finish();
    try {
        (void)steps_of(side);
    } catch (const InputError& e) {
        s.fail(table, e.what());
    }
    return side;
}

}  // namespace

std::string case_text(const MacCase& c) {
    std::string text = fmt::format(
        "# One dot product: bittrue mac --case FILE runs it (docs/reading_a_mismatch.md).\n"
        "bittrue_case = {}\nword = {}\n",
        kVersion, quoted(c.word));
    text += side_text("expected", c.expected);
    if (c.found) text += side_text("found", *c.found);
    return text;
}

MacCase parse_case(const std::string& text, const std::string& where) {
    toml::table table;
    try {
        table = toml::parse(text, where);
    } catch (const toml::parse_error& e) {
        throw InputError(fmt::format("{}:{}", where, e.source().begin.line), std::string(e.description()));
    }
    Section s(table, where);
    if (table.get("bittrue_case") == nullptr) throw InputError(where, "is no case file: 'bittrue_case = 1' is missing");
    (void)s.integer("bittrue_case", kVersion, kVersion, kVersion);
    MacCase c{.word = s.text("word").value_or("")};
    const toml::table* const expected = s.table("expected");
    if (expected == nullptr) throw InputError(where, "has no table [expected]: the dot product that should be");
    c.expected = parse_side(*expected, where);
    if (const toml::table* const found = s.table("found")) c.found = parse_side(*found, where);
    s.finish();
    return c;
}

std::vector<MacStep> steps_of(const MacSide& side) {
    return side.fault ? emulator::faulty_steps(side.operands, side.spec, *side.fault)
                      : emulator::mac(side.operands, side.spec);
}

}  // namespace bittrue::cli
