// Intel .mif, and the files of plain binary lines that Xilinx calls by the same name.
#include <array>
#include <charconv>
#include <optional>

#include "codecs.hpp"
#include "memory_header.hpp"

namespace bittrue {
namespace {

enum class Radix : std::uint8_t { Bin, Oct, Hex, Uns, Dec };

class Parser {
public:
    Parser(std::string_view text, const std::string& where) : in_{.text = text, .where = where} {}

    FileWords parse() {
        while (header()) {
        }
        const std::size_t limbs = words_.limbs_per_word();
        // DEPTH alone must not take memory beyond all proportion to the file.
        if (depth_ > std::max(std::size_t{1} << 23, 16 * in_.text.size()) / limbs) {
            in_.fail("DEPTH is " + std::to_string(depth_) + ", far more words than the file lists");
        }
        words_.limbs.resize(depth_ * limbs);
        given_.resize(depth_);
        while (entry()) {
        }
        FileWords result;
        std::size_t missing = 0;
        for (const bool given : given_) missing += given ? 0U : 1U;
        if (missing > 0) {
            result.notes.push_back(in_.where + ": " + std::to_string(missing) + " of " + std::to_string(depth_) +
                                   " addresses are not given and are taken as 0");
        }
        result.packed = std::move(words_);
        result.bits_known = true;
        return result;
    }

private:
    void skip() {
        for (;;) {
            in_.skip_spaces();
            if (in_.at("--")) {
                in_.skip_line();
            } else if (in_.peek() == '%') {
                const std::size_t line = in_.line;
                ++in_.position;
                if (!in_.skip_past("%")) in_.fail(line, "the comment that begins here with % is never closed");
            } else {
                return;
            }
        }
    }

    // Letters, digits, '_', '+' and '-' together, or one other character.
    std::string_view token() {
        skip();
        const std::size_t begin = in_.position;
        const auto is_part = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
                   c == '+';
        };
        while (!in_.at_end() && is_part(in_.peek()) && !(in_.at("--"))) ++in_.position;
        if (in_.position == begin && !in_.at_end()) ++in_.position;
        return in_.text.substr(begin, in_.position - begin);
    }
    void expect(std::string_view what) {
        const std::string_view found = token();
        if (lower_case(found) != what) {
            in_.fail("expected '" + std::string(what) + "', found " + (found.empty() ? "the end" : printable(found)));
        }
    }

    // KEY = VALUE; false behind CONTENT BEGIN.
    bool header() {
        const std::string key = lower_case(token());
        if (key == "content") {
            if (!has_depth_ || !has_width_) in_.fail("DEPTH and WIDTH must be given in front of CONTENT");
            expect("begin");
            return false;
        }
        expect("=");
        const std::string value = lower_case(token());
        expect(";");
        if (key == "depth") {
            depth_ = size(value, "DEPTH", std::size_t{1} << 40);
            has_depth_ = true;
        } else if (key == "width") {
            words_.bits = static_cast<int>(size(value, "WIDTH", kMaxPackedBits));
            has_width_ = true;
        } else if (key == "address_radix") {
            address_radix_ = radix(value);
        } else if (key == "data_radix") {
            data_radix_ = radix(value);
        } else {
            in_.fail(printable(key) + " is not DEPTH, WIDTH, ADDRESS_RADIX, DATA_RADIX or CONTENT");
        }
        return true;
    }

    [[nodiscard]] std::size_t size(const std::string& text, const char* key, std::size_t most) const {
        std::size_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{} || end != text.data() + text.size() || value > most || (value == 0 && key[0] == 'W')) {
            in_.fail(std::string(key) + " is " + printable(text) + ", which is no number from 1 to " +
                     std::to_string(most));
        }
        return value;
    }
    [[nodiscard]] Radix radix(const std::string& text) const {
        if (text == "bin") return Radix::Bin;
        if (text == "oct") return Radix::Oct;
        if (text == "hex") return Radix::Hex;
        if (text == "uns") return Radix::Uns;
        if (text == "dec") return Radix::Dec;
        in_.fail("the radix is " + printable(text) + "; a .mif has BIN, OCT, HEX, UNS or DEC");
    }
    [[nodiscard]] static int base(Radix radix) {
        switch (radix) {
            case Radix::Bin: return 2;
            case Radix::Oct: return 8;
            case Radix::Hex: return 16;
            case Radix::Uns:
            case Radix::Dec: return 10;
        }
        return 10;
    }

