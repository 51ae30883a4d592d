#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bittrue/explore/fingerprint.hpp"
#include "bittrue/explore/sweep_results.hpp"
#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/checksum.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "sweep/light.hpp"
#include "sweep/lines.hpp"

namespace bittrue::explore {

namespace {

std::string print_spec(const AccumulatorSpec& spec) {
    return fmt::format("{} {} {} {}", print_type(spec.type), spec.product ? print_type(*spec.product) : "exact",
                       print_order({spec.schedule, spec.group, spec.quantize}), static_cast<int>(spec.bias));
}

Area area_of(const Graph& graph) {
    Area sum;
    for (const LayerArea& layer : layer_areas(graph)) sum += layer.total();
    return sum;
}

}  // namespace

SweepHeader make_header(const Trial& trial, std::span<const Configuration> grid) {
    SweepHeader h{.network = trial.graph.name,
                  .graph_sha256 = fingerprint(trial.graph),
                  .images = trial.batch.images,
                  .configurations = grid.size()};
    Sha256 input_sum;
    input_sum.add(print_dims(trial.batch.dims) + "\n");
    const std::vector<double>& values = trial.batch.values;
    input_sum.add({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)});
    h.input_sha256 = input_sum.hex();
    if (!trial.labels.empty()) {
        std::string text;
        for (const int label : trial.labels) text += fmt::format("{}\n", label);
        h.labels_sha256 = sha256_hex(text);
    }
    for (const std::size_t i : accumulating_nodes(trial.graph)) h.layers.push_back(trial.graph.nodes[i].name);
    h.error_tensor = error_tensor(trial.graph);
    h.error_frac = type_of(trial.graph, h.error_tensor).format.frac();
    h.error_elements = shape_of(trial.graph, h.error_tensor).count();
    Sha256 grid_sum;
    for (const Configuration& c : grid) {
        grid_sum.add(c.id + "\n");
        for (const AccumulatorSpec& spec : c.specs) grid_sum.add(print_spec(spec) + "\n");
    }
    h.grid_sha256 = grid_sum.hex();
    return h;
}

SweepRow make_row(const Graph& graph, const Configuration& c, std::size_t number) {
    SweepRow row{.number = number, .id = c.id, .layer = c.layer, .width = c.width};
    if (c.overflow) row.overflow = print_overflow(*c.overflow);
    if (c.rounding) row.rounding = print_rounding(*c.rounding);
    if (c.order) row.order = print_order(*c.order);
    if (c.product) row.product = *c.product == ProductChoice::Exact ? "exact" : "accumulator";
    row.area = area_of(with_specs(graph, c.specs));
    return row;
}

SweepFile::SweepFile(const std::string& path, const SweepHeader& header) : path_(path), header_(header) {
    if (path.empty()) return;
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0666);
    struct stat info {};
    if (descriptor_ < 0 || ::fstat(descriptor_, &info) != 0) {
        throw InputError(path, fmt::format("cannot be written: {}; give another file name", std::strerror(errno)));
    }
    try {
        if (!S_ISREG(info.st_mode))
            throw InputError(path, "is no regular file, and only such a file can be continued; give another file name");
        if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0)
            throw InputError(path, "another sweep is writing it; wait for it or give another file name");
        const std::string expected = header_line(header);
        const std::string text = read_file(path);
        const auto lines = whole_lines(text);
        std::size_t whole = 0;
        for (const std::string& line : lines) whole += line.size() + 1;
        if (lines.empty() && !expected.starts_with(text))
            throw InputError(path, "it does not begin like a results file of this sweep; give another file name");
        if (!lines.empty()) {
            const SweepHeader there = header_from(lines[0], path + ":1");
            if (there != header) throw InputError(path, difference(there));
            SweepResults results = results_from(path, lines);
            if (lines.size() > 1) found_wide_ = lines[1] + "\n";
            rows_ = std::move(results.rows);
        }
        if (whole < text.size() && ::ftruncate(descriptor_, static_cast<off_t>(whole)) != 0)
            throw InputError(path, fmt::format("its torn last line cannot be cut off: {}", std::strerror(errno)));
        if (lines.empty()) write(expected);
    } catch (...) {
        ::close(descriptor_);
        throw;
    }
}

SweepFile::~SweepFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

std::string SweepFile::difference(const SweepHeader& there) const {
    const char* what = "other types of the network's layers";
    if (there.version != header_.version) what = "another version of bittrue";
    if (there.shard != header_.shard || there.shards != header_.shards) what = "another shard";
    if (there.grid_sha256 != header_.grid_sha256) what = "other configurations";
    if (there.labels_sha256 != header_.labels_sha256) what = "other labels";
    if (there.input != header_.input || there.input_sha256 != header_.input_sha256) what = "other images";
    if (there.network != header_.network || there.network_sha256 != header_.network_sha256 ||
        there.graph_sha256 != header_.graph_sha256)
        what = "another network";
    return fmt::format("it holds the results of {}; give another file name, or remove it to begin anew", what);
}

