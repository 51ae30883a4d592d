// The text files of hls4ml: decimal values, a sample a line (tb_data/*.dat), or commas between (weights/w2.txt).
#include <algorithm>

#include "bittrue/model/error.hpp"
#include "codecs.hpp"

namespace bittrue {
namespace {

// Words of up to 53 bits are doubles, and those differ in 17 digits.
constexpr int kMaxWidth = 53;
constexpr int kDigits = 18;

// raw * 2^-frac in decimal digits, rounded half to even to at most 18.
class DecimalWriter {
public:
    explicit DecimalWriter(Format format) : format_(format) {}

    std::string operator()(std::int64_t word) {
        const i128 raw = raw_from_word(word, format_);
        if (raw == 0) return "0.0";
        auto magnitude = static_cast<u128>(raw < 0 ? -raw : raw);
        int frac = format_.frac();
        while (frac > 0 && magnitude % 2 == 0) {
            magnitude /= 2;
            --frac;
        }
        digits_.clear();  // base 10^9, lowest first
        for (; magnitude != 0; magnitude /= kBase) digits_.push_back(static_cast<std::uint32_t>(magnitude % kBase));
        for (int left = frac; left > 0; left -= 13) multiply(power(5, std::min(left, 13)));
        for (int left = -frac; left > 0; left -= 29) multiply(power(2, std::min(left, 29)));
        return print(raw<0, frac> 0 ? -frac : 0);
    }

private:
    static constexpr std::uint32_t kBase = 1'000'000'000;

    static std::uint32_t power(std::uint32_t base, int exponent) {
        std::uint32_t result = 1;
        for (int i = 0; i < exponent; ++i) result *= base;
        return result;
    }
    void multiply(std::uint32_t factor) {
        std::uint64_t carry = 0;
        for (std::uint32_t& digit : digits_) {
            carry += std::uint64_t{digit} * factor;
            digit = static_cast<std::uint32_t>(carry % kBase);
            carry /= kBase;
        }
        for (; carry != 0; carry /= kBase) digits_.push_back(static_cast<std::uint32_t>(carry % kBase));
    }

    // digits_ * 10^exponent.
    [[nodiscard]] std::string print(bool negative, int exponent) const {
        std::string text = std::to_string(digits_.back());
        for (std::size_t i = digits_.size() - 1; i-- > 0;) {
            const std::string part = std::to_string(digits_[i]);
            text += std::string(9 - part.size(), '0') + part;
        }
        if (text.size() > kDigits) exponent += round(text);
        while (text.size() > 1 && text.back() == '0') {
            text.pop_back();
            ++exponent;
        }
        const int point = static_cast<int>(text.size()) + exponent;  // digits in front of the decimal point
        if (point < -kDigits || point > 2 * kDigits) {
            text = text.substr(0, 1) + "." + (text.size() > 1 ? text.substr(1) : "0") + "e" + std::to_string(point - 1);
        } else if (point <= 0) {
            text = "0." + std::string(static_cast<std::size_t>(-point), '0') + text;
        } else if (exponent >= 0) {
            text += std::string(static_cast<std::size_t>(exponent), '0') + ".0";
        } else {
            text.insert(static_cast<std::size_t>(point), ".");
        }
        return negative ? "-" + text : text;
    }

    // Leaves 18 digits, or 1 and zeros; returns by how much the exponent grows.
    static int round(std::string& text) {
        const std::string rest = text.substr(kDigits);
        text.resize(kDigits);
        const bool tie = rest[0] == '5' && rest.find_first_not_of('0', 1) == std::string::npos;
        const bool up = tie ? (text.back() - '0') % 2 != 0 : rest[0] >= '5';
        if (up) {
            std::size_t at = text.size();
            while (at > 0 && text[at - 1] == '9') text[--at] = '0';
            if (at == 0) {
                text.insert(0, 1, '1');
            } else {
                ++text[at - 1];
            }
        }
        return static_cast<int>(rest.size());
    }

    Format format_;
    std::vector<std::uint32_t> digits_{};
};

class Parser {
public:
    Parser(std::string_view text, const std::string& where) : in_{.text = text, .where = where} {}

