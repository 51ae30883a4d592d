// Unusable ONNX files: one clear sentence each, that names file, node, operator and what to do.
#include <cmath>

#include <onnx/onnx_pb.h>

#include "model/onnx_support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

// A relu from x to y, changed before it is written.
std::string changed(const std::function<void(onnx::ModelProto&)>& change) {
    OnnxWriter w(13);
    w.input("x", {-1, 4}).output("y").node({"Relu", {"x"}, {"y"}, {}, "r"});
    change(w.proto());
    return refusal_of(w.bytes());
}

onnx::TensorProto& initializer(onnx::ModelProto& m, int type, const Ints& dims) {
    auto* t = m.mutable_graph()->add_initializer();
    t->set_name("c");
    t->set_data_type(type);
    for (const std::int64_t d : dims) t->add_dims(d);
    return *t;
}

std::string of_node(const Ints& dims, const OnnxNode& node, const std::function<void(OnnxWriter&)>& more = {},
                    int opset = 13) {
    return refusal(
        dims,
        [&](OnnxWriter& w) {
            if (more) more(w);
            w.node(node);
        },
        opset);
}

}  // namespace

TEST_CASE("ONNX: files that are none") {
    OnnxWriter w(13);
    w.input("x", {-1, 4}).output("y").node({"Relu", {"x"}, {"y"}}).constant("c", {100}, ramp(100));
    const std::string bytes = w.bytes();
    CHECK(refusal_of("") == "m.onnx: is an ONNX model without a graph; export it again");
    CHECK(refusal_of("plain text") == "m.onnx: is no ONNX model, or one that is damaged or cut off; export it again");
    for (const std::size_t cut : {bytes.size() - 1, bytes.size() / 2, std::size_t{20}})
        CHECK(refusal_of(bytes.substr(0, cut)) ==
              "m.onnx: is no ONNX model, or one that is damaged or cut off; export it again");
    // By content whatever it is called, and by its name where the content says nothing.
    const TemporaryFolder folder;
    CHECK(import_model(folder.write("model", bytes)).layers.size() == 1);
    CHECK_THAT(error_of([&] { static_cast<void>(import_model(folder.write("cut", bytes.substr(0, 60)))); }),
               Catch::Contains("is no ONNX model"));
    CHECK_THAT(error_of([&] { static_cast<void>(import_model(folder.write("a.onnx", "text"))); }),
               Catch::Contains("is no ONNX model"));
    CHECK_THAT(error_of([&] { static_cast<void>(import_model(folder.write("a.toml", "[network]\nname = \"a\"\n"))); }),
               Catch::Contains("is not a weights file"));
}

TEST_CASE("ONNX: graphs that are none") {
    CHECK(changed([](onnx::ModelProto& m) { m.clear_graph(); }) ==
          "m.onnx: is an ONNX model without a graph; export it again");
    CHECK(changed([](onnx::ModelProto& m) { m.mutable_graph()->clear_input(); }) ==
          "m.onnx: the model has 0 inputs; one is supported, so export it with a single one");
    CHECK(changed([](onnx::ModelProto& m) {
              *m.mutable_graph()->add_input() = m.graph().input(0), m.mutable_graph()->mutable_input(1)->set_name("z");
          }) == "m.onnx: the model has 2 inputs; one is supported, so export it with a single one");
    CHECK_THAT(changed([](onnx::ModelProto& m) { m.mutable_graph()->add_output()->set_name("x"); }),
               Catch::Contains("the model has 2 outputs"));
    CHECK(changed([](onnx::ModelProto& m) { m.mutable_graph()->mutable_output(0)->set_name("z"); }) ==
          "m.onnx: nothing in the file makes the output 'z'");
    CHECK(changed([](onnx::ModelProto& m) { m.mutable_graph()->mutable_output(0)->set_name("x"); }) ==
          "m.onnx: the model has no layer that computes anything");
    CHECK(
        changed([](onnx::ModelProto& m) { m.mutable_graph()->mutable_node(0)->set_input(0, "z"); }) ==
        "m.onnx: node 'r' (Relu): reads 'z', which nothing in the file makes; export the model again with its weights");
    CHECK(changed([](onnx::ModelProto& m) { m.mutable_graph()->mutable_node(0)->set_input(0, ""); }) ==
          "m.onnx: node 'r' (Relu): lacks its input 1");
    CHECK(changed([](onnx::ModelProto& m) { m.mutable_graph()->mutable_node(0)->set_input(0, "y"); }) ==
          "m.onnx: node 'r' (Relu): is part of a cycle: it needs its own result; export the model again");
    CHECK(changed([](onnx::ModelProto& m) { *m.mutable_graph()->add_node() = m.graph().node(0); }) ==
          "m.onnx: node 'r' (Relu): makes the tensor 'y', which is there already; give it a name of its own");
    CHECK(changed([](onnx::ModelProto& m) { m.mutable_opset_import(0)->set_version(0); }) ==
          "m.onnx: is of the impossible ONNX opset 0; export the model again");
    CHECK_THAT(changed([](onnx::ModelProto& m) { m.add_functions()->set_name("f"); }),
               Catch::Contains("defines functions of its own; inline them"));
}

