#include "c_header.hpp"

#include <algorithm>
#include <charconv>

#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "codecs.hpp"
#include "memory_header.hpp"

namespace bittrue {
namespace {

// ---- out

std::string identifier(const std::string& name) {
    std::string result;
    for (const char c : name) {
        const bool keep = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        result += keep ? c : '_';
    }
    if (result.empty() || (result[0] >= '0' && result[0] <= '9') || result[0] == '_') result.insert(0, 1, 'n');
    return result;
}

std::string upper_case(std::string text) {
    for (char& c : text) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
}

int container_bits(int bits) {
    return bits <= 8 ? 8 : bits <= 16 ? 16 : bits <= 32 ? 32 : 64;
}

// The value of a word as a type of AMD's ap library, for those who include it.
void put_value_function(const WordSource& source, const std::string& name, TextOut& out) {
    const Format format = source.context().shape.format;
    const std::string type = std::string(format.is_signed ? "ap_fixed" : "ap_ufixed") + "<" +
                             std::to_string(format.width) + ", " + std::to_string(format.integer) + ">";
    out.put(
        "\n#if defined(__cplusplus) && defined(BITTRUE_AP_TYPES) /* with ap_fixed.h included in front */\nstatic "
        "inline " +
        type + " " + name + "_value(int i) {\n    " + type + " value;\n    value.range(" +
        std::to_string(format.width - 1) + ", 0) = " + name + "_words[i];\n    return value;\n}\n#endif\n");
}

// ---- in

// What a C type holds, if its name says so.
struct ElementType {
    std::optional<Format> integer{};
    std::optional<FixedType> fixed{};
    bool real = false;
};

ElementType element_type(const std::string& text) {
    ElementType type;
    for (const char* name : {"ap_fixed<", "ap_ufixed<", "ac_fixed<", "sc_fixed<", "sc_ufixed<"}) {
        const std::size_t at = text.find(name);
        if (at == std::string::npos) continue;
        type.real = true;
        try {
            type.fixed = parse_type(text.substr(at, text.find('>', at) - at + 1));
        } catch (const InputError&) {
            return type;  // with arguments that are names: the format stays unknown
        }
        return type;
    }
    for (const char* name : {"ap_int<", "ap_uint<"}) {
        const std::size_t at = text.find(name);
        if (at == std::string::npos) continue;
        int width = 0;
        const char* begin = text.data() + text.find('<', at) + 1;
        const auto [end, error] = std::from_chars(begin, text.data() + text.size(), width);
        if (error == std::errc{} && end != text.data() + text.size() && *end == '>' && width >= 1 && width <= 64) {
            type.integer = Format{.width = width, .integer = width, .is_signed = name[3] == 'i'};
        }
        return type;
    }
    const auto has = [&](std::string_view word) {
        for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
            const auto part = [&](std::size_t i) { return i < text.size() && text[i] != ' ' && text[i] != ':'; };
            if ((at == 0 || !part(at - 1)) && !part(at + word.size())) return true;
        }
        return false;
    };
    type.real = has("float") || has("double") || has("half");
    for (const int width : {8, 16, 32, 64}) {
        const std::string name = "int" + std::to_string(width) + "_t";
        for (const bool is_signed : {true, false}) {
            if (has(is_signed ? name : "u" + name)) {
                type.integer = Format{.width = width, .integer = width, .is_signed = is_signed};
                return type;
            }
        }
    }
    const int width = has("char") ? 8 : has("short") ? 16 : has("long") ? 64 : has("int") || has("unsigned") ? 32 : 0;
    if (width != 0) type.integer = Format{.width = width, .integer = width, .is_signed = !has("unsigned")};
    return type;
}

class Reader {
public:
    Reader(std::string_view text, const std::string& where) : in_{.text = text, .where = where}, text_(text) {
        array_ = parse_c_array(text, where);
        type_ = element_type(array_.type);
    }

    FileWords read() {
        bool fractions = false, hex = false, negative = false;
        for (const CNumber& number : array_.numbers) {
            hex = hex || number.hex;
            negative = negative || number.negative;
            fractions = fractions || (!number.hex && number.text.find_first_of(".eE") != std::string_view::npos);
        }
        FileWords words;
        if (type_.real || (fractions && !type_.integer)) {
            words = decimals();
        } else if (hex && !negative) {
            words = patterns();
        } else {
            words = integers();
        }
        const std::int64_t count = element_count(array_.dims);
        if (array_.dims.size() > 1 && count == static_cast<std::int64_t>(array_.numbers.size()))
            words.dims = array_.dims;
        if (words.packed) join(words);
        if (words.decimals.empty()) apply_header(words, text_);
        return words;
    }

private:
    [[noreturn]] void fail(const CNumber& number, const std::string& message) const {
        in_.fail(number.line, "'" + std::string(number.negative ? "-" : "") + std::string(number.hex ? "0x" : "") +
                                  std::string(number.text.substr(0, 40)) + "' " + message);
    }

