// The failure looks like this: a results file whose check sums are right but whose lines are not what `bittrue sweep`
// writes ends the program by an exception of the JSON reader, is read modulo 2^64, or makes it ask for gigabytes for
// the shards that its head claims. Found by fuzz_sweep_results.
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "bittrue/explore/sweep_results.hpp"
#include "bittrue/model/checksum.hpp"
#include "bittrue/model/error.hpp"

using namespace bittrue;
using namespace bittrue::explore;

namespace {

SweepHeader header(int shards = 1) {
    return {.version = "1",
            .network = "small",
            .images = 5,
            .layers = {"dense"},
            .error_tensor = "dense",
            .configurations = 1,
            .shards = shards};
}

SweepRow row() {
    return {.number = 0, .id = "w8", .width = 8, .outcome = {.flips = 1, .layers_touched = {2}, .error_sum = 77}};
}

// The line with one text replaced and its check sum right again.
std::string forged(const std::string& line, const std::string& from, const std::string& to) {
    std::string text = line.substr(0, line.rfind(",\"check\":"));
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
    return text + ",\"check\":\"" + sha256_hex(sha256_hex(header_line(header())) + text).substr(0, 16) + "\"}\n";
}

struct File {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("bittrue_forged_sweep_" + std::to_string(::getpid()) + ".jsonl");
    explicit File(const std::string& text) { std::ofstream(path, std::ios::binary) << text; }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() { std::filesystem::remove(path); }
};

SweepResults read(const std::string& text) {
    const File file(text);
    return read_results(file.path.string());
}

}  // namespace

TEST_CASE("a results file with right check sums and wrong lines is refused and its line named") {
    const std::string head = header_line(header()) + wide_line(header(), {.layers_touched = {0}});
    const std::string line = row_line(header(), row());
    REQUIRE(read(head + line).rows.at(0) == row());
    REQUIRE(read(head + forged(line, "\"w8\"", "\"w8\"")).rows.at(0) == row());
    struct Case {
        std::string from, to;
    };
    for (const Case& c :
         {Case{"\"error_sum_lsb\":77", "\"error_sum\":77"}, Case{"\"error_sum_lsb\":77", "\"error_sum_lsb\":\"7x\""},
          Case{"\"error_sum_lsb\":77", "\"error_sum_lsb\":\"" + std::string(60, '9') + "\""},
          Case{"\"flips\":1", "\"flips\":-1"}, Case{"\"flips\":1", "\"flips\":1e300"},
          Case{"\"width\":8", "\"width\":4294967304"}, Case{"\"width\":8", "\"width\":8.0"}, Case{"[2]", "{}"},
          Case{"[2]", "[\"2\"]"}, Case{"\"id\":\"w8\"", "\"id\":null"}, Case{"{\"n\":0", "{\"more\":0,\"n\":0"}}) {
        CAPTURE(c.to);
        CHECK_THROWS_WITH(read(head + forged(line, c.from, c.to)),
                          Catch::Contains(".jsonl:3") && Catch::Contains("as 'bittrue sweep' writes it"));
    }
}

TEST_CASE("a head that claims two thousand million shards costs nothing") {
    const File file(header_line(header(2000000000)));
    CHECK_THROWS_WITH(merge_shards({file.path.string()}), Catch::Contains("shard 2/2000000000 is missing"));
}
