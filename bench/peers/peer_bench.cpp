// peak/u8s8/<kernel>, and peer/<network>/<accumulator>/<who>: the same images through bittrue and through its peers, in
// one process. Images/s, MAC/s, and the share of the measured peak in per cent; bittrue's label names its kernels.
#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <span>

#include <unistd.h>

#include "../support.hpp"
#include "bittrue/emulator/emulator.hpp"
#include "bittrue/emulator/isa.hpp"
#include "bittrue/emulator/plan.hpp"
#include "bittrue/golden/golden.hpp"
#include "peak.hpp"
#include "peers.hpp"

namespace bench {

using namespace bittrue;
using namespace peers;

namespace {

WordBatch batch_of(const Network& network, std::span<const std::uint8_t> images) {
    WordBatch batch{.images = images.size() / static_cast<std::size_t>(network.inputs),
                    .dims = network.graph.input.shape.dims,
                    .bytes = 1};
    batch.data.resize(images.size());
    std::transform(images.begin(), images.end(), batch.data.begin(), [](std::uint8_t word) { return std::byte{word}; });
    return batch;
}

class Bittrue final : public Peer {
public:
    Bittrue(const Network& network, std::unique_ptr<Engine> engine, RunOptions options, std::string kernels = {})
        : network_(network), engine_(std::move(engine)), options_(std::move(options)), kernels_(std::move(kernels)) {}

    void run(const std::uint8_t* images, std::size_t count, std::int32_t* out) override {
        const std::size_t bytes = count * static_cast<std::size_t>(network_.inputs);
        if (batch_.images != count || images != from_) batch_ = batch_of(network_, {images, images + bytes});
        from_ = images;
        result_ = engine_->run(batch_, options_);
        if (!timed_) std::copy(result_.layers.back().words.begin(), result_.layers.back().words.end(), out);
    }
    // From here on the words stay where the engine puts them.
    void time() { timed_ = true; }
    [[nodiscard]] const std::string& kernels() const { return kernels_; }

private:
    const Network& network_;
    std::unique_ptr<Engine> engine_;
    RunOptions options_;
    std::string kernels_;
    WordBatch batch_{};
    const std::uint8_t* from_ = nullptr;
    RunResult result_{};
    bool timed_ = false;
};

// The kernels of the layers that accumulate, each once, in the order of the layers: "dot u8s8 + saturate32 pairs".
std::string kernels_of(const Graph& graph, const emulator::PlanOptions& options) {
    std::vector<std::string> names;
    for (const emulator::LayerPlan& layer : emulator::plan_of(graph, options).layers)
        for (const emulator::ChannelGroup& group : layer.groups)
            if (std::find(names.begin(), names.end(), group.kernel) == names.end()) names.push_back(group.kernel);
    std::string joined;
    for (const std::string& name : names) joined += (joined.empty() ? "" : " + ") + name;
    return joined;
}

// The engine by other kernels than the timed ones, where the machine has several.
emulator::Isa other_isa() {
    const std::vector<emulator::Isa>& isas = emulator::available_isas();
    const bool has_avx2 = std::find(isas.begin(), isas.end(), emulator::Isa::Avx2) != isas.end();
    return has_avx2 && emulator::best_isa() != emulator::Isa::Avx2 ? emulator::Isa::Avx2 : emulator::Isa::Scalar;
}

struct Case {
    Network network{};
    std::span<const std::uint8_t> images{};
    std::vector<std::int32_t> words{};  // of all images
    std::string reason{};               // why these words cannot be right
};

// First and last of a block, first of the next, and the last image, whose block is not full. Seconds an image with VGG.
std::vector<std::size_t> golden_images(const std::string& network) {
    if (network == "VGG") return {64};
    return {0, 63, 64, image_count(network) - 1};
}

std::string difference(std::span<const std::int32_t> expected, std::span<const std::int32_t> actual,
                       const std::string& whose, std::int64_t outputs, std::size_t first_image) {
    const auto [e, a] = std::mismatch(expected.begin(), expected.end(), actual.begin());
    if (e == expected.end()) return {};
    const std::int64_t at = e - expected.begin();
    return "image " + std::to_string(first_image + static_cast<std::size_t>(at / outputs)) + ", output word " +
           std::to_string(at % outputs) + " is " + std::to_string(*a) + ", " + whose + " is " + std::to_string(*e);
}

// The words of all images by the engine's other kernels on all cores; some of them are compared with golden.
Case make_case(const std::string& name, const AccumulatorClass& accumulator) {
    Case c{.network = make_network(name, accumulator)};
    const auto inputs = static_cast<std::size_t>(c.network.inputs),
               outputs = static_cast<std::size_t>(c.network.outputs);
    const std::size_t count = image_count(name);
    c.images = images_of(c.network);
    c.words.resize(count * outputs);
    Bittrue other(c.network, emulator::make_engine_for(c.network.graph, other_isa()), {.count_events = false});
    other.run(c.images.data(), count, c.words.data());
    const std::unique_ptr<Engine> exact = golden::make_engine(c.network.graph);
    for (const std::size_t image : golden_images(name)) {
        const RunResult result = exact->run(batch_of(c.network, c.images.subspan(image * inputs, inputs)), {});
        const std::vector<std::int32_t> expected(result.layers.back().words.begin(), result.layers.back().words.end());
        c.reason = difference(expected, std::span(c.words).subspan(image * outputs, outputs), "golden's",
                              c.network.outputs, image);
        if (!c.reason.empty()) break;
    }
    return c;
}

// Made when a benchmark first needs it; kept, for golden is slow.
const Case& find_case(const std::string& network, const AccumulatorClass& accumulator) {
    static std::map<std::string, Case> cases;
    const std::string key = network + "/" + accumulator.name;
    auto found = cases.find(key);
    if (found == cases.end()) found = cases.emplace(key, make_case(network, accumulator)).first;
    return found->second;
}

// What this process occupies; 0 where /proc does not tell.
std::int64_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    std::int64_t size = 0, resident = 0;
    file >> size >> resident;
    return resident * sysconf(_SC_PAGESIZE);
}

using MakePeer = std::function<std::unique_ptr<Peer>(const Network&)>;

void time_peer(benchmark::State& state, const std::string& network, const AccumulatorClass& accumulator,
               const MakePeer& make, std::size_t images) {
    const Case& c = find_case(network, accumulator);
    if (!c.reason.empty()) return fail(state, c.reason);
    const std::int64_t before = resident_bytes();
    const std::unique_ptr<Peer> peer = make(c.network);
    if (peer == nullptr) return fail(state, "this peer has no such accumulator");
    std::vector<std::int32_t> out(images * static_cast<std::size_t>(c.network.outputs));
    // All words of the batch that is timed; then caches and pages are warm, too.
    peer->run(c.images.data(), images, out.data());
    const std::string reason = difference(std::span(c.words).first(out.size()), out,
                                          "bittrue's with " + emulator::print_isa(other_isa()), c.network.outputs, 0);
    if (!reason.empty()) return fail(state, reason);
    if (auto* ours = dynamic_cast<Bittrue*>(peer.get())) {
        ours->time();
        state.SetLabel(ours->kernels());
    }
    const double peak = std::max(measure_peak(), peak_so_far());
    for (auto _ : state) {
        peer->run(c.images.data(), images, out.data());
        benchmark::DoNotOptimize(out.data());
        benchmark::ClobberMemory();
    }
    const double done = static_cast<double>(images) * static_cast<double>(state.iterations());
    const double macs = done * static_cast<double>(c.network.macs);
    state.counters["images/s"] = benchmark::Counter(done, benchmark::Counter::kIsRate);
    state.counters["MAC/s"] = benchmark::Counter(macs, benchmark::Counter::kIsRate);
    state.counters["peak%"] = benchmark::Counter(100 * macs / peak, benchmark::Counter::kIsRate);
    state.counters["MiB"] = static_cast<double>(resident_bytes() - before) / (1U << 20U);
}

void add(const std::string& network, const AccumulatorClass& accumulator, const std::string& who, std::size_t images,
         const MakePeer& make, bool by_clock = false) {
    const std::string name = "peer/" + network + "/" + accumulator.name + "/" + who;
    auto* const registered = benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
                                 time_peer(state, network, accumulator, make, images);
                             })->Unit(benchmark::kMillisecond);
    // One core is timed by what it worked, so that other programs make nobody slower, and a second thread counts.
    if (by_clock) {
        registered->UseRealTime();
    } else {
        registered->MeasureProcessCPUTime();
    }
}