TEST_CASE("ONNX: a long cycle and a long chain") {
    const auto chain = [](int n, const std::string& from) {
        return refusal({-1, 4}, [&](OnnxWriter& w) {
            for (int i = 0; i < n; ++i)
                w.node({"Relu",
                        {i == 0 ? from : "t" + std::to_string(i - 1)},
                        {i + 1 == n ? "y" : "t" + std::to_string(i)}});
        });
    };
    CHECK_THAT(chain(20000, "t19998"), Catch::Contains("is part of a cycle"));
    CHECK(chain(20000, "x").empty());
}

TEST_CASE("ONNX: inputs without a fixed shape") {
    const auto input = [](const Ints& dims) {
        return refusal(dims, [](OnnxWriter& w) { w.node({"Relu", {"x"}, {"y"}}); });
    };
    CHECK(input({-1, -1}) ==
          "m.onnx: input 'x': has an axis without a fixed length; export the model with fixed shapes");
    CHECK(input({-1, 0}) ==
          "m.onnx: input 'x': has an axis without a fixed length; export the model with fixed shapes");
    CHECK(input({1, 2, 3, 4, 5}) ==
          "m.onnx: input 'x': has 5 axes; one to three beside that of the images are supported");
    CHECK_THAT(input({1, 1 << 20, 1 << 20, 1 << 20}),
               Catch::Contains("must have positive axes and fewer than 2^31 elements"));
    CHECK(changed([](onnx::ModelProto& m) {
              m.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->clear_shape();
          }) == "m.onnx: input 'x': has no shape; export the model with fixed shapes");
    CHECK(changed([](onnx::ModelProto& m) {
              m.mutable_graph()->mutable_input(0)->mutable_type()->mutable_sequence_type();
          }) == "m.onnx: the input 'x' is no tensor");
    CHECK_THAT(changed([](onnx::ModelProto& m) {
                   m.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(8);
               }),
               Catch::Contains("is of the element type STRING"));
}

