// peak/u8s8/<kernel>, and peer/<network>/<accumulator>/<who>: the same images through bittrue and through its peers, in
// one process. Images/s, MAC/s, and the share of the measured peak in per cent.
#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>

#include <unistd.h>

#include "../support.hpp"
#include "bittrue/emulator/emulator.hpp"
#include "bittrue/emulator/isa.hpp"
#include "bittrue/golden/golden.hpp"
#include "peak.hpp"
#include "peers.hpp"

namespace bench {

using namespace bittrue;
using namespace peers;

namespace {

WordBatch batch_of(const Network& network, const std::vector<std::uint8_t>& images) {
    WordBatch batch{.images = images.size() / static_cast<std::size_t>(network.inputs),
                    .dims = network.graph.input.shape.dims,
                    .bytes = 1};
    batch.data.resize(images.size());
    std::transform(images.begin(), images.end(), batch.data.begin(), [](std::uint8_t word) { return std::byte{word}; });
    return batch;
}

class Bittrue final : public Peer {
public:
    Bittrue(const Network& network, std::unique_ptr<Engine> engine, RunOptions options)
        : network_(network), engine_(std::move(engine)), options_(std::move(options)) {}

    void run(const std::uint8_t* images, std::size_t count, std::int32_t* out) override {
        const std::size_t bytes = count * static_cast<std::size_t>(network_.inputs);
        if (batch_.images != count || images != from_) batch_ = batch_of(network_, {images, images + bytes});
        from_ = images;
        result_ = engine_->run(batch_, options_);
        if (!timed_) std::copy(result_.layers.back().words.begin(), result_.layers.back().words.end(), out);
    }
    // From here on the words stay where the engine puts them.
    void time() { timed_ = true; }

private:
    const Network& network_;
    std::unique_ptr<Engine> engine_;
    RunOptions options_;
    WordBatch batch_{};
    const std::uint8_t* from_ = nullptr;
    RunResult result_{};
    bool timed_ = false;
};

struct Case {
    Network network{};
    std::size_t checked = 0;
    std::vector<std::uint8_t> images{};
    std::vector<std::int32_t> expected{};  // golden's words of the first images
};

std::size_t checked_images(const std::string& network) {
    return network == "VGG" ? 1 : 4;
}

// Made when a benchmark first needs it; kept, for golden is slow.
Case& find_case(const std::string& network, const AccumulatorClass& accumulator, std::size_t images) {
    static std::map<std::string, Case> cases;
    Case& found = cases[network + "/" + accumulator.name];
    if (found.expected.empty()) {
        found.network = make_network(network, accumulator);
        found.checked = checked_images(network);
        found.images = make_images(found.network, found.checked);
        found.expected.resize(found.checked * static_cast<std::size_t>(found.network.outputs));
        Bittrue golden(found.network, golden::make_engine(found.network.graph), {});
        golden.run(found.images.data(), found.checked, found.expected.data());
    }
    if (found.images.size() < images * static_cast<std::size_t>(found.network.inputs))
        found.images = make_images(found.network, images);
    return found;
}

std::string compare(Peer& peer, const Case& c) {
    std::vector<std::int32_t> words(c.expected.size());
    peer.run(c.images.data(), c.checked, words.data());
    const auto [expected, actual] = std::mismatch(c.expected.begin(), c.expected.end(), words.begin());
    if (expected == c.expected.end()) return {};
    return "output word " + std::to_string(expected - c.expected.begin()) + " is " + std::to_string(*actual) +
           ", golden's is " + std::to_string(*expected);
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
    Case& c = find_case(network, accumulator, std::max(images, checked_images(network)));
    const std::int64_t before = resident_bytes();
    const std::unique_ptr<Peer> peer = make(c.network);
    if (const std::string reason = compare(*peer, c); !reason.empty()) return fail(state, reason);
    std::vector<std::int32_t> out(images * static_cast<std::size_t>(c.network.outputs));
    if (auto* ours = dynamic_cast<Bittrue*>(peer.get())) ours->time();
    peer->run(c.images.data(), images, out.data());  // caches and pages are warm
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
                                         RunOptions{.threads = threads, .count_events = count_events});
    };
}

void add_all(const std::string& network, const AccumulatorClass& accumulator) {
    const bool big = network == "VGG";
    const std::size_t batch = big ? 128 : 10'000;
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
