// Lines of a results file, written and read.
#include "sweep/lines.hpp"

#include <charconv>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bittrue/explore/sweep_results.hpp"
#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/checksum.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"

namespace bittrue::explore {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;
constexpr const char* kCheck = ",\"check\":\"";
constexpr std::size_t kCheckDigits = 16;

std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The same for all shards, so that their lines are those of the whole.
std::string identity(const SweepHeader& header) {
    SweepHeader whole = header;
    whole.shard = whole.shards = 1;
    return sha256_hex(header_line(whole));
}

std::string checked(const SweepHeader& header, const Json& json) {
    std::string line = dump(json);
    line.pop_back();  // the closing brace
    const std::string sum = sha256_hex(identity(header) + line).substr(0, kCheckDigits);
    return line + kCheck + sum + "\"}\n";
}

Json big(i128 x) {
    if (x <= i128{std::numeric_limits<std::uint64_t>::max()}) return static_cast<std::uint64_t>(x);
    return print_raw(x);
}

InputError unusual(const std::string& where) {
    return InputError(where, "it is not as 'bittrue sweep' writes it; remove the file to begin anew");
}

// A whole number within Int. The JSON library would convert any number, also one that does not fit.
template <class Int>
Int whole_from(const Json& json, const std::string& where) {
    if (json.is_number_unsigned() && std::in_range<Int>(json.get<std::uint64_t>()))
        return static_cast<Int>(json.get<std::uint64_t>());
    if (json.is_number_integer() && !json.is_number_unsigned() && std::in_range<Int>(json.get<std::int64_t>()))
        return static_cast<Int>(json.get<std::int64_t>());
    throw unusual(where);
}

i128 big_from(const Json& json, const std::string& where) {
    if (json.is_number()) return whole_from<std::uint64_t>(json, where);
    const auto text = json.get<std::string>();
    constexpr std::size_t kDigits = 38;  // fit 127 bits
    if (text.size() > kDigits || text.find_first_not_of("0123456789") != std::string::npos) throw unusual(where);
    i128 x = 0;
    for (const char c : text) x = 10 * x + (c - '0');
    return x;
}

Json text_or_null(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}
std::string text_from(const Json& json) {
    return json.is_null() ? std::string{} : json.get<std::string>();
}

void add_outcome(Json& json, const SweepHeader& header, const Outcome& o) {
    const auto images = static_cast<double>(header.images);
    json["correct"] = header.labelled() ? Json(o.correct) : Json(nullptr);
    json["accuracy"] = header.labelled() ? Json(static_cast<double>(o.correct) / images) : Json(nullptr);
    json["flips"] = o.flips;
    json["touched"] = o.touched;
    json["layers_touched"] = o.layers_touched;
    json["max_error_lsb"] = o.max_error;
    json["error_sum_lsb"] = big(o.error_sum);
}

Outcome outcome_from(const Json& json, const std::string& where) {
    const auto count = [&](const Json& n) { return whole_from<std::uint64_t>(n, where); };
    Outcome o;
    if (!json.at("correct").is_null()) o.correct = count(json.at("correct"));
    o.flips = count(json.at("flips"));
    o.touched = count(json.at("touched"));
    for (const Json& n : json.at("layers_touched")) o.layers_touched.push_back(count(n));
    o.max_error = count(json.at("max_error_lsb"));
    o.error_sum = big_from(json.at("error_sum_lsb"), where);
    return o;
}

// The JSON of a line whose check sum is right.
Json checked_json(const SweepHeader& header, const std::string& line, const std::string& where) {
    const auto at = line.rfind(kCheck);
    const bool right =
        at != std::string::npos &&
        line.substr(at) == kCheck + sha256_hex(identity(header) + line.substr(0, at)).substr(0, kCheckDigits) + "\"}";
    if (!right) {
        throw InputError(where,
                         "its check sum is wrong, so it was changed or belongs to another sweep; "
                         "remove the file to begin anew");
    }
    return Json::parse(line);
}

}  // namespace

std::string header_line(const SweepHeader& h) {
    Json json{{"bittrue_sweep", kFormat},
              {"version", h.version},
              {"network", h.network},
              {"network_sha256", h.network_sha256},
              {"graph_sha256", h.graph_sha256},
              {"input", h.input},
              {"input_sha256", h.input_sha256},
              {"labels_sha256", text_or_null(h.labels_sha256)},
              {"images", h.images},
              {"layers", h.layers},
              {"error_tensor", h.error_tensor},
              {"error_frac", h.error_frac},
              {"error_elements", h.error_elements},
              {"configurations", h.configurations},
              {"grid_sha256", h.grid_sha256}};
    if (h.shards > 1) json["shard"] = {h.shard, h.shards};
    return dump(json) + "\n";
}

std::string wide_line(const SweepHeader& header, const Outcome& wide) {
    Json json{{"id", "wide"}};
    add_outcome(json, header, wide);
    return checked(header, json);
}

