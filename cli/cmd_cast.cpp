// bittrue cast: what a conversion between two types does to raws, values, or every bit pattern.
#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "command.hpp"
#include "console.hpp"
#include "engines.hpp"
#include "table.hpp"
#include "types.hpp"

namespace bittrue::cli {

namespace {

constexpr int kMaxAllWidth = 24;    // 2^24 lines are the most that --all --plain prints
constexpr int kMaxTableWidth = 16;  // 2^16 rows are the most that a table takes

struct Options {
    std::string from, to, raw, value, json;
    std::string engine = "emulator";
    bool all = false, plain = false;
};

struct Row {
    std::string from_raw, from_hex, from_value;
    Converted result;
};

class Cast {
public:
    explicit Cast(const Options& o) : o_(o), engine_(parse_engine(o.engine)), to_(parse_option_type("--to", o.to)) {
        if (!o.from.empty()) from_ = parse_option_type("--from", o.from);
    }

    // Calls `take` for every requested conversion in order.
    template <typename Take>
    void each(const Take& take) const {
        if (!o_.value.empty()) return values(take);
        if (o_.from.empty())
            throw InputError("--from", "the type of the raw words is missing, for example --from \"ap_fixed<8,4>\"");
        if (!o_.raw.empty()) {
            for (const std::int64_t word : parse_words("--raw", o_.raw, from_.format)) take(word_row(word));
            return;
        }
        const int most = o_.plain ? kMaxAllWidth : kMaxTableWidth;
        if (from_.format.width > most) {
            throw InputError("--all", fmt::format("{} has 2^{} patterns; --all goes up to {} bits{}, or use --raw",
                                                  print_type(from_), from_.format.width, most,
                                                  o_.plain ? "" : fmt::format(" (with --plain {})", kMaxAllWidth)));
        }
        for (std::uint64_t pattern = 0; pattern >> from_.format.width == 0; ++pattern)
            take(word_row(word_from_pattern(pattern, from_.format)));
    }

    [[nodiscard]] const FixedType& to() const { return to_; }
    [[nodiscard]] i128 raw(const Row& row) const { return raw_from_word(row.result.word, to_.format); }

private:
    template <typename Take>
    void values(const Take& take) const {
        for (const std::string& text : split_list("--value", o_.value)) {
            const double x = parse_number("--value", text);
            if (o_.from.empty()) {
                take(Row{"", "", text, quantize_real(engine_, x, to_)});
            } else {
                take(word_row(quantize_real(engine_, x, from_).word));
            }
        }
    }

    [[nodiscard]] Row word_row(std::int64_t word) const {
        const i128 raw = raw_from_word(word, from_.format);
        return {print_raw(raw), print_hex(word, from_.format), print_value(raw, from_.format.frac()),
                quantize(engine_, raw, from_.format.frac(), to_)};
    }

    const Options& o_;
    EngineChoice engine_;
    FixedType from_{};
    FixedType to_;
};

void run(const Options& o) {
    if ((o.raw.empty() ? 0 : 1) + (o.value.empty() ? 0 : 1) + (o.all ? 1 : 0) != 1) {
        throw InputError("cast", "exactly one of --raw, --value and --all is needed");
    }
    if (o.plain && !o.json.empty()) throw InputError("cast", "--plain and --json exclude each other; choose one");
    const Cast cast(o);
    if (o.plain) {
        std::string text;
        cast.each([&](const Row& row) { text += fmt::format("{}\n", cast.raw(row)); });
        return print(text);
    }
    Table table({{"from raw"}, {"hex"}, {"value"}, {"to raw"}, {"hex"}, {"value"}, {"flags", Align::Left}});
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    const int frac = cast.to().format.frac();
    cast.each([&](const Row& row) {
        const i128 raw = cast.raw(row);
        const Events e = row.result.events;
        const std::string hex = print_hex(row.result.word, cast.to().format);
        if (!o.json.empty()) {
            json.push_back({{"from_raw", row.from_raw},
                            {"from_value", row.from_value},
                            {"raw", json_raw(raw)},
                            {"hex", hex},
                            {"value", print_value(raw, frac)},
                            {"inexact", e.inexact},
                            {"above", e.above},
                            {"below", e.below},
                            {"saturated", e.saturated}});
        }
        table.row(
            {row.from_raw, row.from_hex, row.from_value, print_raw(raw), hex, print_value(raw, frac), print_events(e)});
    });
    if (o.json != "-") print(table.text());
    if (!o.json.empty()) write_json(o.json, json);
}

}  // namespace

void add_cast(CLI::App& app, int&) {
    auto* command = app.add_subcommand("cast", "Convert raws or values from one type to another, with what happened");
    const auto o = std::make_shared<Options>();
    command->add_option("--from", o->from, "type of the source; with --value optional (the value is first cast to it)");
    command->add_option("--to", o->to, "type of the result, with rounding and overflow")->required();
    command->add_option("--raw", o->raw, "raw words N[,N...], decimal or 0x patterns");
    command->add_option("--value", o->value, "real values X[,X...]");
    command->add_flag("--all", o->all, "every bit pattern 0..2^W-1 of the source, in order");
    command->add_flag("--plain", o->plain, "print only the resulting raws, one a line");
    add_engine_option(*command, o->engine);
    command->add_option("--json", o->json, "write the table as JSON to this file ('-': stdout)");
    command->footer(
        "Example:\n  bittrue cast --from \"ap_fixed<8,4>\" --to \"ap_fixed<4,4,AP_RND,AP_SAT>\" --raw -40,24,127");
    command->callback([o] { run(*o); });
}

}  // namespace bittrue::cli
