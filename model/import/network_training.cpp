#include "import/network_training.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "bittrue/model/notation.hpp"
#include "import/network_text.hpp"

namespace bittrue {

namespace {

constexpr int kMaxWeightBits = 8, kMaxTensorBits = 16;
constexpr const char* kBitsExample = "write weights/activations/gradients/errors/randomizer, for example 1/2/8/8/8";

void check_bits(const std::string& what, std::int64_t bits, int least, int most) {
    if (bits < least || bits > most)
        throw InputError(fmt::format("{} have {} bits; training knows {} to {}", what, bits, least, most));
}

}  // namespace

TrainingBits parse_training_bits(const std::string& text) {
    TrainingBits bits;
    int* const fields[] = {&bits.weights, &bits.activations, &bits.gradients, &bits.errors, &bits.randomizer};
    const char* at = text.data();
    const char* const end = at + text.size();
    for (int* field : fields) {
        const auto [next, error] = std::from_chars(at, end, *field);
        const bool last = field == fields[4];
        if (error != std::errc{} || (last ? next != end : next == end || *next != '/'))
            throw InputError(fmt::format("'{}' is no list of five numbers; {}", text, kBitsExample));
        at = next + (last ? 0 : 1);
    }
    check_bits("weights", bits.weights, 1, kMaxWeightBits);
    check_bits("activations", bits.activations, 1, kMaxWeightBits);
    check_bits("gradients", bits.gradients, 2, kMaxTensorBits);
    check_bits("errors", bits.errors, 2, kMaxTensorBits);
    check_bits("draws of the randomizer", bits.randomizer, 1, kMaxTensorBits);
    return bits;
}

std::string print_training_bits(const TrainingBits& b) {
    return fmt::format("{}/{}/{}/{}/{}", b.weights, b.activations, b.gradients, b.errors, b.randomizer);
}

std::string print_zero_scale(ZeroScale rule) {
    switch (rule) {
        case ZeroScale::Hold: return "hold";
        case ZeroScale::Nan: return "nan";
    }
    return "";
}

std::string print_weight_store(WeightStore store) {
    switch (store) {
        case WeightStore::Saturate: return "saturate";
        case WeightStore::Wrap: return "wrap";
        case WeightStore::Unbounded: return "unbounded";
    }
    return "";
}

namespace detail {

namespace {

std::optional<TrainingAccumulator> read_accumulator(TomlSection& section, const std::string& key) {
    std::optional<TomlSection> table = section.table(key);
    if (!table) return std::nullopt;
    TrainingAccumulator accumulator;
    const auto width = table->integer("width", 0, 63);
    if (!width) table->missing("width", "its bits, for example { width = 24, overflow = \"wrap\" }; 0: wide enough");
    if (*width == 1) table->fail("width", "must be 0 (wide enough) or 2 to 63 bits");
    accumulator.width = static_cast<int>(*width);
    accumulator.saturate = table->word("overflow", {"wrap", "saturate"}).value_or(0) == 1;
    table->finish();
    return accumulator;
}

Randomizer read_randomizer(TomlSection section, int bits) {
    Randomizer r;
    const auto width = section.integer("width", bits, 64);
    r.width = static_cast<int>(width.value_or(r.width));
    const std::optional<std::string> taps = section.text("taps");
    if (!taps && width && *width != Randomizer{}.width)
        section.missing("taps", "a mask as a text, for example taps = \"0xb8\" for 8 bits");
    if (taps) {
        const bool hex = taps->starts_with("0x") || taps->starts_with("0X");
        const char* begin = taps->data() + (hex ? 2 : 0);
        const char* end = taps->data() + taps->size();
        const auto [next, error] = std::from_chars(begin, end, r.taps, hex ? 16 : 10);
        if (error != std::errc{} || next != end)
            section.fail("taps", fmt::format("'{}' is no mask; write a number as a text, for example \"0xb8\"", *taps));
    }
    const bool fits = r.width == 64 || r.taps >> static_cast<unsigned>(r.width) == 0;
    if (!fits || (r.taps >> static_cast<unsigned>(r.width - 1)) == 0)
        section.fail("taps", fmt::format("{:#x} must have bit {} as its highest (rule H13)", r.taps, r.width - 1));
    section.finish();
    return r;
}

TrainingBits read_bits(TomlSection section) {
    TrainingBits b;
    const auto bits = [&](const char* key, int least, int most, int& field) {
        field = static_cast<int>(section.integer(key, least, most).value_or(field));
    };
    bits("weights", 1, kMaxWeightBits, b.weights);
    bits("activations", 1, kMaxWeightBits, b.activations);
    bits("gradients", 2, kMaxTensorBits, b.gradients);
    bits("errors", 2, kMaxTensorBits, b.errors);
    bits("randomizer", 1, kMaxTensorBits, b.randomizer);
    section.finish();
    return b;
}

std::string accumulator_text(const TrainingAccumulator& a) {
    return fmt::format("{{ width = {}, overflow = \"{}\" }}", a.width, a.saturate ? "saturate" : "wrap");
}

}  // namespace

TrainingSettings read_training(TomlSection section, Dialect dialect) {
    TrainingSettings s;
    if (auto bits = section.table("bits")) s.bits = read_bits(std::move(*bits));
    if (const auto rate = section.type("learning_rate", dialect)) {
        const Format& f = rate->format;
        if (f.is_signed || f.width > 16 || f.frac() < 0 || f.frac() > 15)
            section.fail(
                "learning_rate",
                "must be an unsigned type of at most 16 bits, 0 to 15 of them behind the point: \"ap_ufixed<8,1>\"");
        s.rate_width = f.width;
        s.rate_frac = f.frac();
    }
    if (auto randomizer = section.table("randomizer")) {
        s.randomizer = read_randomizer(std::move(*randomizer), s.bits.randomizer);
    }
    s.zero_scale = section.word("zero_scale", {"hold", "nan"}).value_or(0) == 1 ? ZeroScale::Nan : ZeroScale::Hold;
    constexpr WeightStore kStores[] = {WeightStore::Saturate, WeightStore::Wrap, WeightStore::Unbounded};
    s.store = kStores[section.word("store", {"saturate", "wrap", "unbounded"}).value_or(0)];
    s.error = read_accumulator(section, "error_accumulator").value_or(s.error);
    s.gradient = read_accumulator(section, "gradient_accumulator").value_or(s.gradient);
    if (const toml::node* layers = section.node("layer")) {
        if (!layers->is_array_of_tables()) section.fail("layer", "must be sections [[training.layer]]");
        for (const toml::node& node : *layers->as_array()) {
            TomlSection own(*node.as_table(), section.path(), "training of a layer");
            const std::optional<std::string> name = own.text("name");
            if (!name) own.missing("name", "the name of a dense or conv2d layer");
            if (std::any_of(s.layers.begin(), s.layers.end(), [&](const auto& l) { return l.name == *name; }))
                own.fail("name", fmt::format("'{}' has such a section already", *name));
            auto error = read_accumulator(own, "error_accumulator");
            auto gradient = read_accumulator(own, "gradient_accumulator");
            s.layers.push_back({.name = *name, .error = error, .gradient = gradient});
            own.finish();
        }
    }
    section.finish();
    return s;
}

std::string training_text(const TrainingSettings& s) {
    const TrainingBits& b = s.bits;
    std::string text = "\n[training]\n";
    text += key_line("bits",
                     fmt::format("{{ weights = {}, activations = {}, gradients = {}, errors = {}, randomizer = {} }}",
                                 b.weights, b.activations, b.gradients, b.errors, b.randomizer));
    const FixedType rate{.format = {.width = s.rate_width, .integer = s.rate_width - s.rate_frac, .is_signed = false}};
    text += key_line("learning_rate", quoted(print_type(rate)));
    text += key_line("randomizer",
                     fmt::format("{{ width = {}, taps = \"{:#x}\" }}", s.randomizer.width, s.randomizer.taps));
    text += key_line("store", quoted(print_weight_store(s.store)));
    text += key_line("zero_scale", quoted(print_zero_scale(s.zero_scale)));
    text += key_line("error_accumulator", accumulator_text(s.error));
    text += key_line("gradient_accumulator", accumulator_text(s.gradient));
    for (const TrainingSettings::Layer& l : s.layers) {
        text += "\n[[training.layer]]\n" + key_line("name", quoted(l.name));
        if (l.error) text += key_line("error_accumulator", accumulator_text(*l.error));
        if (l.gradient) text += key_line("gradient_accumulator", accumulator_text(*l.gradient));
    }
    return text;
}

}  // namespace detail
}  // namespace bittrue
