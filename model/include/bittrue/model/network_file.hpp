// The network file: TOML that names a weights file and gives every layer its formats (docs/network_file.md).
#pragma once

#include <string>
#include <vector>

#include "bittrue/model/float_model.hpp"
#include "bittrue/model/graph.hpp"

namespace bittrue {

// Reads the file and the weights it names (relative to its folder; to the working folder when the file is a pipe) and
// returns a validated graph. Errors carry "file:line"; an unknown key is an error that names the nearest known one.
[[nodiscard]] Graph load_network(const std::string& path);

// The same from text; `path` stands in messages and its folder is where weights are looked for.
[[nodiscard]] Graph parse_network(const std::string& text, const std::string& path);

// Choices of `bittrue init`. Types are written in any notation of notation.hpp; an empty one takes `type`.
struct InitOptions {
    std::string type = "ap_fixed<16,6>";
    std::string weight{};
    std::string bias{};
    std::string accumulator{};
    std::string result{};
    std::string input{};
    std::string product = "accumulator";  // "exact", "accumulator" or a type
    double divide = 255;                  // stored pixel to value
    bool float32 = true;
    std::string weights_file{};  // as the network file shall name it; empty: the model's path
};

// A complete, commented network file for a model with layers: every layer with all its formats written out.
// load_network of the result gives the same layers. A softmax whose input is too wide for tables of 1024 entries gets
// narrower indices than hls4ml's (docs/network_file.md). InputError when the model has arrays only (lists them), or
// divide is not a positive number.
[[nodiscard]] std::string print_network(const FloatModel& model, const InitOptions& options);

// The path of a weights file as a network file should name it: relative to the network file's folder, whose symbolic
// links are resolved; `weights` itself where there is no such path.
[[nodiscard]] std::string weights_path_for(const std::string& weights, const std::string& network_file);

}  // namespace bittrue
