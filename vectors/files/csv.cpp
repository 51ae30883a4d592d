// Comma-separated values: a row per packed word, with the word in hexadecimal and its lanes as integers.
#include <charconv>
#include <utility>

#include "codecs.hpp"

namespace bittrue {
namespace {

enum class Column : std::uint8_t { Value, Hex, Lane, Number };

class Parser {
public:
    Parser(std::string_view text, const std::string& where) : in_{.text = text, .where = where}, words_(in_) {
        const std::string_view line = text.substr(0, text.find('\n'));
        for (const char c : {',', ';', '\t'}) {
            if (line.find(c) != std::string_view::npos) {
                separator_ = c;
                break;
            }
        }
    }

    FileWords parse() {
        std::vector<std::string_view> cells;
        bool first = true;
        while (row(cells)) {
            if (cells.empty()) continue;
            if (std::exchange(first, false) && header(cells)) continue;
            take(cells);
        }
        FileWords result;
        if (has_hex_) {
            result = words_.finish();
            result.lane_values = std::move(lanes_);
        } else if (words_.size() > 0) {
            if (!result_.integers.empty() || !result_.decimals.empty())
                in_.fail("0x words and plain numbers are mixed");
            result = words_.finish();
        } else if (decimal_) {
            result.decimals = std::move(result_.decimals);
        } else {
            result.integers = std::move(result_.integers);
            if (large_ && negative_) in_.fail("negative numbers and numbers of 64 bits without a sign are mixed");
            if (large_) result.container = {.width = 64, .integer = 64, .is_signed = false};
        }
        if (!has_hex_ && equal_ && rows_ > 1 && columns_ > 1) {
            result.dims = {rows_, static_cast<std::int64_t>(columns_)};
        }
        return result;
    }

private:
    static std::string_view trimmed(std::string_view text) {
        while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
        while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
        if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
        return text;
    }

    // The next line that is neither empty nor a # comment; in_.line is its number. An empty cell at the end is none.
    bool row(std::vector<std::string_view>& cells) {
        cells.clear();
        for (;;) {
            if (in_.at_end()) return false;
            in_.line += started_ ? 1U : 0U;
            started_ = true;
            const std::size_t begin = in_.position;
            in_.skip_line();
            std::string_view line = in_.text.substr(begin, in_.position - begin);
            in_.position += in_.at_end() ? 0U : 1U;
            if (trimmed(line).empty() || trimmed(line).front() == '#') continue;
            for (;;) {
                const std::size_t end = line.find(separator_);
                cells.push_back(trimmed(line.substr(0, end)));
                if (end == std::string_view::npos) break;
                line.remove_prefix(end + 1);
            }
            if (cells.size() > 1 && cells.back().empty() && !has_hex_) cells.pop_back();
            return true;
        }
    }

    static bool is_number(std::string_view cell) {
        return cell.starts_with("0x") || cell.starts_with("0X") || parse_decimal(cell).has_value() ||
               integer(cell).has_value();
    }
    static std::optional<std::int64_t> integer(std::string_view cell) {
        if (cell.starts_with('+')) cell.remove_prefix(1);
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
        if (error == std::errc{} && end == cell.data() + cell.size()) return value;
        std::uint64_t large = 0;  // of unsigned words of 64 bits
        const auto [end2, error2] = std::from_chars(cell.data(), cell.data() + cell.size(), large);
        if (error2 == std::errc{} && end2 == cell.data() + cell.size()) return static_cast<std::int64_t>(large);
        return {};
    }

    // False for a row of numbers.
    bool header(const std::vector<std::string_view>& cells) {
        bool all = true;
        for (const std::string_view cell : cells) all = all && is_number(cell);
        if (all) return false;
        for (const std::string_view cell : cells) {
            const std::string name = lower_case(cell);
            Column column = Column::Value;
            if (name == "hex") {
                if (std::exchange(has_hex_, true)) in_.fail("two columns are called hex");
                column = Column::Hex;
            } else if (name.starts_with("raw")) {
                column = Column::Lane;
            } else if (name == "word" || name == "index" || name == "image" || name == "sample" || name == "row") {
                column = Column::Number;
            }
            kinds_.push_back(column);
        }
        return true;
    }

