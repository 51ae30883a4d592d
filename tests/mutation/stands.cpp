// The networks of the suite: both seeds as they are, with accumulators so narrow that everything about them shows, and
// with layers for what the seeds do not have (padding, stride, averages, integer requantisers, tables, other dialects).
#include <map>
#include <mutex>

#include "bittrue/model/network_file.hpp"
#include "bittrue/model/notation.hpp"
#include "bittrue/model/tables.hpp"
#include "fault.hpp"

namespace bittrue::mutation {

namespace {

constexpr std::size_t kDigits = 24;

Graph seed_cnn() {
    return load_network(BITTRUE_SOURCE_DIR "/examples/mnist-cnn/mnist_cnn_8bit.toml");
}
Graph lenet() {
    return load_network(BITTRUE_SOURCE_DIR "/examples/lenet5-wage/lenet5_wage.toml");
}

Node& node(Graph& graph, const std::string& name) {
    return graph.nodes[static_cast<std::size_t>(node_index(graph, name))];
}
void sums(Graph& graph, const std::string& name, const std::string& type, bool cast_products,
          const std::string& result = "") {
    AccumulatorSpec& spec = accumulator(node(graph, name));
    spec.type = parse_type(type);
    if (cast_products) spec.product = spec.type;
    node(graph, name).result = result.empty() ? spec.type : parse_type(result);
}
void result(Graph& graph, const std::string& name, const std::string& type) {
    node(graph, name).result = parse_type(type);
}
// Behind `before`, which then feeds nobody else.
void insert(Graph& graph, const std::string& before, Node added) {
    for (Node& n : graph.nodes)
        if (n.inputs.front() == before) n.inputs.front() = added.name;
    added.inputs = {before};
    graph.nodes.push_back(std::move(added));
}

Graph cnn_saturating() {
    Graph g = seed_cnn();
    sums(g, "conv2d", "ap_fixed<8,2,AP_RND_CONV,AP_SAT>", true, "ap_fixed<7,2,AP_RND_CONV,AP_SAT>");
    result(g, "conv2d_relu", "ap_fixed<6,1,AP_RND_CONV,AP_SAT>");
    result(g, "max_pooling2d", "ap_fixed<6,1,AP_RND_CONV,AP_SAT>");
    result(g, "flatten", "ap_fixed<6,1,AP_RND_CONV,AP_SAT>");
    sums(g, "dense", "ap_fixed<8,2,AP_TRN,AP_SAT>", true, "ap_fixed<6,1,AP_RND_CONV,AP_SAT>");
    result(g, "dense_relu", "ap_fixed<5,0,AP_RND_CONV,AP_SAT>");
    weights(node(g, "dense_1")).type = parse_type("ap_fixed<7,-1,AP_RND_CONV,AP_SAT>");
    sums(g, "dense_1", "ap_fixed<8,1,AP_TRN,AP_SAT>", true, "ap_fixed<6,1,AP_RND_CONV,AP_SAT>");
    return g;
}

Graph cnn_wrapping() {
    Graph g = seed_cnn();
    sums(g, "conv2d", "ap_fixed<9,2,AP_RND,AP_WRAP>", true, "ap_fixed<7,1,AP_RND_CONV,AP_SAT>");
    result(g, "conv2d_relu", "ap_ufixed<6,0,AP_RND,AP_WRAP>");
    result(g, "max_pooling2d", "ap_ufixed<6,0,AP_RND,AP_WRAP>");
    result(g, "flatten", "ap_ufixed<6,0,AP_RND,AP_WRAP>");
    sums(g, "dense", "ap_fixed<10,3,AP_RND_ZERO,AP_WRAP>", true, "ap_fixed<7,2,AP_TRN,AP_SAT>");
    weights(node(g, "dense")).type = parse_type("ap_fixed<7,-1,AP_RND_CONV,AP_SAT>");
    bias(node(g, "dense"))->type = parse_type("ap_fixed<6,-3,AP_RND_CONV,AP_SAT>");
    result(g, "dense_relu", "ap_ufixed<6,1,AP_TRN,AP_WRAP>");
    sums(g, "dense_1", "ap_fixed<10,4,AP_RND_CONV,AP_WRAP>", true, "ap_fixed<7,3,AP_RND,AP_SAT>");
    return g;
}

Graph lenet_saturating() {
    Graph g = lenet();
    sums(g, "qconv2d", "ap_fixed<4,1,AP_TRN,AP_SAT>", false);
    result(g, "maxpool", "ap_fixed<4,1,AP_TRN,AP_SAT>");
    result(g, "qactivation", "ap_fixed<2,1,AP_RND_CONV,AP_SAT_SYM>");
    sums(g, "qconv2d_1", "ap_fixed<5,1,AP_TRN,AP_SAT>", false);
    result(g, "maxpool_1", "ap_fixed<5,1,AP_TRN,AP_SAT>");
    result(g, "qactivation_1", "ap_fixed<2,1,AP_RND_CONV,AP_SAT_SYM>");
    result(g, "reshape", "ap_fixed<2,1,AP_RND_CONV,AP_SAT_SYM>");
    sums(g, "qfc", "ap_fixed<5,1,AP_TRN,AP_SAT>", false);
    sums(g, "qfc_1", "ap_fixed<5,1,AP_TRN,AP_SAT>", false);
    sums(g, "qfc_2", "ap_fixed<6,2,AP_TRN,AP_SAT>", false);
    return g;
}

Graph lenet_wrapping() {
    Graph g = lenet();
    sums(g, "qconv2d", "ap_fixed<4,1,AP_TRN,AP_WRAP>", false);
    result(g, "maxpool", "ap_fixed<4,1,AP_TRN,AP_WRAP>");
    sums(g, "qconv2d_1", "ap_fixed<5,2,AP_RND_INF,AP_WRAP>", true);
    result(g, "maxpool_1", "ap_fixed<5,2,AP_TRN,AP_WRAP>");
    sums(g, "qfc", "ap_fixed<5,1,AP_TRN,AP_WRAP>", false, "ap_fixed<5,1,AP_TRN,AP_SAT>");
    result(g, "qactivation_2", "ap_ufixed<1,0,AP_RND,AP_WRAP>");
    sums(g, "qfc_1", "ap_fixed<5,1,AP_TRN,AP_WRAP>", false);
    sums(g, "qfc_2", "ap_fixed<6,2,AP_TRN,AP_WRAP>", false);
    return g;
}

Graph cnn_padded() {
    Graph g = cnn_saturating();
    std::get<Conv2d>(node(g, "conv2d").op).padding = {.top = 1, .left = 1};
    accumulator(node(g, "conv2d")).product.reset();
    return g;
}

Graph lenet_padded() {
    Graph g = lenet_wrapping();
    std::get<Conv2d>(node(g, "qconv2d").op).padding = {.top = 1, .left = 1};
    return g;
}

Graph cnn_strided() {
    Graph g = seed_cnn();
    auto& conv = std::get<Conv2d>(node(g, "conv2d").op);
    conv.stride = conv.dilation = {2, 2};
    conv.padding = {.top = 1, .bottom = 1, .left = 1, .right = 1};
    for (const char* name : {"conv2d_relu", "max_pooling2d", "flatten"})
        result(g, name, "ap_ufixed<6,2,AP_RND_CONV,AP_SAT>");
    auto& pool = std::get<MaxPool>(node(g, "max_pooling2d").op);
    pool = {.pool = {3, 3}, .stride = {1, 1}, .padding = {.top = 1, .bottom = 1, .left = 1, .right = 1}};
    auto& softmax = std::get<Softmax>(node(g, "dense_1_softmax").op);  // whose differences reach further
    softmax.difference = parse_type("ap_ufixed<6,5,AP_TRN,AP_SAT>");
    softmax.exp_table = stable_exp_table(64, softmax.exp_table.entries.type, softmax.difference.format);
    return g;
}

Graph cnn_integer() {
    Graph g = seed_cnn();
    sums(g, "conv2d", "ap_fixed<19,5,AP_TRN,AP_SAT>", false);
    Requantize requantize{.multiplier = {.dims = {2}, .raw = {1310720011, 950829017}, .type = parse_type("ap_int<32>")},
                          .shift = {39, 39},
                          .zero_point = 3};
    insert(g, "conv2d",
           {.name = "requantize", .op = requantize, .result = parse_type("ap_fixed<8,3,AP_RND_INF,AP_SAT>")});
    LeakyRelu leaky{.alpha = {.dims = {1}, .real = {0.125}, .type = parse_type("ap_fixed<8,1>")}};
    node(g, "dense_relu") = {.name = "dense_relu",
                             .inputs = {"dense"},
                             .op = leaky,
                             .result = parse_type("ap_fixed<8,4,AP_RND_CONV,AP_SAT>")};
    return g;
}

Graph lenet_integer() {
    Graph g = lenet();
    Requantize requantize{.multiplier = {.dims = {1}, .raw = {1518500250}, .type = parse_type("ap_int<32>")},
                          .shift = {32},
                          .rule = RequantizeRule::TfliteDouble,
                          .zero_point = -1};
    insert(g, "qfc", {.name = "requantize", .op = requantize, .result = parse_type("ap_fixed<6,3,AP_RND,AP_SAT>")});
    node(g, "qactivation_3").op = ClippedRelu{.max = 0.5};
    result(g, "qactivation_3", "ap_ufixed<3,0>");
    return g;
}

Graph cnn_averaging() {
    Graph g = seed_cnn();
    result(g, "conv2d_relu", "ap_fixed<8,3,AP_RND_CONV,AP_SAT>");
    node(g, "max_pooling2d") = {.name = "average_pooling2d",
                                .inputs = {"conv2d_relu"},
                                .op = AveragePool{.accumulator = parse_type("ap_fixed<10,5>")},
                                .result = parse_type("ap_fixed<8,3,AP_RND_CONV,AP_SAT>")};
    node(g, "flatten").inputs = {"average_pooling2d"};
    result(g, "flatten", "ap_fixed<8,3,AP_RND_CONV,AP_SAT>");
    return g;
}

Graph lenet_averaging() {
    Graph g = lenet();
    node(g, "maxpool").op = AveragePool{.accumulator = parse_type("ap_fixed<8,5,AP_TRN,AP_WRAP>")};
    return g;
}

Graph lenet_tables() {
    Graph g = lenet();
    const FixedType entry = parse_type("ap_ufixed<8,0,AP_RND,AP_SAT>");
    node(g, "qsoftmax").op = Lookup{.table = sigmoid_table(64, entry)};
    result(g, "qsoftmax", "ap_ufixed<8,0,AP_RND,AP_SAT>");
    const FixedType tanh = parse_type("ap_fixed<6,1,AP_RND,AP_SAT>");
    node(g, "qactivation_3").op = Lookup{.table = tanh_table(32, tanh), .index = TableIndex::Scaled, .span = 8};
    result(g, "qactivation_3", "ap_fixed<4,1,AP_RND,AP_SAT>");
    return g;
}

Graph cnn_dialect() {
    Graph g = seed_cnn();
    result(g, "conv2d", "ap_fixed<5,1,AP_RND,AP_WRAP_SM>");
    result(g, "dense", "ap_ufixed<6,3,AP_RND,AP_WRAP,1>");
    return g;
}

Graph lenet_dialect() {
    Graph g = lenet();
    result(g, "qconv2d_1", "ap_fixed<3,1,AP_RND,AP_WRAP_SM>");
    result(g, "maxpool_1", "ap_fixed<3,1>");
    result(g, "qfc", "ap_ufixed<4,1,AP_TRN,AP_WRAP,1>");
    return g;
}

struct Entry {
    const char* name;
    const char* accumulator;
    Graph (*make)();
};
constexpr Entry kEntries[] = {
    {"cnn", "wide, saturating", seed_cnn},
    {"cnn-sat", "narrow, saturating", cnn_saturating},
    {"cnn-wrap", "narrow, wrapping", cnn_wrapping},
    {"cnn-pad", "narrow, saturating", cnn_padded},
    {"cnn-stride", "wide, saturating", cnn_strided},
    {"cnn-integer", "wide, saturating", cnn_integer},
    {"cnn-average", "wide, saturating", cnn_averaging},
    {"cnn-dialect", "wide, saturating", cnn_dialect},
    {"lenet", "wide, wrapping", lenet},
    {"lenet-sat", "narrow, saturating", lenet_saturating},
    {"lenet-wrap", "narrow, wrapping", lenet_wrapping},
    {"lenet-pad", "narrow, wrapping", lenet_padded},
    {"lenet-integer", "wide, wrapping", lenet_integer},
    {"lenet-average", "wide, wrapping", lenet_averaging},
    {"lenet-tables", "wide, wrapping", lenet_tables},
    {"lenet-dialect", "wide, wrapping", lenet_dialect},
};

}  // namespace

const std::vector<std::string>& stand_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const Entry& e : kEntries) all.emplace_back(e.name);
        return all;
    }();
    return names;
}

const Stand& stand_of(const std::string& name) {
    static std::mutex mutex;
    static std::map<std::string, Stand> made;
    const std::scoped_lock lock(mutex);
    const auto known = made.find(name);
    if (known != made.end()) return known->second;
    for (const Entry& e : kEntries)
        if (name == e.name) return made.emplace(name, make_stand(name, e.accumulator, e.make(), kDigits)).first->second;
    throw std::logic_error("no network " + name);
}

}  // namespace bittrue::mutation
