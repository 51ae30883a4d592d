// Unusable models: `init` and `quantize` exit with 2 and one sentence that names the file, the place in it and what to
// do, and leave nothing behind. Every file is made here.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <set>

#include <catch2/catch.hpp>
#include <onnx/onnx_pb.h>

#include "bad_files.hpp"
#include "model/keras_archive_writer.hpp"
#include "model/keras_support.hpp"
#include "model/onnx_support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

struct BadModel {
    std::string file{};
    std::string what{};
    std::string bytes{};
    std::vector<std::string> says{};
};

const std::string kQonnx = "qonnx.custom_op.general";

// x -> MatMul with the quantised "w" -> Add -> y.
std::string small_onnx(const std::function<void(OnnxWriter&)>& change = {}, int opset = 13) {
    OnnxWriter w(opset);
    w.input("x", {-1, 4}).output("y");
    w.constant("w", {4, 2}, test::ramp(std::int64_t{8})).constant("b", {2}, {1, 2});
    w.node({"MatMul", {"x", "w"}, {"m"}, {}, "fc"}).node({"Add", {"m", "b"}, {"y"}, {}, "plus"});
    if (change) change(w);
    return w.bytes();
}
std::string onnx_graph(const std::function<void(onnx::GraphProto&)>& change) {
    return small_onnx([&](OnnxWriter& w) { change(*w.proto().mutable_graph()); });
}
std::string one_node(const std::function<void(OnnxWriter&)>& fill, const Ints& dims = {-1, 4}) {
    return onnx_bytes(dims, fill);
}
std::string quant(double scale, double bits = 4) {
    return one_node([&](OnnxWriter& w) {
        w.constant("s", {}, {scale}).constant("z", {}, {0}).constant("n", {}, {bits});
        w.node({"Quant", {"x", "s", "z", "n"}, {"y"}, {{"signed", std::int64_t{1}}}, "q", kQonnx});
    });
}

std::string file_of(const std::function<void(const std::string&)>& write) {
    const TemporaryFolder folder;
    write(folder.file("m"));
    return read_file(folder.file("m"));
}
const std::string& dense_net(const std::string& kind = "Dense", const std::string& more = R"("units": 2)") {
    static std::string text;
    text = sequential({test::input("[null, 4]"), layer(kind, "fc", more)});
    return text;
}
std::string h5(const std::string& config, const std::vector<KerasWeights>& weights, const KerasStyle& style = {}) {
    return file_of([&](const std::string& path) { write_keras(path, config, weights, style); });
}
std::string keras(const std::vector<std::pair<std::string, std::string>>& entries, bool deflate = false) {
    return file_of([&](const std::string& path) { write_zip(path, entries, deflate); });
}
std::string keras3(const std::string& config) {
    return keras({{"metadata.json", R"({"keras_version": "3.1.1"})"},
                  {"config.json", config},
                  {"model.weights.h5", hdf5_bytes({{"layers/dense/vars/0", {4, 2}, ramp(std::size_t{8})},
                                                   {"layers/dense/vars/1", {2}, ramp(std::size_t{2})}})}});
}
std::string replaced_in(std::string bytes, const std::string& from, const std::string& to) {
    return test::replaced(std::move(bytes), from, to);
}

