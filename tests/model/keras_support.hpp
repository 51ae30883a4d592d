// Keras configurations for tests, put together from layers.
#pragma once

#include <string>
#include <vector>

#include "bittrue/model/keras.hpp"
#include "model/files.hpp"
#include "model/hdf5_writer.hpp"

namespace bittrue::test {

inline std::string layer(const std::string& kind, const std::string& name, const std::string& fields = "") {
    return R"({"class_name": ")" + kind + R"(", "config": {"name": ")" + name + "\"" +
           (fields.empty() ? "" : ", " + fields) + "}}";
}

inline std::string joined(const std::vector<std::string>& parts) {
    std::string all;
    for (const std::string& p : parts) all += (all.empty() ? "" : ", ") + p;
    return all;
}

inline std::string input(const std::string& shape) {
    return layer("InputLayer", "x", R"("batch_input_shape": )" + shape);
}

inline std::string sequential(const std::vector<std::string>& layers) {
    return R"({"class_name": "Sequential", "config": {"name": "net", "layers": [)" + joined(layers) + "]}}";
}

// A layer of a Functional model: `from` are the names of its inputs.
inline std::string node(const std::string& kind, const std::string& name, const std::vector<std::string>& from,
                        const std::string& fields = "") {
    std::string text = layer(kind, name, fields);
    text.pop_back();
    std::vector<std::string> links;
    for (const std::string& f : from) links.push_back("[\"" + f + "\", 0, 0, {}]");
    return text + R"(, "name": ")" + name + R"(", "inbound_nodes": )" +
           (from.empty() ? "[]" : "[[" + joined(links) + "]]") + "}";
}

inline std::string functional(const std::vector<std::string>& layers, const std::string& in, const std::string& out) {
    return R"({"class_name": "Functional", "config": {"name": "net", "layers": [)" + joined(layers) +
           R"(], "input_layers": [[")" + in + R"(", 0, 0]], "output_layers": [[")" + out + R"(", 0, 0]]}})";
}

inline std::vector<double> ramp(std::size_t n, double step = 0.25) {
    std::vector<double> v;
    for (std::size_t i = 0; i < n; ++i) v.push_back(step * static_cast<double>(i + 1));
    return v;
}

inline KerasWeights dense_weights(const std::string& name, std::uint64_t in, std::uint64_t out) {
    return {name, {{name + "/kernel:0", {in, out}, ramp(in * out)}, {name + "/bias:0", {out}, ramp(out)}}};
}
inline KerasWeights conv_weights(const std::string& name, std::uint64_t size, std::uint64_t in, std::uint64_t out) {
    return {name,
            {{name + "/kernel:0", {size, size, in, out}, ramp(size * size * in * out)},
             {name + "/bias:0", {out}, ramp(out)}}};
}

inline FloatModel import_with(const std::string& config, const std::vector<KerasWeights>& weights,
                              const KerasStyle& style = {}) {
    const TemporaryFolder folder;
    write_keras(folder.file("m.h5"), config, weights, style);
    return import_keras(folder.file("m.h5"));
}

inline std::string refusal(const std::string& config, const std::vector<KerasWeights>& weights = {}) {
    const TemporaryFolder folder;
    write_keras(folder.file("m.h5"), config, weights);
    return error_of([&] { static_cast<void>(import_keras(folder.file("m.h5"))); });
}

inline const FloatLayer& find(const FloatModel& model, const std::string& name) {
    for (const FloatLayer& l : model.layers) {
        if (l.name == name) return l;
    }
    FAIL("no layer " << name);
    throw std::logic_error("unreachable");
}

}  // namespace bittrue::test
