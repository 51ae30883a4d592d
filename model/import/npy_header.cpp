#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/npy.hpp"

namespace bittrue {

namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMaxHeader = std::size_t{64} << 10;

// The header is a Python dictionary literal with three known keys; this reads exactly that grammar.
class HeaderText {
public:
    HeaderText(std::string_view text, const std::string& where) : text_(text), where_(where) {}

    [[noreturn]] void fail(const std::string& message) const {
        throw InputError(where_, "is not a readable .npy file: " + message);
    }

    void skip_space() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
    }
    bool accept(char c) {
        skip_space();
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    void expect(char c) {
        if (!accept(c)) fail(fmt::format("its header lacks '{}' at character {}", c, at_));
    }
    std::string string() {
        skip_space();
        const char quote = at_ < text_.size() ? text_[at_] : '\0';
        if (quote != '\'' && quote != '"') fail(fmt::format("its header lacks a string at character {}", at_));
        const std::size_t end = text_.find(quote, at_ + 1);
        if (end == std::string_view::npos) fail("its header holds an open string");
        std::string result(text_.substr(at_ + 1, end - at_ - 1));
        at_ = end + 1;
        return result;
    }
    bool boolean() {
        skip_space();
        for (const std::string_view word : {"True", "False"}) {
            if (text_.substr(at_, word.size()) == word) {
                at_ += word.size();
                return word == "True";
            }
        }
        fail("'fortran_order' is neither True nor False");
    }
    std::int64_t integer() {
        skip_space();
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
        if (error == std::errc::result_out_of_range) fail("an axis of its shape has 2^63 or more elements");
        if (error != std::errc{}) fail(fmt::format("its header lacks a number at character {}", at_));
        if (value < 0) fail(fmt::format("an axis of its shape has {} elements", value));
        at_ = static_cast<std::size_t>(end - text_.data());
        if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // Python 2 wrote long integers so
        return value;
    }
    Dims shape() {
        Dims dims;
        expect('(');
        while (!accept(')')) {
            dims.push_back(integer());
            if (dims.size() > 32) fail("its shape has more than 32 axes");
            if (!accept(',')) {
                expect(')');
                break;
            }
        }
        return dims;
    }
    [[nodiscard]] bool at_end() {
        skip_space();
        return at_ == text_.size();
    }
    [[nodiscard]] char peek() {
        skip_space();
        return at_ < text_.size() ? text_[at_] : '\0';
    }

private:
    std::string_view text_;
    const std::string& where_;
    std::size_t at_ = 0;
};

NpyType element_type(const HeaderText& text, const std::string& descr, bool& big_endian) {
    const char order = descr.empty() ? '\0' : descr[0];
    const std::string kind = descr.empty() ? "" : descr.substr(1);
    if (order != '<' && order != '>' && order != '|' && order != '=')
        text.fail(fmt::format("its element type '{}' is unknown", descr));
    big_endian = order == '>';
    struct Known {
        std::string_view kind;
        NpyType type;
    };
    constexpr Known known[] = {{"b1", NpyType::Bool},    {"i1", NpyType::Int8},    {"i2", NpyType::Int16},
                               {"i4", NpyType::Int32},   {"i8", NpyType::Int64},   {"u1", NpyType::UInt8},
                               {"u2", NpyType::UInt16},  {"u4", NpyType::UInt32},  {"u8", NpyType::UInt64},
                               {"f2", NpyType::Float16}, {"f4", NpyType::Float32}, {"f8", NpyType::Float64}};
    for (const Known& k : known) {
        if (k.kind == kind) return k.type;
    }
    const char letter = kind.empty() ? '\0' : kind[0];
    const char* what = letter == 'O'                                     ? "Python objects"
                       : letter == 'c'                                   ? "complex numbers"
                       : letter == 'S' || letter == 'U' || letter == 'a' ? "strings"
                       : letter == 'V'                                   ? "structures"
                       : letter == 'M' || letter == 'm'                  ? "times"
                       : letter == 'f'                                   ? "floats of an unsupported width"
                                                                         : "elements of an unknown type";
    text.fail(fmt::format(
        "it holds {} ('{}'); bool, int8 to int64, uint8 to uint64 and float16 to float64 are supported", what, descr));
}

std::int64_t checked_count(const HeaderText& text, const Dims& dims) {
    bool empty = false;
    for (const std::int64_t d : dims) empty = empty || d == 0;
    if (empty) return 0;
    std::int64_t count = 1;
    for (const std::int64_t d : dims) {
        if (d > kMaxArrayElements / count)
            text.fail(fmt::format("its shape {} has more than {} elements", print_dims(dims), kMaxArrayElements));
        count *= d;
    }
    return count;
}

}  // namespace