    FileWords decimals() {
        FileWords words;
        for (const CNumber& number : array_.numbers) {
            auto value = parse_decimal(number.text);
            if (number.hex || !value) fail(number, "is not a decimal value of at most 18 digits");
            if (number.negative) value->digits = -value->digits;
            words.decimals.push_back(*value);
        }
        if (type_.fixed) {
            words.type = type_.fixed;
            words.format = type_.fixed->format;
        }
        return words;
    }

    FileWords patterns() {
        WordCollector collector(in_, array_.numbers.size());
        for (const CNumber& number : array_.numbers) {
            in_.line = number.line;
            if (number.hex) {
                collector.add_digits(number.text, 16);
            } else {
                collector.add_decimal(number.text);
            }
        }
        FileWords words = collector.finish();
        if (!type_.integer) return words;
        for (std::size_t i = 0; i < words.size(); ++i) {
            if (used_bits(words.packed->word(i)) > type_.integer->width) {
                fail(array_.numbers[i], "does not fit " + array_.type);
            }
        }
        if (!narrow(*words.packed, type_.integer->width)) throw std::logic_error("c_header: checked words do not fit");
        words.bits_known = true;
        return words;
    }

    FileWords integers() {
        FileWords words;
        if (type_.integer) words.container = *type_.integer;
        const Format range = words.container;
        for (const CNumber& number : array_.numbers) {
            std::uint64_t magnitude = 0;
            const char* end = number.text.data() + number.text.size();
            const auto [stop, error] = std::from_chars(number.text.data(), end, magnitude, number.hex ? 16 : 10);
            if (error != std::errc{} || stop != end) fail(number, "is not an integer of at most 64 bits");
            const i128 value = number.negative ? -i128{magnitude} : i128{magnitude};
            if (value < raw_min(range) || value > raw_max(range)) {
                fail(number, "does not fit " + (type_.integer ? array_.type : "64 bits with a sign"));
            }
            words.integers.push_back(word_from_raw(value));
        }
        return words;
    }

    // Our words beyond 64 bits lie in rows of 32 bits each.
    void join(FileWords& words) {
        const auto header = read_memory_header(text_);
        if (!header || words.packed->bits != 32) return;
        const int bits = plan_packing(header->packing, header->shape(), "packing").total_bits;
        const auto parts = static_cast<std::size_t>((bits + 31) / 32);
        if (bits <= 64 || words.size() % parts != 0) return;
        join_words(*words.packed, parts);
    }

    TextIn in_;
    std::string_view text_;
    CArray array_{};
    ElementType type_{};
};

}  // namespace

std::string c_header_reason(const WordFileContext&, const PackingPlan& plan) {
    return plan.images * plan.words == 0 ? "a C array cannot be without elements" : "";
}

void encode_c_header(const WordSource& source, TextOut& out) {
    const std::string name = identifier(source.context().name), macro = upper_case(name);
    const PackingPlan& plan = source.plan();
    const Format format = source.context().shape.format;
    for (const std::string& line : header_lines(source.context())) out.put("// " + line + "\n");
    out.put("#ifndef BITTRUE_" + macro + "_H\n#define BITTRUE_" + macro + "_H\n\n#include <stdint.h>\n\n#define " +
            macro + "_COUNT " + std::to_string(source.count()) + "\n#define " + macro + "_BITS " +
            std::to_string(plan.total_bits) + "\n\nstatic const ");
    const bool wide = plan.total_bits > 64, plain = source.unpacked();
    const std::size_t parts = wide ? static_cast<std::size_t>((plan.total_bits + 31) / 32) : 1;
    const int bits = wide ? 32 : container_bits(plan.total_bits);
    const bool is_signed = plain && format.is_signed;
    out.put((is_signed ? "int" : "uint") + std::to_string(bits) + "_t " + name + "_words[" +
            std::to_string(source.count()) + "]" + (wide ? "[" + std::to_string(parts) + "]" : "") + " = {\n");
    if (plain) {
        for (const std::int64_t word : source.words()) {
            out.put(is_signed && word == INT64_MIN ? "INT64_MIN"
                    : is_signed                    ? std::to_string(word)
                    : bits == 64                   ? std::to_string(static_cast<std::uint64_t>(word)) + "u"
                                                   : std::to_string(word));
            out.put(",\n");
        }
    } else {
        source.each([&](ConstLimbs word, std::int64_t) {
            if (wide) out.put('{');
            for (std::size_t part = 0; part < parts; ++part) {
                out.put(part == 0 ? "0x" : ", 0x");
                const std::uint64_t value = wide ? word[part / 2] >> (32 * (part % 2)) & 0xffffffffU : word[0];
                out.hex({&value, 1}, wide ? 8 : hex_digits(plan.total_bits));
                out.put('u');
            }
            out.put(wide ? "},\n" : ",\n");
        });
    }
    out.put("};\n");
    if (plain) put_value_function(source, name, out);
    out.put("\n#endif\n");
}

FileWords decode_c_header(std::string_view bytes, const std::string& where) {
    return Reader(bytes, where).read();
}

}  // namespace bittrue
