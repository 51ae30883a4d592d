// vectors/<write|read>/<kind>[/packing]/images:<n>: vector sets of the 8-bit example network on generated digits, all
// layers and parameters with their checksums, into the temporary folder and back. bytes_per_second counts files.
#include <filesystem>
#include <stdexcept>

#include <stdlib.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/vectors/digits.hpp"
#include "bittrue/vectors/vector_files.hpp"
#include "support.hpp"

namespace bench {

using namespace bittrue;
namespace fs = std::filesystem;

namespace {

// A folder under the system's temporary one, removed at the end.
class Folder {
public:
    Folder() {
        std::string pattern = (fs::temp_directory_path() / "bittrue-bench-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path_ = pattern;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    [[nodiscard]] std::string set() const { return (path_ / "set").string(); }
    [[nodiscard]] std::int64_t bytes() const {
        std::int64_t sum = 0;
        for (const auto& entry : fs::recursive_directory_iterator(path_)) {
            if (entry.is_regular_file()) sum += static_cast<std::int64_t>(entry.file_size());
        }
        return sum;
    }

private:
    fs::path path_{};
};

VectorSet make_set(std::size_t images) {
    const Graph graph = load_network(BITTRUE_SOURCE_DIR "/examples/mnist-cnn/mnist_cnn_8bit.toml");
    const InputBatch batch = input_from_digits(make_digits(images, 1), graph.input);
    const auto engine = emulator::make_engine(graph);
    VectorSet set = from_run(graph, engine->run(batch, {.keep_layers = true}));
    set.parameters = engine->parameters();
    return set;
}

bool same(const VectorSet& a, const VectorSet& b) {
    if (a.layers.size() != b.layers.size() || a.parameters.size() != b.parameters.size()) return false;
    for (std::size_t i = 0; i < a.layers.size(); ++i) {
        if (a.layers[i].words != b.layers[i].words) return false;
    }
    return true;
}

// Every file that is timed is first read back and compared.
void time_files(benchmark::State& state, const VectorOptions& options, std::size_t images, bool write) {
    const VectorSet set = make_set(images);
    const Folder folder;
    write_vector_set(folder.set(), set, options);
    if (!same(set, read_vector_set(folder.set()))) {
        fail(state, "what was written does not come back");
        return;
    }
    const std::int64_t bytes = folder.bytes();
    for (auto _ : state) {
        if (write) {
            write_vector_set(folder.set(), set, options);
        } else {
            benchmark::DoNotOptimize(read_vector_set(folder.set()).layers.data());
        }
    }
    state.SetBytesProcessed(bytes * static_cast<std::int64_t>(state.iterations()));
}

void add(FileKind kind, const std::string& packing, std::size_t images) {
    VectorOptions options;
    options.kinds = {kind};
    options.packing = parse_packing(packing);
    for (const bool write : {true, false}) {
        const std::string name = std::string("vectors/") + (write ? "write/" : "read/") + file_kind_name(kind) +
                                 (packing.empty() ? "" : "/" + packing) + "/images:" + std::to_string(images);
        benchmark::RegisterBenchmark(name.c_str(),
                                     [=](benchmark::State& state) { time_files(state, options, images, write); })
            ->Unit(benchmark::kMillisecond)
            ->UseRealTime();
    }
}

}  // namespace

void register_vectors() {
    add(FileKind::Mem, "", 10'000);
    add(FileKind::Mem, "lanes=4", 10'000);
    for (const FileKind kind : all_file_kinds()) {
        if (kind != FileKind::Mem) add(kind, "", 1'000);
    }
}

}  // namespace bench