std::vector<BadModel> onnx_files() {
    const std::string good = small_onnx();
    const auto nan = std::numeric_limits<double>::quiet_NaN();
    return {
        {"a.onnx", "empty", "", {"export it again"}},
        {"b.onnx", "truncated protobuf", good.substr(0, good.size() - 3), {"damaged or cut off", "export it again"}},
        {"c.onnx", "text", "this is no model, but it has some length", {"damaged or cut off", "export it again"}},
        {"d.onnx",
         "huge dims",
         onnx_graph([](auto& g) { g.mutable_initializer(0)->set_dims(0, std::int64_t{1} << 40); }),
         {"initializer 'w'", "1099511627776x2"}},
        {"e.onnx",
         "dims whose product overflows",
         onnx_graph([](auto& g) {
             g.mutable_initializer(0)->set_dims(0, std::int64_t{1} << 32);
             g.mutable_initializer(0)->set_dims(1, std::int64_t{1} << 32);
         }),
         {"initializer 'w'", "impossible shape"}},
        {"f.onnx",
         "negative dims",
         onnx_graph([](auto& g) { g.mutable_initializer(0)->set_dims(0, -4); }),
         {"initializer 'w'", "-4x2"}},
        {"g.onnx",
         "a tensor shorter than its shape",
         onnx_graph([](auto& g) { g.mutable_initializer(0)->set_raw_data("abcd"); }),
         {"initializer 'w'", "has 4 bytes of data, its shape needs 32"}},
        {"h.onnx",
         "unknown operator",
         one_node([](OnnxWriter& w) {
             w.node({"Einsum", {"x"}, {"y"}, {}, "mystery"});
         }),
         {"node 'mystery' (Einsum)", "no layer", "supported are Add"}},
        {"i.onnx",
         "unknown domain",
         one_node([](OnnxWriter& w) {
             w.node({"Relu", {"x"}, {"y"}, {}, "r", "com.acme"});
         }),
         {"node 'r' (Relu)", "com.acme"}},
        {"j.onnx",
         "missing initializer",
         onnx_graph([](auto& g) { g.mutable_initializer()->DeleteSubrange(0, 1); }),
         {"node 'fc' (MatMul)", "'w'", "nothing in the file makes"}},
        {"k.onnx",
         "cycle",
         onnx_graph([](auto& g) { g.mutable_node(0)->set_input(0, "y"); }),
         {"node 'plus' (Add)", "cycle"}},
        {"l.onnx",
         "duplicate outputs",
         onnx_graph([](auto& g) { g.mutable_node(0)->set_output(0, "y"); }),
         {"node 'plus' (Add)", "makes the tensor 'y', which is there already"}},
        {"m.onnx",
         "a NaN among weights",
         small_onnx([&](OnnxWriter& w) {
             w.constant("v", {2}, {1, nan}).node({"Relu", {"v"}, {"u"}});
         }),
         {"initializer 'v'", "nan", "[1]"}},
        {"n.onnx",
         "infinite scale",
         quant(std::numeric_limits<double>::infinity()),
         {"node 'q' (Quant)", "scale inf", "positive"}},
        {"o.onnx", "NaN scale", quant(nan), {"node 'q' (Quant)", "scale nan", "positive"}},
        {"p.onnx", "zero scale", quant(0), {"node 'q' (Quant)", "scale", "0"}},
        {"q.onnx", "negative scale", quant(-0.5), {"node 'q' (Quant)", "scale", "-0.5"}},
        {"r.onnx", "no bits", quant(0.5, 0), {"node 'q' (Quant)", "bit width 0"}},
        {"s.onnx",
         "external data",
         onnx_graph([](auto& g) {
             g.mutable_initializer(0)->set_data_location(onnx::TensorProto::EXTERNAL);
             auto* entry = g.mutable_initializer(0)->add_external_data();
             entry->set_key("location"), entry->set_value("../../etc/passwd");
         }),
         {"initializer 'w'", "file of its own", "save the model in one file"}},
        {"t.onnx",
         "opset 0",
         small_onnx([](OnnxWriter& w) { w.proto().mutable_opset_import(0)->set_version(0); }),
         {"opset 0"}},
        {"u.onnx",
         "an opset of the far future",
         small_onnx([](OnnxWriter& w) { w.proto().mutable_opset_import(0)->set_version(std::int64_t{1} << 40); }),
         {"opset 1099511627776"}},
        {"v.onnx",
         "strings as weights",
         onnx_graph([](auto& g) { g.mutable_initializer(0)->set_data_type(8); }),
         {"node 'fc' (MatMul)", "reads 'w'"}},
        {"w.onnx",
         "weights of the wrong shape",
         onnx_graph(
             [](auto& g) { g.mutable_initializer(0)->set_dims(0, 2), g.mutable_initializer(0)->set_dims(1, 4); }),
         {"node 'fc' (MatMul)"}},
        {"x.onnx",
         "an input without a shape",
         onnx_graph([](auto& g) { g.mutable_input(0)->mutable_type()->mutable_tensor_type()->clear_shape(); }),
         {"input 'x'", "fixed shapes"}},
        {"y.onnx",
         "two inputs",
         onnx_graph([](auto& g) { *g.add_input() = g.input(0), g.mutable_input(1)->set_name("z"); }),
         {"2 inputs"}},
        {"z.onnx",
         "no graph",
         small_onnx([](OnnxWriter& w) { w.proto().clear_graph(); }),
         {"without a graph", "export it again"}},
    };
}

