#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>

#include "bittrue/model/error.hpp"
#include "bittrue/vectors/packing.hpp"

namespace bittrue {
namespace {

constexpr const char* kKeys =
    "lanes=N, lane_bits=N, word_bits=N, first=low|high, pad=zero|sign, bits=normal|reversed, bytes=normal|reversed, "
    "order=storage|hwc|chw, pe=N, simd=N and axis, separated by commas";

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

class Parser {
public:
    explicit Parser(const std::string& text) : text_(text) {}

    Packing parse() {
        std::string_view rest = trimmed(text_);
        while (!rest.empty()) {
            const std::size_t comma = rest.find(',');
            field(trimmed(rest.substr(0, comma)));
            if (comma == std::string_view::npos) break;
            rest.remove_prefix(comma + 1);
            if (trimmed(rest).empty()) fail("ends with a comma");
        }
        settle_folds();
        return packing_;
    }

private:
    [[noreturn]] void fail(const std::string& what) const {
        throw InputError("packing '" + text_ + "'", what + "; a packing is made of " + kKeys);
    }

    void field(std::string_view text) {
        const std::size_t equals = text.find('=');
        const std::string key(trimmed(text.substr(0, equals)));
        const bool has_value = equals != std::string_view::npos;
        const std::string value(has_value ? trimmed(text.substr(equals + 1)) : std::string_view());
        if (!seen_.insert(key).second) fail("has '" + key + "' twice");
        if (key == "axis") {
            if (has_value) fail("'axis' takes no value");
            packing_.axis = true;
        } else if (key == "lanes") {
            packing_.lanes = number(key, value);
        } else if (key == "lane_bits") {
            packing_.lane_bits = number(key, value);
        } else if (key == "word_bits") {
            packing_.word_bits = number(key, value);
        } else if (key == "pe") {
            packing_.pe = number(key, value);
        } else if (key == "simd") {
            packing_.simd = number(key, value);
        } else if (key == "first") {
            packing_.first_high = choice(key, value, "low", "high");
        } else if (key == "pad") {
            packing_.sign_extend = choice(key, value, "zero", "sign");
        } else if (key == "bits") {
            packing_.reverse_bits = choice(key, value, "normal", "reversed");
        } else if (key == "bytes") {
            packing_.reverse_bytes = choice(key, value, "normal", "reversed");
        } else if (key == "order") {
            packing_.order = order(value);
        } else {
            fail("has '" + key + "', which is no key");
        }
    }

    [[nodiscard]] int number(const std::string& key, const std::string& value) const {
        int result = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), result);
        if (error != std::errc{} || end != value.data() + value.size() || result < 1 || result > kMaxPackedBits) {
            fail("'" + key + "' must be an integer from 1 to " + std::to_string(kMaxPackedBits));
        }
        return result;
    }

    [[nodiscard]] bool choice(const std::string& key, const std::string& value, const char* off, const char* on) const {
        if (value != off && value != on) fail("'" + key + "' must be " + off + " or " + on);
        return value == on;
    }

    [[nodiscard]] ElementOrder order(const std::string& value) const {
        if (value == "storage") return ElementOrder::Storage;
        if (value == "hwc") return ElementOrder::ChannelsLast;
        if (value == "chw") return ElementOrder::ChannelsFirst;
        fail("'order' must be storage, hwc or chw");
    }

    void settle_folds() {
        if ((packing_.pe != 0) != (packing_.simd != 0)) fail("'pe' and 'simd' belong together");
        if (packing_.pe == 0) return;
        const std::int64_t lanes = std::int64_t{packing_.pe} * packing_.simd;
        if (lanes > kMaxPackedBits) fail("'pe' times 'simd' is more than " + std::to_string(kMaxPackedBits));
        if (seen_.contains("lanes") && packing_.lanes != lanes) {
            fail("'lanes' is not 'pe' times 'simd', " + std::to_string(lanes));
        }
        packing_.lanes = static_cast<int>(lanes);
    }

    const std::string& text_;
    Packing packing_{};
    std::set<std::string> seen_{};
};

}  // namespace

Packing parse_packing(const std::string& text) {
    return Parser(text).parse();
}

std::string print_packing(const Packing& packing) {
    std::string text;
    const auto add = [&text](const std::string& field) { text += (text.empty() ? "" : ",") + field; };
    const bool folded = packing.pe != 0 || packing.simd != 0;
    if (packing.lanes != 1 && !folded) add("lanes=" + std::to_string(packing.lanes));
    if (packing.lane_bits != 0) add("lane_bits=" + std::to_string(packing.lane_bits));
    if (packing.word_bits != 0) add("word_bits=" + std::to_string(packing.word_bits));
    if (packing.first_high) add("first=high");
    if (packing.sign_extend) add("pad=sign");
    if (packing.reverse_bits) add("bits=reversed");
    if (packing.reverse_bytes) add("bytes=reversed");
    switch (packing.order) {
        case ElementOrder::Storage: break;
        case ElementOrder::ChannelsLast: add("order=hwc"); break;
        case ElementOrder::ChannelsFirst: add("order=chw"); break;
    }
    if (folded) add("pe=" + std::to_string(packing.pe) + ",simd=" + std::to_string(packing.simd));
    if (packing.axis) add("axis");
    return text;
}

}  // namespace bittrue