    FileWords parse() {
        skip();
        if (in_.peek() == '{') return compressed();
        std::int64_t lines = 0;
        std::size_t first = 0, before = 0, line = 0;
        bool equal = true;
        while (!in_.at_end()) {
            if (in_.line != line) {
                if (lines == 1) first = result_.decimals.size();
                if (lines > 1) equal = equal && result_.decimals.size() - before == first;
                before = result_.decimals.size();
                line = in_.line;
                ++lines;
            }
            result_.decimals.push_back(number());
            skip();
        }
        const std::size_t count = result_.decimals.size();
        if (lines > 1) equal = equal && count - before == first;
        if (equal && lines > 0) result_.dims = {lines, static_cast<std::int64_t>(count) / lines};
        return std::move(result_);
    }

private:
    void skip() {
        for (in_.skip_spaces(); in_.peek() == ',' && !in_.at_end(); in_.skip_spaces()) ++in_.position;
    }

    Decimal number() {
        const std::size_t begin = in_.position;
        while (!in_.at_end() && !is_space(in_.peek()) && in_.peek() != ',' && in_.peek() != '}') ++in_.position;
        const std::string_view token = in_.text.substr(begin, in_.position - begin);
        const std::optional<Decimal> value = parse_decimal(token);
        if (!value) in_.fail(printable(token) + " is not a decimal number of at most 18 digits");
        return *value;
    }

    std::int64_t index(const char* what) {
        const Decimal value = number();
        std::int64_t result = value.digits;
        for (int i = 0; i < value.exponent && result <= kMost; ++i) result *= 10;
        if (value.exponent < 0 || result < 0 || result > kMost) in_.fail(std::string(what) + " is no index");
        return result;
    }

    void expect(char c) {
        in_.skip_spaces();
        if (in_.peek() != c) in_.fail(std::string("expected '") + c + "' in {row, column, weight}");
        ++in_.position;
        in_.skip_spaces();
    }

    // Weights that are not listed are 0.
    FileWords compressed() {
        struct Weight {
            std::int64_t row = 0, column = 0;
            Decimal value{};
        };
        std::vector<Weight> weights;
        std::int64_t rows = 0, columns = 0;
        for (; !in_.at_end(); skip()) {
            expect('{');
            Weight weight;
            weight.row = index("the row");
            expect(',');
            weight.column = index("the column");
            expect(',');
            weight.value = number();
            expect('}');
            rows = std::max(rows, weight.row + 1);
            columns = std::max(columns, weight.column + 1);
            weights.push_back(weight);
        }
        if (rows * columns > std::max<std::int64_t>(1 << 22, 64 * static_cast<std::int64_t>(weights.size()))) {
            in_.fail("a matrix of " + std::to_string(rows) + "x" + std::to_string(columns) +
                     " is far larger than the weights listed");
        }
        result_.decimals.resize(static_cast<std::size_t>(rows * columns));
        for (const Weight& weight : weights) {
            // The writer pads the list with copies of {0, 0, 0}.
            Decimal& place = result_.decimals[static_cast<std::size_t>(weight.row * columns + weight.column)];
            if (weight.value.digits != 0) place = weight.value;
        }
        result_.dims = {rows, columns};
        result_.notes.push_back(in_.where + ": compressed weights, taken as " + std::to_string(rows) + "x" +
                                std::to_string(columns) + " with 0 where none is listed");
        return std::move(result_);
    }

    static constexpr std::int64_t kMost = 1 << 24;
    TextIn in_;
    FileWords result_{};
};

}  // namespace

std::string hls4ml_reason(const WordFileContext& context, const PackingPlan& plan) {
    if (context.packing != Packing{})
        return "a .dat of decimal values holds the elements one by one, without a packing";
    if (plan.width > kMaxWidth) {
        return "18 decimal digits cannot tell all words of " + std::to_string(plan.width) + " bits apart; up to " +
               std::to_string(kMaxWidth) + " bits can be written as .dat";
    }
    return {};
}

void encode_hls4ml(const WordSource& source, TextOut& out) {
    DecimalWriter write(source.context().shape.format);
    const std::int64_t per_line = source.plan().elements;
    const std::string_view between = source.context().parameter ? ", " : " ";
    std::int64_t place = 0;
    for (const std::int64_t word : source.words()) {
        if (place != 0) out.put(between);
        out.put(write(word));
        if (++place < per_line) continue;
        place = 0;
        out.put('\n');
    }
}

FileWords decode_hls4ml(std::string_view bytes, const std::string& where) {
    return Parser(bytes, where).parse();
}

}  // namespace bittrue
