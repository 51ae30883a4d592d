#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "dump/code_table.hpp"
#include "dump/vcd.hpp"
#include "dump/vcd_header.hpp"
#include "dump/vcd_scan.hpp"

namespace bittrue::dump {
namespace {

// Counts the changes of every code; what $dumpvars and its like repeat is no change.
class Counter {
public:
    explicit Counter(const VcdHeader& header) : header_(header), counts_(header.codes.size()) {}

    struct Count {
        std::uint64_t changes = 0;
        std::uint64_t undefined = 0;
    };

    static void time(std::uint64_t) {}
    bool change(std::uint32_t slot, std::string_view digits) {
        const bool good = !digits.empty() && std::all_of(digits.begin(), digits.end(), is_bit_digit);
        if (!good || block_) return good;
        ++counts_[slot].changes;
        const bool known = std::all_of(digits.begin(), digits.end(), [](char c) { return c == '0' || c == '1'; });
        if (!known && digits.find_first_of("xXzZuUwW-") != std::string_view::npos) ++counts_[slot].undefined;
        return true;
    }
    bool real(std::uint32_t slot) {
        if (!block_) ++counts_[slot].changes;
        return true;
    }
    void block(std::string_view keyword) { block_ = keyword != "$end"; }
    static bool done() { return false; }
    [[nodiscard]] bool could_grow(std::string_view code) const {
        return std::any_of(header_.codes.begin(), header_.codes.end(), [&](const std::string& other) {
            return other.size() > code.size() && other.starts_with(code);
        });
    }
    [[nodiscard]] std::string name(std::uint32_t slot) const { return "the code '" + header_.codes[slot] + "'"; }
    [[nodiscard]] const Count& count(std::uint32_t slot) const { return counts_[slot]; }

private:
    const VcdHeader& header_;
    std::vector<Count> counts_;
    bool block_ = false;
};

}  // namespace

std::vector<SignalActivity> list_vcd(const std::string& path, const DumpOptions& options) {
    Chunks chunks(path, options);
    const char* rest = nullptr;
    const VcdHeader header = read_vcd_header(chunks, rest);
    CodeTable codes(header.codes.size());
    for (std::size_t i = 0; i < header.codes.size(); ++i) codes.add(header.codes[i], static_cast<std::uint32_t>(i));
    Counter counter(header);
    static_cast<void>(VcdScanner<Counter>(chunks, rest, codes, counter).scan());
    return list_variables(header.variables, [&](std::uint32_t slot, SignalActivity& activity) {
        activity.changes += counter.count(slot).changes;
        activity.undefined_changes += counter.count(slot).undefined;
    });
}

}  // namespace bittrue::dump