TEST_CASE("ONNX: tensors that cannot be read") {
    CHECK(changed([](onnx::ModelProto& m) { initializer(m, 1, {4}).set_raw_data("abc"); }) ==
          "m.onnx: initializer 'c': has 3 bytes of data, its shape needs 16");
    CHECK(changed([](onnx::ModelProto& m) { initializer(m, 1, {4}).add_float_data(1); }) ==
          "m.onnx: initializer 'c': has 1 numbers, its shape needs 4");
    CHECK(changed([](onnx::ModelProto& m) { initializer(m, 7, {-1}); }) ==
          "m.onnx: initializer 'c': has the impossible shape -1; the file is damaged, so export the model again");
    CHECK(changed([](onnx::ModelProto& m) {
              initializer(m, 1, {1 << 20, 1 << 20});
          }) ==
          "m.onnx: initializer 'c': has the impossible shape 1048576x1048576; the file is damaged, so export the model "
          "again");
    CHECK(changed([](onnx::ModelProto& m) { initializer(m, 1, {1 << 30}); }) ==
          "m.onnx: initializer 'c': has 0 numbers, its shape needs 1073741824");
    CHECK(changed([](onnx::ModelProto& m) { initializer(m, 1, Ints(17, 1)); }) ==
          "m.onnx: initializer 'c': has 17 axes; up to 16 are read");
    CHECK_THAT(changed([](onnx::ModelProto& m) { initializer(m, 14, {1}); }),
               Catch::Contains("is of the element type COMPLEX64"));
    CHECK_THAT(changed([](onnx::ModelProto& m) { initializer(m, 99, {1}); }),
               Catch::Contains("is of the element type number 99"));
    CHECK_THAT(
        changed([](onnx::ModelProto& m) { initializer(m, 1, {1}).set_data_location(onnx::TensorProto::EXTERNAL); }),
        Catch::Contains("initializer 'c': is stored in a file of its own; save the model in one file"));
    CHECK_THAT(changed([](onnx::ModelProto& m) { initializer(m, 1, {1}).mutable_segment()->set_begin(0); }),
               Catch::Contains("is stored in segments"));
    CHECK_THAT(changed([](onnx::ModelProto& m) { m.mutable_graph()->add_sparse_initializer(); }),
               Catch::Contains("holds sparse initializers"));
    CHECK_THAT(changed([](onnx::ModelProto& m) {
                   for (int i = 0; i < 2; ++i) initializer(m, 1, {1}).add_float_data(1);
               }),
               Catch::Contains("initializer 'c': is there twice"));
    CHECK_THAT(refusal({-1, 4},
                       [](OnnxWriter& w) {
                           w.constant("c", {2, 2}, {1, 2, 3, std::nan("")}).node({"Relu", {"x"}, {"y"}});
                       }),
               Catch::Contains("initializer 'c': holds nan at index [1,1]"));
}

TEST_CASE("ONNX: operators that bittrue has no layer for") {
    const std::string unknown = of_node({-1, 4}, {"Einsum", {"x"}, {"y"}, {}, "e"});
    CHECK_THAT(unknown,
               Catch::Contains(
                   "m.onnx: node 'e' (Einsum): is an operator for which bittrue has no layer; supported are Add, ") &&
                   Catch::Contains("Conv"));
    CHECK_THAT(
        of_node({-1, 4}, {"Relu", {"x"}, {"y"}, {}, "", "com.microsoft"}),
        Catch::Contains("node 1 (Relu): is an operator for which bittrue has no layer (domain 'com.microsoft')"));
    CHECK_THAT(
        refusal({-1, 4},
                [](OnnxWriter& w) {
                    w.node({"Softmax", {"c"}, {"d"}}).constant("c", {4}, ramp(4)).node({"Add", {"x", "d"}, {"y"}});
                }),
        Catch::Contains("node 1 (Softmax): computes with constants only; fold it with onnx-simplifier"));
    CHECK_THAT(refusal({-1, 4},
                       [](OnnxWriter& w) {
                           w.node({"RandomNormal", {}, {"d"}}).node({"Add", {"x", "d"}, {"y"}});
                       }),
               Catch::Contains(
                   "node 1 (RandomNormal): is an operator that bittrue cannot read; fold it with onnx-simplifier"));
}

TEST_CASE("ONNX: images that would be mixed") {
    CHECK_THAT(of_node({-1, 2, 3}, {"Transpose", {"x"}, {"y"}}),
               Catch::Contains("moves axis 0, which counts the images"));
    CHECK_THAT(of_node({4, 2, 3}, {"Reshape", {"x"}, {"y"}, {{"shape", Ints{2, 12}}}}, {}, 1),
               Catch::Contains("the first axis must stay that of the images"));
    CHECK_THAT(of_node({4, 2, 3}, {"Reshape", {"x"}, {"y"}, {{"shape", Ints{-1, 3}}}}, {}, 1),
               Catch::Contains("the first axis must stay that of the images"));
    CHECK_THAT(of_node({4, 2, 3}, {"Flatten", {"x"}, {"y"}, {{"axis", std::int64_t{2}}}}),
               Catch::Contains("mixes images or splits one"));
    CHECK_THAT(of_node({-1, 3}, {"Softmax", {"x"}, {"y"}, {{"axis", std::int64_t{0}}}}),
               Catch::Contains("works along axis 0, which counts the images"));
    CHECK_THAT(of_node({4, 3}, {"Add", {"x", "c"}, {"y"}},
                       [](OnnxWriter& w) {
                           w.constant("c", {4, 1}, ramp(4));
                       }),
               Catch::Contains("differs from image to image"));
    CHECK_THAT(of_node({-1, 3}, {"Gemm", {"x", "c"}, {"y"}, {{"transA", std::int64_t{1}}}},
                       [](OnnxWriter& w) {
                           w.constant("c", {3, 1}, ramp(3));
                       }),
               Catch::Contains("transposes its input (transA), which mixes images"));
}