    std::size_t address() {
        const std::string_view text = token();
        std::size_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base(address_radix_));
        if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
            in_.fail(printable(text) + " is not a " + radix_name(base(address_radix_)) + " address");
        }
        if (value >= depth_)
            in_.fail("the address " + printable(text) + " is not below DEPTH, " + std::to_string(depth_));
        return value;
    }

    // Address or range, ':', words, ';'. False behind END;
    bool entry() {
        skip();
        if (lower_case(in_.text.substr(in_.position, 3)) == "end") {
            expect("end");
            expect(";");
            skip();
            if (!in_.at_end()) in_.fail("there is more behind END;");
            return false;
        }
        std::size_t first = 0, last = 0;
        const bool range = in_.peek() == '[';
        if (range) {
            expect("[");
            first = address();
            expect(".");
            expect(".");
            last = address();
            expect("]");
            if (last < first) in_.fail("the range of addresses ends before it begins");
        } else {
            first = address();
        }
        expect(":");
        values_.clear();
        for (;;) {
            skip();
            if (in_.peek() == ';') break;
            value(token());
        }
        ++in_.position;
        const std::size_t limbs = words_.limbs_per_word(), count = values_.size() / limbs;
        if (count == 0) in_.fail("there is no word behind this address");
        if (!range) last = first + count - 1;
        if (last >= depth_) in_.fail("the words go beyond DEPTH, " + std::to_string(depth_));
        for (std::size_t i = first; i <= last; ++i) {
            if (given_[i]) in_.fail("the address " + std::to_string(i) + " (decimal) is given twice");
            given_[i] = true;
            std::copy_n(values_.begin() + static_cast<std::ptrdiff_t>((i - first) % count * limbs), limbs,
                        words_.limbs.begin() + static_cast<std::ptrdiff_t>(i * limbs));
        }
        return true;
    }

    void value(std::string_view text) {
        if (text.empty()) in_.fail("the words end without END;");
        std::string_view digits = text;
        const bool negative = data_radix_ == Radix::Dec && digits.front() == '-';
        if (data_radix_ == Radix::Dec && (digits.front() == '-' || digits.front() == '+')) digits.remove_prefix(1);
        WordCollector one(in_);
        if (base(data_radix_) == 10) {
            if (digits.empty()) in_.fail(printable(text) + " is not a decimal word");
            one.add_decimal(digits);
        } else {
            one.add_digits(digits, base(data_radix_));
        }
        PackedWords word = std::move(*one.finish().packed);
        const bool is_lowest = negative && used_bits(word.limbs) == words_.bits &&
                               all_bits_are(word.limbs, 0, static_cast<std::size_t>(words_.bits - 1), false);
        const int most = data_radix_ == Radix::Dec && !is_lowest && negative ? words_.bits - 1 : words_.bits;
        if (used_bits(word.limbs) > most || !narrow(word, words_.bits)) {
            in_.fail(printable(text) + " does not fit WIDTH, " + std::to_string(words_.bits) + " bits");
        }
        if (negative) {
            std::uint64_t carry = 1;
            for (std::uint64_t& limb : word.limbs) {
                limb = ~limb + carry;
                carry = carry != 0 && limb == 0 ? 1 : 0;
            }
            if (words_.bits % 64 != 0) word.limbs.back() &= low_mask(words_.bits % 64);
        }
        values_.insert(values_.end(), word.limbs.begin(), word.limbs.end());
    }

    TextIn in_;
    PackedWords words_{};
    std::vector<bool> given_{};
    std::vector<std::uint64_t> values_{};
    std::size_t depth_ = 0;
    Radix address_radix_ = Radix::Hex, data_radix_ = Radix::Hex;
    bool has_depth_ = false, has_width_ = false;
};

bool is_plain_binary(std::string_view text) {
    bool any = false;
    for (const char c : text) {
        if (!is_space(c) && c != '0' && c != '1') return false;
        any = any || !is_space(c);
    }
    return any;
}

FileWords decode_binary_lines(std::string_view bytes, const std::string& where) {
    TextIn in{.text = bytes, .where = where};
    WordCollector words(in);
    bool equal = true;
    for (in.skip_spaces(); !in.at_end(); in.skip_spaces()) {
        const std::size_t begin = in.position;
        while (!in.at_end() && !is_space(in.peek())) ++in.position;
        const int before = words.bits();
        const bool first = words.size() == 0;
        words.add_digits(bytes.substr(begin, in.position - begin), 2);
        equal = equal && (first || (words.bits() == before && in.position - begin == static_cast<std::size_t>(before)));
    }
    FileWords result = words.finish();
    result.bits_known = equal;
    return result;
}

}  // namespace

void encode_mif(const WordSource& source, TextOut& out) {
    for (const std::string& line : header_lines(source.context())) out.put("-- " + line + "\n");
    const int bits = source.plan().total_bits;
    const std::int64_t count = source.count();
    const std::uint64_t last = count == 0 ? 0 : static_cast<std::uint64_t>(count - 1);
    const int places = std::max(1, hex_digits(used_bits({&last, 1})));
    out.put("DEPTH = " + std::to_string(count) + ";\nWIDTH = " + std::to_string(bits) +
            ";\nADDRESS_RADIX = HEX;\nDATA_RADIX = HEX;\nCONTENT BEGIN\n");
    source.each([&](ConstLimbs word, std::int64_t number) {
        const auto address = static_cast<std::uint64_t>(number);
        out.hex({&address, 1}, places);
        out.put(" : ");
        out.hex(word, hex_digits(bits));
        out.put(";\n");
    });
    out.put("END;\n");
}

FileWords decode_mif(std::string_view bytes, const std::string& where) {
    if (is_plain_binary(bytes)) return decode_binary_lines(bytes, where);
    FileWords words = Parser(bytes, where).parse();
    apply_header(words, bytes, "-- ");
    return words;
}

}  // namespace bittrue
