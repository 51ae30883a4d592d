// Results of a sweep in a file: one line of JSON per configuration, in a fixed order, appended as they are found, so
// that a sweep that was killed continues and the finished file is the same, byte by byte (docs/sweep.md).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bittrue/explore/cost.hpp"
#include "bittrue/explore/sweep_judge.hpp"

namespace bittrue::explore {

// What a sweep is about. Two files belong together when all but the shard is equal.
struct SweepHeader {
    std::string version{};  // of the program
    std::string network{}, network_sha256{};
    std::string graph_sha256{};           // fingerprint(): also of a network that came through a pipe
    std::string input{}, input_sha256{};  // of the values
    std::string labels_sha256{};          // empty: no labels
    std::size_t images = 0;
    std::vector<std::string> layers{};  // the accumulating ones, by number
    std::string error_tensor{};
    int error_frac = 0;  // its lsb is 2^-error_frac
    std::int64_t error_elements = 0;
    std::size_t configurations = 0;
    std::string grid_sha256{};  // of every configuration's id and accumulators
    int shard = 1, shards = 1;  // configuration n belongs to shard n % shards + 1

    [[nodiscard]] bool labelled() const { return !labels_sha256.empty(); }
    friend bool operator==(const SweepHeader&, const SweepHeader&) = default;
};

// One configuration. The fields of an axis that does not vary are empty.
struct SweepRow {
    std::size_t number = 0;  // in the grid
    std::string id{}, layer{}, overflow{}, rounding{}, order{}, product{};
    int width = 0;
    Outcome outcome{};
    Area area{};  // of all accumulating layers
    friend bool operator==(const SweepRow&, const SweepRow&) = default;
};

struct SweepResults {
    SweepHeader header{};
    Outcome wide{};
    std::vector<SweepRow> rows{};  // ascending numbers
};

// The header of a sweep, without version, network_sha256, input and shard, which the caller knows.
[[nodiscard]] SweepHeader make_header(const Trial& trial, std::span<const Configuration> grid);

// A row without its outcome; the area from layer_areas().
[[nodiscard]] SweepRow make_row(const Graph& graph, const Configuration& configuration, std::size_t number);

// The file's lines: each ends with a newline, and all but the header with a check sum.
[[nodiscard]] std::string header_line(const SweepHeader& header);
[[nodiscard]] std::string wide_line(const SweepHeader& header, const Outcome& wide);
[[nodiscard]] std::string row_line(const SweepHeader& header, const SweepRow& row);

// A whole file. InputError names the line that is damaged, missing or out of place; rows may be missing at the end.
[[nodiscard]] SweepResults read_results(const std::string& path);

// A file that grows. Opening makes it, or verifies what is there: a torn last line is cut off, a file of another sweep,
// damaged or in use is an InputError. An empty path keeps nothing.
class SweepFile {
public:
    SweepFile(const std::string& path, const SweepHeader& header);
    SweepFile(const SweepFile&) = delete;
    SweepFile& operator=(const SweepFile&) = delete;
    ~SweepFile();

    // Rows that were there, ascending, without gaps in the shard's order.
    [[nodiscard]] const std::vector<SweepRow>& rows() const { return rows_; }
    // Writes it, or compares it with the file's.
    void put_wide(const Outcome& wide);
    // Written and handed to the system before it returns.
    void append(const SweepRow& row);

private:
    void write(const std::string& line);
    [[nodiscard]] std::string difference(const SweepHeader& there) const;

    std::string path_;
    SweepHeader header_;
    int descriptor_ = -1;
    std::string found_wide_{};
    std::vector<SweepRow> rows_{};
};

// Runs what the file does not hold yet of the shard's configurations. Interrupted leaves a file that continues.
[[nodiscard]] SweepResults run_sweep(const Trial& trial, std::span<const Configuration> grid, const SweepHeader& header,
                                     const std::string& path, const JudgeOptions& options);

// All shards of a sweep, each once and complete: the results of the whole. InputError.
[[nodiscard]] SweepResults merge_shards(const std::vector<std::string>& paths);
[[nodiscard]] std::string results_text(const SweepResults& results);

}  // namespace bittrue::explore