TEST_CASE("ONNX: weights and attributes that do not fit") {
    const auto conv = [](const Ints& weights, const std::vector<OnnxAttribute>& attributes = {}) {
        return of_node({-1, 2, 5, 5}, {"Conv", {"x", "w"}, {"y"}, attributes}, [&](OnnxWriter& w) {
            w.constant("w", weights, Reals(static_cast<std::size_t>(element_count(weights)), 0.5));
        });
    };
    CHECK_THAT(conv({1, 3, 2, 2}),
               Catch::Contains("the weights are for 3 channels per group, the input has 2 channels"));
    CHECK_THAT(conv({1, 2, 2}), Catch::Contains("has weights of 3 axes, an input with 2 axes of positions needs 4"));
    CHECK_THAT(conv({1, 2, 6, 6}), Catch::Contains("its window spans 6 but the padded input has only 5"));
    CHECK_THAT(conv({1, 2, 2, 2}, {{"kernel_shape", Ints{3, 3}}}),
               Catch::Contains("has the kernel_shape 3x3, its weights have 2x2"));
    CHECK_THAT(conv({1, 2, 2, 2}, {{"strides", Ints{0, 1}}}),
               Catch::Contains("has 0 in 'strides'; 1 or more is possible"));
    CHECK_THAT(conv({1, 2, 2, 2}, {{"pads", Ints{1}}}), Catch::Contains("has 1 numbers in 'pads'"));
    CHECK_THAT(conv({1, 2, 2, 2}, {{"pads", Ints{-1, 0, 0, 0}}}), Catch::Contains("has negative pads"));
    CHECK_THAT(conv({1, 2, 2, 2}, {{"pads", std::int64_t{1}}}),
               Catch::Contains("has an attribute 'pads' that is not a list of integers"));
    CHECK_THAT(conv({1, 2, 2, 2}, {{"dilations", Ints{1, 1099511627776}}}),
               Catch::Contains("has 1099511627776 in 'dilations', which is out of range"));
    CHECK_THAT(conv({1, 2, 2, 2}, {{"auto_pad", std::string("BOTH")}}), Catch::Contains("has the auto_pad 'BOTH'"));
    CHECK_THAT(of_node({-1, 2}, {"Conv", {"x", "w"}, {"y"}},
                       [](OnnxWriter& w) {
                           w.constant("w", {1, 2, 1}, ramp(2));
                       }),
               Catch::Contains("its input is a vector"));
    CHECK_THAT(of_node({-1, 2}, {"MatMul", {"x", "x"}, {"y"}}),
               Catch::Contains("needs a constant as input 2 ('x'), but that depends on the image"));
    CHECK_THAT(of_node({-1, 2}, {"MatMul", {"x", "w"}, {"y"}},
                       [](OnnxWriter& w) {
                           w.constant("w", {3, 2}, ramp(6));
                       }),
               Catch::Contains("the weights have shape 3x2, an input of 2 needs 2xN"));
    CHECK_THAT(of_node({-1, 2}, {"Mul", {"x", "c"}, {"y"}}, [](OnnxWriter& w) { w.constant("c", {}, {HUGE_VAL}); }),
               Catch::Contains("has the constant inf in 'c'"));
    CHECK_THAT(of_node({-1, 2}, {"Div", {"x", "c"}, {"y"}},
                       [](OnnxWriter& w) {
                           w.constant("c", {2}, {1, 0});
                       }),
               Catch::Contains("divides by zero"));
    CHECK_THAT(of_node({-1, 2, 3, 3}, {"MaxPool", {"x"}, {"y"}}),
               Catch::Contains("lacks the attribute 'kernel_shape'"));
    CHECK_THAT(
        of_node({-1, 2, 3, 3}, {"Pad", {"x"}, {"y"}, {{"mode", std::string("reflect")}, {"pads", Ints(8, 1)}}}, {}, 2),
        Catch::Contains("pads by the mode 'reflect'"));
    CHECK_THAT(of_node({-1, 2}, {"Clip", {"x"}, {"y"}, {{"min", 2.0}, {"max", 1.0}}}, {}, 6),
               Catch::Contains("clips to 2 .. 1, which is no range"));
}

