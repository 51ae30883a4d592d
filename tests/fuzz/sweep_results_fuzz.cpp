// Lines of a sweep's results file. Their check sums are made right before they are read, because damage behind a right
// sum is what only a fuzzer finds.
#include <algorithm>

#include <fmt/format.h>

#include "bittrue/explore/sweep_results.hpp"
#include "bittrue/model/checksum.hpp"
#include "fuzz/scratch.hpp"

namespace bittrue::fuzz {

namespace {

using namespace explore;

constexpr std::string_view kCheck = ",\"check\":\"";

const Scratch& folder() {
    static const Scratch one;
    return one;
}

SweepResults small_results(bool labelled, int shard, int shards) {
    SweepHeader h{.version = "1",
                  .network = "small",
                  .network_sha256 = "ab",
                  .input = "digits:5",
                  .input_sha256 = "cd",
                  .labels_sha256 = labelled ? "ef" : "",
                  .images = 5,
                  .layers = {"conv", "dense"},
                  .error_tensor = "dense",
                  .error_frac = 7,
                  .error_elements = 10,
                  .configurations = 5,
                  .grid_sha256 = "01",
                  .shard = shard,
                  .shards = shards};
    SweepResults r{.header = std::move(h), .wide = {}, .rows = {}};
    r.wide = {.correct = labelled ? 4U : 0U, .flips = 0, .touched = 0, .layers_touched = {0, 0}};
    for (std::size_t n = static_cast<std::size_t>(shard - 1); n < 5; n += static_cast<std::size_t>(shards)) {
        r.rows.push_back({.number = n,
                          .id = fmt::format("w{}", n + 8),
                          .layer = n == 4 ? "conv" : "",
                          .overflow = "SAT",
                          .rounding = "",
                          .order = "sequential",
                          .product = "exact",
                          .width = static_cast<int>(n) + 8,
                          .outcome = {.correct = labelled ? 3U : 0U,
                                      .flips = 1,
                                      .touched = 2,
                                      .layers_touched = {1, 2},
                                      .max_error = 9,
                                      .error_sum = n == 3 ? i128{1} << 70 : i128{77}},
                          .area = {.lut = 40, .ff = 16, .carry = 5, .dsp = 0}});
    }
    return r;
}

// Every line but the first with the check sum of what stands in front of it.
std::string signed_again(const std::string& text) {
    std::string identity, out;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string line = text.substr(begin, end - begin);
        if (begin == 0) {
            // That of the whole sweep: without the shard, which comes last.
            std::string whole = line;
            if (const auto at = whole.rfind(",\"shard\":"); at != std::string::npos) whole = whole.substr(0, at) + "}";
            identity = sha256_hex(whole + "\n");
        } else if (const auto at = line.rfind(kCheck); at != std::string::npos) {
            line = line.substr(0, at);
            line = fmt::format("{}{}{}\"}}", line, kCheck, sha256_hex(identity + line).substr(0, 16));
        }
        out += line;
        if (end < text.size()) out += '\n';
        begin = end + 1;
    }
    return out;
}

}  // namespace

std::vector<std::string> seeds() {
    std::vector<std::string> all{results_text(small_results(true, 1, 1)), results_text(small_results(false, 2, 2))};
    SweepResults begun = small_results(true, 1, 3);
    begun.rows.pop_back();
    all.push_back(results_text(begun));
    return all;
}

std::vector<std::string> dictionary() {
    return {"\"n\":",
            "\"id\":\"wide\"",
            "null",
            "\"\"",
            "-1",
            "1.5",
            "1e300",
            "\"12x\"",
            "\"layers_touched\":[",
            "\"error_sum_lsb\":\"",
            "\"18446744073709551616\"",
            "18446744073709551615",
            "18446744073709551616",
            "\"shard\":[2000000000,2000000000]",
            "\"width\":",
            "true",
            "{}",
            "[]",
            "\xff",
            "\"images\":0",
            "\"configurations\":18446744073709551615",
            "99999999999999999999999999999999999999999999999999"};
}

}  // namespace bittrue::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bittrue;
    using namespace bittrue::fuzz;
    const std::string text = signed_again(text_of(data, size));
    const std::string path = folder().write("sweep.jsonl", text);
    explore::SweepResults results;
    // A shard by itself may be all that there is, so this never hides a reader that takes too much.
    (void)takes([&] { (void)explore::merge_shards({path}); });
    if (!takes([&] { results = explore::read_results(path); })) return 0;
    const std::string whole = text.substr(0, text.rfind('\n') + 1);
    if (std::count(whole.begin(), whole.end(), '\n') < 2) return 0;  // begun: no result yet
    require(explore::results_text(results) == whole, "what is read is what is written, byte for byte");
    return 0;
}