MakePeer emulator_with(int threads, bool count_events, emulator::Isa isa = emulator::best_isa()) {
    return [=](const Network& network) {
        return std::make_unique<Bittrue>(network, emulator::make_engine_for(network.graph, isa),
                                         RunOptions{.threads = threads, .count_events = count_events},
                                         kernels_of(network.graph, {.isa = isa, .count_events = count_events}));
    };
}

void add_all(const std::string& network, const AccumulatorClass& accumulator) {
    const bool big = network == "VGG";
    const std::size_t batch = image_count(network);
    add(network, accumulator, "bittrue", batch, emulator_with(1, false));
    add(network, accumulator, "bittrue-events", batch, emulator_with(1, true));
    add(network, accumulator, "bittrue-all-cores", batch, emulator_with(0, false), true);
    for (const emulator::Isa isa : emulator::available_isas())
        if (isa != emulator::best_isa() && (isa == emulator::Isa::Avx2 || isa == emulator::Isa::Scalar))
            add(network, accumulator, "bittrue-" + emulator::print_isa(isa), big ? 64 : 1024,
                emulator_with(1, false, isa));
    add(network, accumulator, "int-loops-vector", big ? 1 : 64, make_plain_vector);
#ifdef BENCH_ONEDNN
    if (accumulator.kind == AccumulatorClass::Kind::Wide)
        add(network, accumulator, "onednn", big ? 32 : 256,
            [=](const Network& n) { return make_onednn(n, big ? 32 : 256); });
#endif
    if (big) return;  // seconds per image
    add(network, accumulator, "int-loops", 16, make_plain);
#ifdef BENCH_SYSTEMC
    add(network, accumulator, "sc_fixed", 1, [](const Network& n) { return make_systemc(n, false); });
    add(network, accumulator, "sc_fixed_fast", 1, [](const Network& n) { return make_systemc(n, true); });
#endif
    add(network, accumulator, "golden", 4, [](const Network& n) {
        return std::make_unique<Bittrue>(n, golden::make_engine(n.graph), RunOptions{.threads = 1});
    });
}

}  // namespace

void register_peers() {
    benchmark::RegisterBenchmark(("peak/u8s8/" + peak_kernel()).c_str(),
                                 [](benchmark::State& state) {
                                     double best = 0;
                                     for (auto _ : state) best = std::max(best, measure_peak());
                                     state.counters["MAC/s"] = best;
                                 })
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
    for (const std::string network : {"N1", "N2"})
        for (const AccumulatorClass& accumulator : accumulator_classes()) add_all(network, accumulator);
    for (const AccumulatorClass& accumulator : accumulator_classes())
        if (accumulator.name == "wide" || accumulator.name == "sat16") add_all("VGG", accumulator);
}

}  // namespace bench