TEST_CASE("ONNX: quantisers that are none") {
    const auto quant = [](double scale, double bits, const char* mode = "ROUND") {
        return of_node(
            {-1, 2}, {"Quant", {"x", "s", "z", "b"}, {"y"}, {{"rounding_mode", std::string(mode)}}},
            [&](OnnxWriter& w) { w.constant("s", {}, {scale}).constant("z", {}, {0}).constant("b", {}, {bits}); });
    };
    CHECK_THAT(quant(0, 8), Catch::Contains("has the scale 0; scales are positive"));
    CHECK_THAT(quant(-1, 8), Catch::Contains("has the scale -1; scales are positive"));
    CHECK_THAT(quant(1, 2.5), Catch::Contains("has the bit width 2.5"));
    CHECK_THAT(quant(1, 77), Catch::Contains("has the bit width 77"));
    CHECK_THAT(quant(1, 8, "NEAREST"), Catch::Contains("has the rounding_mode 'NEAREST'"));
    CHECK_THAT(of_node({-1, 2}, {"QLinearMatMul", {"x", "s", "z", "w", "s", "z", "s", "z"}, {"y"}},
                       [](OnnxWriter& w) {
                           w.constant("s", {}, {1})
                               .constant("z", {}, {0}, OnnxType::Int8)
                               .constant("w", {2, 2}, {1, 2, 3, 4}, OnnxType::Int8);
                       }),
               Catch::Contains("needs integers as its input; put a QuantizeLinear in front"));
    CHECK_THAT(of_node({-1, 2}, {"MultiThreshold", {"x", "t"}, {"y"}},
                       [](OnnxWriter& w) {
                           w.constant("t", {1, 2}, {2, 1});
                       }),
               Catch::Contains("descend"));
}

TEST_CASE("ONNX: a small file cannot ask for much memory") {
    CHECK_THAT(refusal({-1, 4},
                       [](OnnxWriter& w) {
                           w.constant("s", {3}, {1024, 1024, 1024}, OnnxType::Int64)
                               .node({"ConstantOfShape", {"s"}, {"c"}})
                               .node({"Add", {"x", "c"}, {"y"}});
                       }),
               Catch::Contains("makes much more numbers of the file's constants than the file holds"));
    CHECK_THAT(
        refusal({-1, 4},
                [](OnnxWriter& w) {
                    w.constant("s", {2}, {1, 60000}, OnnxType::Int64).constant("t", {2}, {60000, 1}, OnnxType::Int64);
                    w.node({"ConstantOfShape", {"s"}, {"a"}})
                        .node({"ConstantOfShape", {"t"}, {"b"}})
                        .node({"Add", {"a", "b"}, {"c"}})
                        .node({"Add", {"x", "c"}, {"y"}});
                }),
        Catch::Contains("makes much more numbers of the file's constants than the file holds"));
    CHECK_THAT(refusal({-1, 1000},
                       [](OnnxWriter& w) {
                           w.constant("w", {1000, 1000}, Reals(1000000, 0.5));
                           for (int i = 0; i < 100; ++i)
                               w.node({"MatMul",
                                       {i == 0 ? "x" : "t" + std::to_string(i - 1), "w"},
                                       {i == 99 ? "y" : "t" + std::to_string(i)}});
                       }),
               Catch::Contains("makes much more numbers of the file's constants than the file holds"));
}
