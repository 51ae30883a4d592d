#include "dump/ila_table.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/vectors/packing.hpp"
#include "dump/digits.hpp"
#include "dump/names.hpp"

namespace bittrue::dump {
namespace {

// Cells of a row, quotes removed. The vector's strings keep their memory.
std::size_t split(std::string_view row, std::vector<std::string>& cells) {
    std::size_t count = 0;
    std::size_t at = 0;
    for (;;) {
        if (count == cells.size()) cells.emplace_back();
        std::string& cell = cells[count++];
        cell.clear();
        while (at < row.size() && row[at] == ' ') ++at;
        if (at < row.size() && row[at] == '"') {
            for (++at; at < row.size(); ++at) {
                if (row[at] != '"') {
                    cell += row[at];
                } else if (at + 1 < row.size() && row[at + 1] == '"') {
                    cell += row[++at];
                } else {
                    break;
                }
            }
            at = std::min(row.find(',', at), row.size());
        } else {
            const std::size_t stop = std::min(row.find(',', at), row.size());
            cell = trimmed(row.substr(at, stop - at));
            at = stop;
        }
        if (at >= row.size()) return count;
        ++at;
    }
}

// limbs = limbs * factor + digit; false when bits are lost.
bool append_digit(std::vector<std::uint64_t>& limbs, std::uint64_t factor, std::uint64_t digit) {
    std::uint64_t carry = digit;
    for (std::uint64_t& limb : limbs) {
        const auto wide = static_cast<u128>(limb) * factor + carry;
        limb = static_cast<std::uint64_t>(wide);
        carry = static_cast<std::uint64_t>(wide >> 64);
    }
    return carry == 0;
}

// Decimal digits, negative as two's complement of `width` bits; false when it does not fit.
bool parse_decimal_bits(std::string_view text, bool is_signed, int width, std::vector<std::uint64_t>& limbs) {
    const bool negative = is_signed && text.starts_with('-');
    if (negative) text.remove_prefix(1);
    if (text.empty() || text.size() > 25000) return false;
    limbs.assign((static_cast<std::size_t>(width) + 63) / 64, 0);
    for (const char c : text) {
        if (c < '0' || c > '9' || !append_digit(limbs, 10, static_cast<std::uint64_t>(c - '0'))) return false;
    }
    const std::uint64_t top = width % 64 == 0 ? ~std::uint64_t{0} : (std::uint64_t{1} << (width % 64)) - 1;
    const std::uint64_t sign = (top >> 1) + 1;
    if ((limbs.back() & ~top) != 0) return false;
    if (!is_signed) return true;
    if ((limbs.back() & sign) != 0) {  // only the most negative word may have it
        const bool rest = (limbs.back() & (sign - 1)) != 0 ||
                          std::any_of(limbs.begin(), limbs.end() - 1, [](std::uint64_t limb) { return limb != 0; });
        if (!negative || rest) return false;
    }
    if (negative) {
        std::uint64_t carry = 1;
        for (std::uint64_t& limb : limbs) {
            limb = ~limb + carry;
            carry = carry != 0 && limb == 0 ? 1 : 0;
        }
        limbs.back() &= top;
    }
    return true;
}

Radix parse_radix(std::string_view text) {
    const std::string name = lower(text);
    if (name == "hex" || name == "hexadecimal") return Radix::Hex;
    if (name == "signed") return Radix::Signed;
    if (name == "unsigned") return Radix::Unsigned;
    if (name == "binary") return Radix::Binary;
    return Radix::Other;
}

}  // namespace

IlaTable::IlaTable(Chunks& chunks) : chunks_(chunks), lines_(chunks) {
    std::string_view row;
    while (lines_.next(row) && trimmed(row).empty()) {
    }
    if (row.starts_with("\xef\xbb\xbf")) row.remove_prefix(3);
    const std::size_t count = split(row, titles_);
    titles_.resize(count);
    if (titles_.size() < 2 || lower(titles_.front()) != "sample in buffer") {
        throw InputError(lines_.where(), "is no ILA export; its first row begins with 'Sample in Buffer,'");
    }
    radices_.assign(titles_.size(), Radix::Hex);
    pending_ = next();
    if (pending_ && lower(cells_.front()).starts_with("radix")) {
        pending_ = false;
        has_radices_ = true;
        const std::size_t dash = cells_.front().find('-');
        if (dash != std::string::npos) cells_.front().erase(0, dash + 1);
        for (std::size_t i = 0; i < titles_.size(); ++i) radices_[i] = parse_radix(trimmed(cells_[i]));
        pending_ = next();
    }
    for (std::size_t i = 0; i < titles_.size(); ++i) declare(titles_[i], i);
}

void IlaTable::declare(std::string_view title, std::size_t column) {
    Variable variable;
    std::string_view name = title;
    variable.range = cut_range(name);
    // "probe[3]" alone is bit 3 of a probe that was taken apart.
    if (variable.range && variable.range->left == variable.range->right && title.find(':') == std::string_view::npos) {
        variable.range = std::nullopt;
        name = title;
    }
    name = trimmed(name);
    if (name.starts_with('\\')) name.remove_prefix(1);
    variable.name = name;
    variable.slot = static_cast<std::uint32_t>(column);
    variable.real = radices_[column] == Radix::Other;
    if (variable.range) {
        variable.width = static_cast<int>(std::min<std::int64_t>(variable.range->width(), 1 << 30));
    } else {
        guess_width(variable);
    }
    variables_.push_back(std::move(variable));
}

// Vivado writes the range of every probe of more than one bit; other exporters leave it to the number of digits.
void IlaTable::guess_width(Variable& variable) const {
    variable.width = 1;
    if (!pending_ || variable.slot < 3) {
        if (variable.slot < 2) variable.width = 32;
        return;
    }
    const std::size_t digits = cells_[variable.slot].size();
    if (digits < 2) return;
    switch (radices_[variable.slot]) {
        case Radix::Hex: variable.width = static_cast<int>(4 * std::min<std::size_t>(digits, 1 << 20)); break;
        case Radix::Binary: variable.width = static_cast<int>(std::min<std::size_t>(digits, 1 << 20)); break;
        case Radix::Signed:
        case Radix::Unsigned: variable.width = 64; break;
        case Radix::Other: break;
    }
}

std::optional<std::size_t> IlaTable::column(std::string_view name) const {
    for (std::size_t i = 0; i < titles_.size(); ++i) {
        if (lower(titles_[i]) == name) return i;
    }
    return std::nullopt;
}

bool IlaTable::next() {
    if (pending_) {
        pending_ = false;
        return true;
    }
    std::string_view row;
    do {
        if (!lines_.next(row)) return false;
    } while (trimmed(row).empty());
    std::size_t count = split(row, cells_);
    while (count > titles_.size() && cells_[count - 1].empty()) --count;  // a comma at the end
    if (count == titles_.size()) return true;
    if (count < titles_.size() && chunks_.last() && row.data() + row.size() == chunks_.end()) {
        cut_ = true;
        return false;
    }
    throw InputError(lines_.where(), fmt::format("has {} cells, its header {}", count, titles_.size()));
}

void IlaTable::assign(SignalStates& states, std::uint32_t slot, std::size_t column) const {
    const std::string& text = cells_[column];
    std::vector<std::uint64_t> limbs;
    bool good = false;
    switch (radices_[column]) {
        case Radix::Hex: good = states.assign(slot, binary_of(text)); break;
        case Radix::Binary: good = states.assign(slot, text); break;
        case Radix::Signed:
        case Radix::Unsigned:
            good = parse_decimal_bits(text, radices_[column] == Radix::Signed, states.width(slot), limbs) &&
                   states.assign_known(slot, limbs);
            break;
        case Radix::Other: break;
    }
    if (!good) {
        throw InputError(lines_.where(), fmt::format("'{}' is no value of {} bits for the probe '{}'{}",
                                                     text.substr(0, 80), states.width(slot), titles_[column],
                                                     titles_[column].find('[') == std::string::npos
                                                         ? "; write its range into the header, as in 'probe[7:0]'"
                                                         : ""));
    }
}

bool IlaTable::is_undefined(std::size_t column) const {
    const bool digits = radices_[column] == Radix::Hex || radices_[column] == Radix::Binary;
    return digits && cells_[column].find_first_of("xXzZ") != std::string::npos;
}

}  // namespace bittrue::dump
