// A network: one input, nodes in any order, every tensor named after the node that makes it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bittrue/model/ops.hpp"
#include "bittrue/model/training_settings.hpp"

namespace bittrue {

// Both ends included.
struct ValueRange {
    double low = 0, high = 0;
    friend bool operator==(const ValueRange&, const ValueRange&) = default;
};

// How stored pixels become input values (rule I1): value = pixel / divide, in single precision or exactly.
struct InputSpec {
    std::string name = "input";
    Shape shape{};
    FixedType type{};
    double divide = 1;
    bool float32 = true;  // float32(pixel) / float32(divide), as Keras scripts do; false: in double precision
    std::optional<ValueRange> range{};  // declared: images with other values are refused (rule I3)
};

// Raws of the input's words, both ends included: those its type can give (rule O1), without those whose values lie
// outside the declared range (rule I3). low > high where there are none, which validate() refuses.
struct InputRaws {
    i128 low = 0, high = 0;
};
[[nodiscard]] InputRaws input_raws(const InputSpec& input);

struct Node {
    std::string name{};
    std::vector<std::string> inputs{};  // names of nodes or of the input
    Operation op{};
    FixedType result{};
    Shape shape{};  // of the result; filled by validate()
};

struct Graph {
    std::string name{};
    InputSpec input{};
    std::vector<Node> nodes{};  // after validate(): every node stands behind its inputs
    std::string output{};       // after validate(): the name of the tensor that nobody reads, or as given
    std::optional<TrainingSettings> training{};  // how it is trained; a run does not depend on it
};

// Checks everything that needs no arithmetic, sorts the nodes and fills shapes and `output`. Throws InputError with
// the node and the reason in words: unknown input, cycle, doubled name, shape or format out of range, window larger
// than its map, weights that do not fit, non-finite weights, invalid accumulator.
void validate(Graph& graph);

// What a node reads, as far as its checks need it.
struct NodeInput {
    const Shape& shape;
    const FixedType& type;
};
// The same checks of one node alone; the shape of its result. InputError with the node and the reason.
[[nodiscard]] Shape checked_shape(const Node& node, const std::vector<NodeInput>& inputs);

// Index of a tensor's node in graph.nodes, or -1 for the network's input. The name must exist.
[[nodiscard]] int node_index(const Graph& graph, const std::string& tensor);

[[nodiscard]] const Shape& shape_of(const Graph& graph, const std::string& tensor);
[[nodiscard]] const FixedType& type_of(const Graph& graph, const std::string& tensor);

struct Cost {
    std::int64_t macs = 0;         // multiply-accumulates per image
    std::int64_t parameters = 0;   // stored words
    std::int64_t weight_bits = 0;  // bits of those words
    std::int64_t result_bits = 0;  // bits of the result of one image
};
[[nodiscard]] Cost cost_of(const Node& node);

}  // namespace bittrue
