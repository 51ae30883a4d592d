#include "dump/vcd_header.hpp"

#include <charconv>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "dump/names.hpp"
#include "files/word_parts.hpp"

namespace bittrue::dump {
namespace {

constexpr bool is_space(char c) {
    return static_cast<unsigned char>(c) <= ' ';
}

class HeaderReader {
public:
    explicit HeaderReader(Chunks& chunks) : chunks_(chunks), at_(chunks.begin()) {}

    VcdHeader read() {
        for (;;) {
            const std::string keyword(token("ends before $enddefinitions"));
            if (keyword == "$enddefinitions") {
                skip_to_end();
                break;
            }
            command(keyword);
        }
        header_.samples = trigger_ && window_;
        if (header_.variables.empty()) fail("declares no signals ($var)");
        return std::move(header_);
    }

    [[nodiscard]] const char* rest() const { return at_; }

private:
    void command(const std::string& keyword) {
        if (keyword == "$scope") {
            static_cast<void>(argument("$scope"));
            const std::string_view name = argument("$scope");
            scopes_.push_back(prefix_.size());
            prefix_ += std::string(name.substr(name.starts_with('\\') ? 1 : 0)) + ".";
            skip_to_end();
        } else if (keyword == "$upscope") {
            if (scopes_.empty()) fail("closes a $scope that was not opened");
            prefix_.resize(scopes_.back());
            scopes_.pop_back();
            skip_to_end();
        } else if (keyword == "$var") {
            variable();
        } else if (keyword == "$timescale") {
            timescale();
        } else if (keyword.starts_with('$')) {
            skip_to_end();  // $date, $version, $comment, and what single tools add
        } else {
            fail(fmt::format("{} where a $keyword is expected; is this a VCD?", printable(keyword)));
        }
    }

    // $var type width code name [range] $end
    void variable() {
        Variable variable;
        const std::string kind = lower(argument("$var"));
        const std::string_view width = argument("$var");
        const auto [stop, error] = std::from_chars(width.data(), width.data() + width.size(), variable.width);
        if (error != std::errc() || stop != width.data() + width.size() || variable.width < 0) {
            fail(fmt::format("'{}' is no width of a $var", width.substr(0, 40)));
        }
        const std::string code(argument("$var"));
        std::string name(argument("$var"));
        std::string suffix;
        for (std::string_view part = token("ends within a $var"); part != "$end"; part = token("ends within a $var")) {
            if (part.front() == '$') fail("a $var without its $end");
            suffix += part;
            if (suffix.size() > 1000) fail("a $var without its $end");
        }
        const bool escaped = name.starts_with('\\');
        if (escaped) name.erase(0, 1);
        std::string_view left = suffix;
        variable.range = cut_range(left);
        if (!left.empty()) name += left;
        // GHDL writes "data[7:0]" as one word; "memory[3]" is an element.
        if (!variable.range && !escaped) {
            std::string_view base = name;
            const std::optional<Range> range = cut_range(base);
            if (range && range->width() == variable.width && name.find(':', base.size()) != std::string::npos) {
                variable.range = range;
                name.resize(base.size());
            }
        }
        trigger_ = trigger_ || name == "_TRIGGER";
        window_ = window_ || name == "_WINDOW";
        variable.real = kind == "real" || kind == "realtime" || kind == "real_parameter" || kind == "shortreal" ||
                        kind == "string" || kind == "event";
        variable.name = prefix_ + name;
        const auto [known, fresh] = slots_.try_emplace(code, static_cast<std::uint32_t>(header_.codes.size()));
        if (fresh) {
            header_.codes.push_back(code);
            header_.widths.push_back(0);
        }
        variable.slot = known->second;
        header_.widths[variable.slot] = std::max(header_.widths[variable.slot], variable.width);
        header_.variables.push_back(std::move(variable));
    }

    void timescale() {
        std::string text;
        for (std::string_view part = token("ends within $timescale"); part != "$end";
             part = token("ends within $timescale")) {
            text += part;
            if (text.size() > 100) fail("$timescale without its $end");
        }
        std::uint64_t factor = 1;
        const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), factor);
        const std::string unit(stop, static_cast<std::size_t>(text.data() + text.size() - stop));
        const bool known = unit == "s" || unit == "ms" || unit == "us" || unit == "ns" || unit == "ps" || unit == "fs";
        if (error != std::errc() || (factor != 1 && factor != 10 && factor != 100) || !known) {
            fail(fmt::format("'{}' is no $timescale; it is 1, 10 or 100 with s, ms, us, ns, ps or fs", text));
        }
        header_.time_factor = factor;
        header_.time_unit = unit;
    }

    void skip_to_end() {
        while (token("ends within a command of its header") != "$end") {
        }
    }
    std::string_view argument(const char* of) {
        const std::string_view text = token("ends within its header");
        if (text == "$end") fail(fmt::format("{} has too few words", of));
        return text;
    }

    // Valid until the next call.
    std::string_view token(const char* at_end) {
        for (;;) {
            while (at_ < chunks_.end() && is_space(*at_)) ++at_;
            const char* stop = at_;
            while (stop < chunks_.end() && !is_space(*stop)) ++stop;
            if (stop < chunks_.end() || (chunks_.last() && stop > at_)) {
                const std::string_view found{at_, static_cast<std::size_t>(stop - at_)};
                at_ = stop;
                return found;
            }
            if (chunks_.last()) fail(fmt::format("{}; the file is not a VCD or was cut off", at_end));
            chunks_.refill(at_);
            at_ = chunks_.begin();
        }
    }
    [[noreturn]] void fail(const std::string& message) const { throw InputError(chunks_.where(at_), message); }

    Chunks& chunks_;
    const char* at_;
    VcdHeader header_{};
    std::unordered_map<std::string, std::uint32_t> slots_{};
    std::string prefix_{};
    std::vector<std::size_t> scopes_{};
    bool trigger_ = false, window_ = false;
};

}  // namespace

VcdHeader read_vcd_header(Chunks& chunks, const char*& rest) {
    HeaderReader reader(chunks);
    VcdHeader header = reader.read();
    rest = reader.rest();
    return header;
}

}  // namespace bittrue::dump