    void take(const std::vector<std::string_view>& cells) {
        if (!kinds_.empty() && cells.size() != kinds_.size()) {
            in_.fail("the row has " + std::to_string(cells.size()) + " cells, the first row " +
                     std::to_string(kinds_.size()));
        }
        std::size_t count = 0;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const Column column = kinds_.empty() ? Column::Value : kinds_[i];
            switch (column) {
                case Column::Number: break;
                case Column::Hex: hex(cells[i]); break;
                case Column::Lane:
                    if (!has_hex_) {
                        if (!cells[i].empty()) value(cells[i]);
                    } else if (!cells[i].empty()) {
                        const auto number = integer(cells[i]);
                        if (!number) in_.fail(printable(cells[i]) + " is not an integer");
                        lanes_.push_back(*number);
                    }
                    break;
                case Column::Value:
                    if (has_hex_) break;
                    value(cells[i]);
                    ++count;
                    break;
            }
        }
        equal_ = equal_ && (rows_ == 0 || count == columns_);
        columns_ = count;
        ++rows_;
    }

    void hex(std::string_view cell) {
        if (cell.starts_with("0x") || cell.starts_with("0X")) cell.remove_prefix(2);
        words_.add_digits(cell, 16, true);
    }

    void value(std::string_view cell) {
        if (cell.starts_with("0x") || cell.starts_with("0X")) {
            hex(cell);
            return;
        }
        const auto number = integer(cell);
        const auto decimal = parse_decimal(cell);
        if (!number && !decimal) in_.fail(printable(cell) + " is not a number");
        decimal_ = decimal_ || !number;
        if (decimal_ && !decimal) in_.fail(printable(cell) + " has too many digits");
        if (number) {
            result_.integers.push_back(*number);
            negative_ = negative_ || cell.front() == '-';
            large_ = large_ || (*number < 0 && cell.front() != '-');
        }
        if (decimal) result_.decimals.push_back(*decimal);
        if (decimal_ && result_.decimals.size() < result_.integers.size()) {
            in_.fail("integers of more than 18 digits and decimal values are mixed");
        }
    }

    TextIn in_;
    WordCollector words_;
    FileWords result_{};
    std::vector<Column> kinds_{};
    std::vector<std::int64_t> lanes_{};
    char separator_ = ',';
    bool has_hex_ = false, decimal_ = false, negative_ = false, large_ = false, started_ = false, equal_ = true;
    std::int64_t rows_ = 0;
    std::size_t columns_ = 0;
};

}  // namespace

void encode_csv(const WordSource& source, TextOut& out) {
    const PackingPlan& plan = source.plan();
    const WordFileContext& context = source.context();
    const std::vector<std::int64_t> order = element_order(context.packing, context.shape);
    const bool is_signed = context.shape.format.is_signed;
    out.put("word,hex");
    for (int lane = 0; lane < plan.lanes; ++lane) out.put(plan.lanes == 1 ? ",raw" : ",raw" + std::to_string(lane));
    out.put('\n');
    source.each([&](ConstLimbs word, std::int64_t number) {
        out.decimal(number);
        out.put(",0x");
        out.hex(word, hex_digits(plan.total_bits));
        const std::int64_t first = number % plan.words * plan.lanes;
        const std::int64_t block = number / plan.words * plan.elements;
        for (std::int64_t at = first; at < first + plan.lanes; ++at) {
            out.put(',');
            if (at >= plan.elements) continue;
            const std::int64_t place = order.empty() ? at : order[static_cast<std::size_t>(at)];
            const std::int64_t element = source.words()[static_cast<std::size_t>(block + place)];
            out.put(is_signed ? std::to_string(element) : std::to_string(static_cast<std::uint64_t>(element)));
        }
        out.put('\n');
    });
}

FileWords decode_csv(std::string_view bytes, const std::string& where) {
    return Parser(bytes, where).parse();
}

}  // namespace bittrue