void SweepFile::write(const std::string& line) {
    if (descriptor_ < 0) return;
    std::size_t put = 0;
    while (put < line.size()) {
        const ssize_t n = ::write(descriptor_, line.data() + put, line.size() - put);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            throw InputError(path_, fmt::format("cannot be written: {}; what is there is kept, so free some space and "
                                                "start again",
                                                std::strerror(errno)));
        }
        put += static_cast<std::size_t>(n);
    }
}

void SweepFile::put_wide(const Outcome& wide) {
    const std::string line = wide_line(header_, wide);
    if (found_wide_.empty()) {
        write(line);
        found_wide_ = line;
    } else if (descriptor_ >= 0 && line != found_wide_) {
        throw InputError(path_ + ":2",
                         "the result with wide accumulators is another one now; remove the file to begin anew");
    }
}

void SweepFile::append(const SweepRow& row) {
    write(row_line(header_, row));
}

SweepResults run_sweep(const Trial& trial, std::span<const Configuration> grid, const SweepHeader& header,
                       const std::string& path, const JudgeOptions& options) {
    SweepFile file(path, header);
    SweepResults results{.header = header, .wide = {}, .rows = file.rows()};
    const auto shards = static_cast<std::size_t>(header.shards);
    std::vector<Configuration> left;
    std::vector<std::size_t> numbers;
    for (std::size_t n = static_cast<std::size_t>(header.shard - 1) + results.rows.size() * shards; n < grid.size();
         n += shards) {
        left.push_back(grid[n]);
        numbers.push_back(n);
    }
    const auto done = static_cast<double>(results.rows.size());
    JudgeOptions inner = options;
    if (options.progress) inner.progress = [&](double part) { options.progress(done + part); };
    const auto judge = make_judge(trial, inner);
    results.wide = judge->wide();
    file.put_wide(results.wide);
    const Graph light = without_numbers(trial.graph);
    judge->judge(left, [&](std::size_t i, const Outcome& outcome) {
        SweepRow row = make_row(light, left[i], numbers[i]);
        row.outcome = outcome;
        file.append(row);
        results.rows.push_back(std::move(row));
    });
    return results;
}

SweepResults merge_shards(const std::vector<std::string>& paths) {
    if (paths.empty()) throw InputError("no results file is given");
    std::vector<SweepResults> parts;
    for (const std::string& path : paths) parts.push_back(read_results(path));
    const SweepHeader& first = parts.front().header;
    std::map<int, std::string> by_shard;  // a file may claim any number of them
    SweepResults merged{.header = first, .wide = parts.front().wide, .rows = {}};
    merged.header.shard = merged.header.shards = 1;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        SweepHeader h = parts[i].header;
        const int shards = h.shards;
        const int shard = h.shard;
        h.shard = h.shards = 1;
        if (h != merged.header || shards != first.shards)
            throw InputError(
                paths[i], fmt::format("it belongs to another sweep than {}; give the shards of one sweep", paths[0]));
        if (const auto [taken, added] = by_shard.emplace(shard, paths[i]); !added)
            throw InputError(paths[i], fmt::format("it is the same shard as {}; give each shard once", taken->second));
        if (parts[i].wide != merged.wide)
            throw InputError(paths[i], fmt::format("its result with wide accumulators is not that of {}", paths[0]));
        merged.rows.insert(merged.rows.end(), parts[i].rows.begin(), parts[i].rows.end());
    }
    for (int shard = 1; shard <= first.shards; ++shard) {
        if (by_shard.contains(shard)) continue;
        throw InputError("sweep-merge", fmt::format("shard {}/{} is missing; give its file, too", shard, first.shards));
    }
    std::sort(merged.rows.begin(), merged.rows.end(),
              [](const SweepRow& a, const SweepRow& b) { return a.number < b.number; });
    for (std::size_t n = 0; n < merged.header.configurations; ++n) {
        if (n < merged.rows.size() && merged.rows[n].number == n) continue;
        throw InputError(by_shard.at(static_cast<int>(n % static_cast<std::size_t>(first.shards)) + 1),
                         fmt::format("it is not finished, configuration {} is missing; start the same sweep again", n));
    }
    return merged;
}

std::string results_text(const SweepResults& results) {
    std::string text = header_line(results.header) + wide_line(results.header, results.wide);
    for (const SweepRow& row : results.rows) text += row_line(results.header, row);
    return text;
}

}  // namespace bittrue::explore