bool is_real(NpyType type) {
    return type == NpyType::Float16 || type == NpyType::Float32 || type == NpyType::Float64;
}

std::string print_npy_type(NpyType type) {
    switch (type) {
        case NpyType::Bool: return "bool";
        case NpyType::Int8: return "int8";
        case NpyType::Int16: return "int16";
        case NpyType::Int32: return "int32";
        case NpyType::Int64: return "int64";
        case NpyType::UInt8: return "uint8";
        case NpyType::UInt16: return "uint16";
        case NpyType::UInt32: return "uint32";
        case NpyType::UInt64: return "uint64";
        case NpyType::Float16: return "float16";
        case NpyType::Float32: return "float32";
        case NpyType::Float64: return "float64";
    }
    return "";
}

std::size_t npy_type_bytes(NpyType type) {
    switch (type) {
        case NpyType::Bool:
        case NpyType::Int8:
        case NpyType::UInt8: return 1;
        case NpyType::Int16:
        case NpyType::UInt16:
        case NpyType::Float16: return 2;
        case NpyType::Int32:
        case NpyType::UInt32:
        case NpyType::Float32: return 4;
        case NpyType::Int64:
        case NpyType::UInt64:
        case NpyType::Float64: return 8;
    }
    return 0;
}

std::uint64_t NpyHeader::data_bytes() const {
    return static_cast<std::uint64_t>(elements) * npy_type_bytes(type);
}

NpyHeader parse_npy_header(std::string_view bytes, const std::string& where) {
    if (bytes.substr(0, kMagic.size()) != kMagic)
        throw InputError(where, "is not a .npy file (its first bytes are not \\x93NUMPY)");
    const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])); };
    const auto truncated = [&] { return InputError(where, "is truncated inside its .npy header"); };
    if (bytes.size() < 10) throw truncated();
    const std::size_t version = byte(6);
    if (version < 1 || version > 3 || byte(7) != 0)
        throw InputError(where,
                         fmt::format(".npy version {}.{} is unknown; 1.0 to 3.0 are supported", version, byte(7)));
    const std::size_t start = version == 1 ? 10 : 12;
    if (bytes.size() < start) throw truncated();
    std::size_t length = byte(8) | byte(9) << 8U;
    if (version > 1) length |= byte(10) << 16U | byte(11) << 24U;
    if (length > kMaxHeader)
        throw InputError(where,
                         fmt::format("its .npy header claims {} bytes; at most {} are sensible", length, kMaxHeader));
    if (bytes.size() < start + length) throw truncated();

    HeaderText text(bytes.substr(start, length), where);
    NpyHeader header;
    header.header_bytes = start + length;
    std::optional<std::string> descr;
    std::optional<bool> fortran;
    std::optional<Dims> dims;
    text.expect('{');
    while (!text.accept('}')) {
        const std::string key = text.string();
        text.expect(':');
        if (key == "descr" && text.peek() == '[')
            text.fail("it holds structures; save each field as an array of its own");
        if (key == "descr")
            descr = text.string();
        else if (key == "fortran_order")
            fortran = text.boolean();
        else if (key == "shape")
            dims = text.shape();
        else
            text.fail(fmt::format("its header has the unknown key '{}'", key));
        if (!text.accept(',')) {
            text.expect('}');
            break;
        }
    }
    if (!text.at_end()) text.fail("its header has text behind the closing '}'");
    if (!descr || !fortran || !dims) text.fail("its header lacks 'descr', 'fortran_order' or 'shape'");
    header.type = element_type(text, *descr, header.big_endian);
    header.fortran_order = *fortran;
    header.dims = *dims;
    header.elements = checked_count(text, header.dims);
    return header;
}

}  // namespace bittrue