std::string row_line(const SweepHeader& header, const SweepRow& row) {
    Json json{{"n", row.number},
              {"id", row.id},
              {"layer", text_or_null(row.layer)},
              {"width", row.width},
              {"overflow", text_or_null(row.overflow)},
              {"rounding", text_or_null(row.rounding)},
              {"order", text_or_null(row.order)},
              {"product", text_or_null(row.product)}};
    add_outcome(json, header, row.outcome);
    json["lut"] = row.area.lut;
    json["ff"] = row.area.ff;
    json["carry"] = row.area.carry;
    json["dsp"] = row.area.dsp;
    return checked(header, json);
}

SweepHeader header_from(const std::string& line, const std::string& where) {
    const auto refuse = [&] {
        return InputError(where, "it does not begin like a results file of 'bittrue sweep'; give another file name");
    };
    try {
        const Json json = Json::parse(line);
        if (json.at("bittrue_sweep") != kFormat) throw refuse();
        SweepHeader h{.version = json.at("version"),
                      .network = json.at("network"),
                      .network_sha256 = json.at("network_sha256"),
                      .graph_sha256 = json.at("graph_sha256"),
                      .input = json.at("input"),
                      .input_sha256 = json.at("input_sha256"),
                      .labels_sha256 = text_from(json.at("labels_sha256")),
                      .images = whole_from<std::size_t>(json.at("images"), where),
                      .layers = json.at("layers"),
                      .error_tensor = json.at("error_tensor"),
                      .error_frac = whole_from<int>(json.at("error_frac"), where),
                      .error_elements = whole_from<std::int64_t>(json.at("error_elements"), where),
                      .configurations = whole_from<std::size_t>(json.at("configurations"), where),
                      .grid_sha256 = json.at("grid_sha256")};
        if (json.contains("shard")) {
            h.shard = whole_from<int>(json.at("shard").at(0), where);
            h.shards = whole_from<int>(json.at("shard").at(1), where);
        }
        if (header_line(h) != line + "\n" || h.shard < 1 || h.shard > h.shards) throw refuse();
        return h;
    } catch (const Json::exception&) {
        throw refuse();
    }
}

Outcome wide_from(const SweepHeader& header, const std::string& line, const std::string& where) {
    try {
        const Json json = checked_json(header, line, where);
        if (!json.contains("id") || json.at("id") != "wide")
            throw InputError(where, "it is not the result with wide accumulators; remove the file to begin anew");
        const Outcome wide = outcome_from(json, where);
        if (wide_line(header, wide) != line + "\n") throw unusual(where);
        return wide;
    } catch (const Json::exception&) {
        throw unusual(where);
    }
}

SweepRow row_from(const SweepHeader& header, const std::string& line, const std::string& where) {
    try {
        const Json json = checked_json(header, line, where);
        if (!json.contains("n")) throw InputError(where, "it is no configuration; remove the file to begin anew");
        SweepRow row{.number = whole_from<std::size_t>(json.at("n"), where),
                     .id = json.at("id"),
                     .layer = text_from(json.at("layer")),
                     .overflow = text_from(json.at("overflow")),
                     .rounding = text_from(json.at("rounding")),
                     .order = text_from(json.at("order")),
                     .product = text_from(json.at("product")),
                     .width = whole_from<int>(json.at("width"), where),
                     .outcome = outcome_from(json, where)};
        const auto cells = [&](const char* what) { return whole_from<std::int64_t>(json.at(what), where); };
        row.area = {.lut = cells("lut"), .ff = cells("ff"), .carry = cells("carry"), .dsp = cells("dsp")};
        if (row_line(header, row) != line + "\n") throw unusual(where);
        return row;
    } catch (const Json::exception&) {
        throw unusual(where);
    }
}

std::vector<std::string> whole_lines(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0;;) {
        const auto end = text.find('\n', begin);
        if (end == std::string::npos) return lines;
        lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
}

SweepResults results_from(const std::string& path, const std::vector<std::string>& lines) {
    const auto place = [&](std::size_t i) { return fmt::format("{}:{}", path, i + 1); };
    if (lines.empty()) throw InputError(path, "it is empty; run the sweep again");
    SweepResults results{.header = header_from(lines[0], place(0))};
    const SweepHeader& h = results.header;
    if (lines.size() > 1) results.wide = wide_from(h, lines[1], place(1));
    for (std::size_t i = 2; i < lines.size(); ++i) {
        results.rows.push_back(row_from(h, lines[i], place(i)));
        const std::size_t expected =
            static_cast<std::size_t>(h.shard - 1) + (i - 2) * static_cast<std::size_t>(h.shards);
        if (results.rows.back().number != expected || expected >= h.configurations) {
            throw InputError(place(i), fmt::format("it is configuration {}, {} should stand here; remove the file to "
                                                   "begin anew",
                                                   results.rows.back().number, expected));
        }
    }
    return results;
}

SweepResults read_results(const std::string& path) {
    return results_from(path, whole_lines(read_file(path)));
}

}  // namespace bittrue::explore
