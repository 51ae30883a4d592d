// The value changes of a VCD, as fast as they can be skipped.
#pragma once

#include <charconv>
#include <string_view>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "dump/chunks.hpp"
#include "dump/code_table.hpp"
#include "dump/vcd_kinds.hpp"

namespace bittrue::dump {

// What the scanner knows at the end.
struct VcdEnd {
    bool cut = false;    // the file ends within a change, which is left out
    bool early = false;  // the sink needed no more
};

// Sink:
//   void time(std::uint64_t)                            a time step begins; the same time may come again
//   void change(std::uint32_t slot, std::string_view)   digits, most significant first
//   void real(std::uint32_t slot)
//   void block(std::string_view keyword)                $dumpvars, $dumpoff, $dumpon, $dumpall, $end
//   bool done()                                         asked now and then
//   bool could_grow(std::string_view code)              another code begins with these characters
template <class Sink>
class VcdScanner {
public:
    VcdScanner(Chunks& chunks, const char* rest, const CodeTable& codes, Sink& sink)
        : chunks_(chunks), at_(rest), codes_(codes), sink_(sink) {}

    VcdEnd scan() {
        for (;;) {
            const char* rest = some(at_, chunks_.end());
            if (sink_.done()) return {.cut = false, .early = true};
            if (chunks_.last()) return {.cut = rest != chunks_.end(), .early = false};
            chunks_.refill(rest);
            at_ = chunks_.begin();
        }
    }

private:
    static constexpr std::uint64_t kMostTime = std::uint64_t{1} << 56;  // leaves room for $timescale 100

    // Returns where the first change begins that [at, end) does not hold as a whole.
    const char* some(const char* at, const char* end) {
        while (at < end) {
            switch (kVcdKinds.of[static_cast<unsigned char>(*at)]) {
                case VcdKind::Blank: ++at; break;
                case VcdKind::Scalar: {
                    const Code code = codes_.find(at + 1);
                    if (code.stop >= end && !whole(at + 1, code.stop)) return at;
                    if (code.stop == at + 1) fail(at, "a value without the code of its signal");
                    if (code.slot != CodeTable::kNone) change(at, code.slot, {at, 1});
                    at = code.stop;
                    break;
                }
                case VcdKind::Vector:
                case VcdKind::Real: {
                    const char* const stop = CodeTable::blank(at + 1);
                    const char* name = stop;
                    while (name < end && static_cast<unsigned char>(*name) <= ' ') ++name;
                    if (name >= end) return at;
                    const Code code = codes_.find(name);
                    if (code.stop >= end && !whole(name, code.stop)) return at;
                    if (code.slot != CodeTable::kNone) wide(at, code.slot, {at + 1, stop});
                    at = code.stop;
                    break;
                }
                case VcdKind::Time: {
                    const char* const stop = CodeTable::blank(at + 1);
                    if (stop >= end && !last_time(at, stop)) return at;
                    time(at, stop);
                    at = stop;
                    break;
                }
                case VcdKind::Keyword: {
                    const char* const rest = keyword(at, end);
                    if (rest == nullptr) return at;
                    at = rest;
                    break;
                }
                case VcdKind::Other: fail(at, fmt::format("'{}' begins no value change", excerpt(at, end)));
            }
        }
        return at;
    }

    // Whether a code that the end of the text cuts off is complete nevertheless.
    bool whole(const char* code, const char* stop) const {
        return chunks_.last() && stop > code && !sink_.could_grow({code, static_cast<std::size_t>(stop - code)});
    }

    void change(const char* at, std::uint32_t slot, std::string_view digits) {
        if (!sink_.change(slot, digits))
            fail(at, fmt::format("'{}' is no value of {}", digits.substr(0, 80), sink_.name(slot)));
    }
    void wide(const char* at, std::uint32_t slot, std::string_view digits) {
        if (kVcdKinds.of[static_cast<unsigned char>(*at)] == VcdKind::Vector) {
            change(at, slot, digits);
        } else if (!sink_.real(slot)) {
            fail(at, fmt::format("a real or text where {} needs bits", sink_.name(slot)));
        }
    }

    // A time at the very end: there is no change behind it, so it does no harm that it may be cut off.
    bool last_time(const char* at, const char* stop) const {
        std::uint64_t value = 0;
        return chunks_.last() && std::from_chars(at + 1, stop, value).ptr == stop && value >= now_;
    }

    void time(const char* at, const char* stop) {
        std::uint64_t value = 0;
        const auto [rest, error] = std::from_chars(at + 1, stop, value);
        if (error != std::errc() || rest != stop || value > kMostTime)
            fail(at, fmt::format("'{}' is no time", excerpt(at, stop)));
        if (value < now_)
            fail(at, fmt::format(
                         "the time goes back from {} to {}; these are two simulations in one file, or it is damaged",
                         now_, value));
        now_ = value;
        sink_.time(value);
    }

    const char* keyword(const char* at, const char* end) {
        const char* stop = CodeTable::blank(at);
        if (stop >= end && !chunks_.last()) return nullptr;
        const std::string_view word{at, static_cast<std::size_t>(stop - at)};
        if (word == "$end" || word == "$dumpvars" || word == "$dumpall" || word == "$dumpon" || word == "$dumpoff") {
            sink_.block(word);
            return stop;
        }
        if (word == "$var" || word == "$scope" || word == "$enddefinitions") {
            fail(at, fmt::format("{} behind $enddefinitions; these are two dumps in one file, or it is damaged", word));
        }
        for (;;) {  // $comment and what single tools add
            while (stop < end && static_cast<unsigned char>(*stop) <= ' ') ++stop;
            if (stop >= end) return nullptr;
            const char* const next = CodeTable::blank(stop);
            if (next >= end && !chunks_.last()) return nullptr;
            if (std::string_view{stop, static_cast<std::size_t>(next - stop)} == "$end") return next;
            stop = next;
        }
    }

    static std::string_view excerpt(const char* at, const char* end) {
        std::size_t size = 0;
        while (size < 40 && at + size<end&& static_cast<unsigned char>(at[size])> ' ') ++size;
        return {at, size};
    }
    [[noreturn]] void fail(const char* at, const std::string& message) const {
        throw InputError(chunks_.where(at), message);
    }

    Chunks& chunks_;
    const char* at_;
    const CodeTable& codes_;
    Sink& sink_;
    std::uint64_t now_ = 0;
};

}  // namespace bittrue::dump