std::vector<BadModel> keras_files() {
    const std::string good = h5(dense_net(), {dense_weights("fc", 4, 2)});
    const std::string whole = keras3(dense_net());
    KerasStyle bare;
    bare.whole = false;
    return {
        {"a.h5", "HDF5 truncated", good.substr(0, good.size() / 2), {"HDF5"}},
        {"b.h5", "wrong magic", "\x89HDG\r\n\x1a\n" + good.substr(8), {"is not a weights file"}},
        {"c.h5", "only a signature", good.substr(0, 8), {"HDF5"}},
        {"d.h5",
         "wrong layer class",
         h5(dense_net("Denise"), {dense_weights("fc", 4, 2)}),
         {"'fc'", "Denise", "supported"}},
        {"e.h5", "weight shape mismatch", h5(dense_net(), {dense_weights("fc", 3, 2)}), {"fc", "3x2"}},
        {"f.h5", "weights missing", h5(dense_net(), {}), {"fc"}},
        {"g.h5",
         "configuration that is no JSON",
         replaced_in(h5(dense_net() + std::string(64, ' '), {dense_weights("fc", 4, 2)}), R"({"class_name": "Seq)",
                     R"({"class_name"" "Seq)"),
         {"JSON"}},
        {"h.h5",
         "a NaN among weights",
         h5(dense_net(),
            {{"fc", {{"fc/kernel:0", {4, 2}, {1, 2, 3, 4, 5, 6, std::nan(""), 8}}, {"fc/bias:0", {2}, {1, 2}}}}}),
         {"fc/kernel:0", "nan"}},
        {"i.h5",
         "units that are negative",
         h5(dense_net("Dense", R"("units": -2)"), {dense_weights("fc", 4, 2)}),
         {"fc"}},
        {"j.h5",
         "an activation that nobody knows",
         h5(dense_net("Dense", R"("units": 2, "activation": "swoosh")"), {dense_weights("fc", 4, 2)}),
         {"fc", "swoosh"}},
        {"a.weights.h5",
         "weights only, and nothing that says what of",
         h5(dense_net(), {dense_weights("fc", 4, 2)}, bare),
         {"JSON configuration"}},
        {"a.keras", "truncated zip", whole.substr(0, whole.size() / 2), {"zip"}},
        {"b.keras", "no config.json", keras({{"metadata.json", "{}"}, {"model.weights.h5", "x"}}), {"config.json"}},
        {"c.keras",
         "config.json that is no JSON",
         keras3(R"({"class_name": "Sequential", )"),
         {"JSON", "save the model again"}},
        {"d.keras", "config.json of something else", keras3(R"([1, 2, 3])"), {"configuration", "class_name"}},
        {"e.keras", "deeply nested JSON", keras3(std::string(100000, '[')), {"configuration", "levels deep"}},
        {"f.keras",
         "path traversal instead of weights",
         keras({{"config.json", dense_net()}, {"../../model.weights.h5", "x"}}),
         {"model.weights.h5"}},
        {"g.keras",
         "a zip bomb",
         keras({{"metadata.json", "{}"}, {"config.json", std::string(300U << 20U, ' ')}}, true),
         {"config.json"}},
        {"h.keras",
         "weights that are no HDF5",
         keras({{"metadata.json", "{}"}, {"config.json", dense_net()}, {"model.weights.h5", std::string(600, 'x')}}),
         {"model.weights.h5"}},
        {"i.keras", "wrong layer class", keras3(dense_net("Denise")), {"'fc'", "Denise"}},
        {"j.keras", "not a zip", "PK\x03\x04" + std::string(200, 'x'), {"zip"}},
    };
}

class Asked : public Scratch {
public:
    Asked() { spill(file("images.npy"), npy("<f4", "(2, 4)", std::string(32, '\0'))); }

    void refuses(const BadModel& bad) const {
        spill(file(bad.file), bad.bytes);
        const auto before = listing();
        for (const std::vector<std::string>& arguments :
             {std::vector<std::string>{"init", bad.file, "-o", "net.toml"},
              std::vector<std::string>{"init", bad.file, "--exact", "-o", "net.toml"},
              std::vector<std::string>{"quantize", bad.file, "--data", "images.npy", "-o", "net.toml"}}) {
            const Outcome r = bittrue_in(path(), arguments);
            CAPTURE(bad.file, bad.what, arguments, r.status, r.out, r.err);
            CHECK(r.status == 2);
            CHECK(r.out.empty());
            CHECK(std::count(r.err.begin(), r.err.end(), '\n') == 1);
            CHECK_THAT(r.err, Catch::StartsWith("bittrue: " + bad.file));
            for (const std::string& word : bad.says) CHECK_THAT(r.err, Catch::Contains(word));
            CHECK(listing() == before);
        }
    }
};

}  // namespace

TEST_CASE("bad models: the undamaged ones are imported by every command") {
    const Asked a;
    for (const auto& [name, bytes] :
         std::vector<std::pair<std::string, std::string>>{{"good.onnx", small_onnx()},
                                                          {"good.h5", h5(dense_net(), {dense_weights("fc", 4, 2)})},
                                                          {"good.keras", keras3(dense_net())}}) {
        spill(a.file(name), bytes);
        for (const std::vector<std::string>& arguments :
             {std::vector<std::string>{"init", name, "-o", "net.toml", "--force"},
              std::vector<std::string>{"init", name, "--exact", "-o", "net.toml", "--force"},
              std::vector<std::string>{"quantize", name, "--data", "images.npy", "-o", "net.toml", "--force"}}) {
            const Outcome r = bittrue_in(a.path(), arguments);
            CAPTURE(arguments, r.err);
            CHECK(r.status == 0);
        }
    }
}

TEST_CASE("bad models: more than twenty malformed ONNX files give one clear sentence each") {
    const Asked a;
    const std::vector<BadModel> files = onnx_files();
    CHECK(files.size() >= 20);
    for (const BadModel& bad : files) a.refuses(bad);
}

TEST_CASE("bad models: twenty malformed Keras files give one clear sentence each") {
    const Asked a;
    const std::vector<BadModel> files = keras_files();
    CHECK(files.size() >= 20);
    for (const BadModel& bad : files) a.refuses(bad);
}
