// What the benchmarks share: reproducible operands, networks of one layer, and the check against golden before timing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <benchmark/benchmark.h>

#include "bittrue/model/engine.hpp"

namespace bench {

// splitmix64: the same operands on every machine.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next();
    bittrue::i128 raw(bittrue::Format format);  // uniform over the format's words

private:
    std::uint64_t state_;
};

enum class Which { Emulator, Golden };
std::string print_engine(Which which);
std::unique_ptr<bittrue::Engine> make_engine(Which which, const bittrue::Graph& graph);

// Parameters with random raw words of `type`.
bittrue::Parameter random_parameter(bittrue::Dims dims, const bittrue::FixedType& type, std::uint64_t seed);
// input -> "layer"; `second_input` puts an identity layer in between and feeds both, as an addition needs.
bittrue::Graph network_of(const bittrue::Shape& shape, const bittrue::FixedType& input, bittrue::Operation op,
                          const bittrue::FixedType& result, bool second_input = false);
// Every value is a word of the network's input type.
bittrue::InputBatch random_batch(const bittrue::Graph& graph, std::size_t images, std::uint64_t seed);
bittrue::InputBatch first_images(const bittrue::InputBatch& batch, std::size_t images);
std::int64_t macs_per_image(const bittrue::Graph& graph);

// Empty when both engines give the same words and events for the batch, otherwise the first layer that differs.
std::string difference(const bittrue::Graph& graph, const bittrue::InputBatch& batch);

// Checks the first images against golden, then times whole runs. Counters: images/s, and MAC/s where there are any.
void time_engine(benchmark::State& state, Which which, const bittrue::Graph& graph, const bittrue::InputBatch& batch,
                 std::size_t checked_images, int threads);

// Skips the benchmark with a message and makes the program end with status 1.
void fail(benchmark::State& state, const std::string& message);
bool any_failed();

// Each file adds its benchmarks.
void register_quantize();
void register_mac();
void register_layers();
void register_linear();
void register_networks();
void register_vectors();
void register_dumps();
void register_peers();
void register_io();
void register_sweeps();
void register_startup();
void register_training();

}  // namespace bench
