// Every model in the shared folder of models of others: imported and run in float, or refused with the reason. The
// folder is walked, so that a model that is put there is tried, too; docs/imports.md holds what came out.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <set>

#include <fmt/format.h>

#include "bittrue/explore/float_engine.hpp"
#include "bittrue/model/npz.hpp"
#include "model/files.hpp"

namespace fs = std::filesystem;
using namespace bittrue;
using namespace bittrue::test;

namespace {

struct Reference {
    std::string file{};
    bool pixels = false;  // computed from integers / 255 in double, which the file holds as singles
};

// References that stand beside a twin of the model, or need a word more.
const std::map<std::string, Reference>& special_references() {
    static const std::map<std::string, Reference> table = {
        {"onnx_mnist_v1/model.onnx", {"qonnx_mnist_conv/mnist_conv.ref.npz"}},
        {"hls4ml_keras_3layer/KERAS_3layer_weights.h5", {"hls4ml_onnx/three_layer_keras.ref.npz"}},
        {"hls4ml_keras_conv1d/KERAS_conv1d_small_weights.h5", {"hls4ml_onnx/conv1d_small_keras.ref.npz"}},
        {"hls4ml_keras_conv2d/KERAS_conv2d_model_weights.h5", {"hls4ml_onnx/conv2d_small_keras.ref.npz"}},
        {"hls4ml_qkeras_3layer/qkeras_3layer_weights.h5", {"qonnx_jettagging/qkeras_jettagging.ref.npz"}},
        {"pinpacho_mnist/teacherModelMnistMLP.h5", {"pinpacho_mnist/teacherModelMnistMLP.ref.npz", true}},
        {"pinpacho_mnist/teacherModelQATMnistMLP.h5", {"pinpacho_mnist/teacherModelQATMnistMLP.ref.npz", true}}};
    return table;
}

std::vector<fs::path> files_of(const fs::path& folder, const std::string& end) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file() && entry.path().filename().string().ends_with(end)) found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
}

// The one that has the model's name, or the only one of its folder.
Reference reference_of(const fs::path& root, const fs::path& model) {
    const std::string name = fs::relative(model, root).string();
    if (const auto it = special_references().find(name); it != special_references().end()) return it->second;
    fs::path own = model;
    own.replace_extension(".ref.npz");
    if (fs::exists(own)) return {fs::relative(own, root).string()};
    const auto beside = files_of(model.parent_path(), ".ref.npz");
    std::size_t models = 0;
    for (const char* end : {".onnx", ".h5", ".keras"}) models += files_of(model.parent_path(), end).size();
    if (beside.size() == 1 && models == 1) return {fs::relative(beside[0], root).string()};
    return {};
}

// Weights of a family share the one configuration of their folder.
std::string config_of(const fs::path& model) {
    fs::path own = model;
    std::string stem = model.stem().string();
    if (stem.ends_with("_weights")) stem.resize(stem.size() - 8);
    own.replace_filename(stem + ".json");
    const auto all = files_of(model.parent_path(), ".json");
    return model.extension() != ".h5" || fs::exists(own) || all.size() != 1 ? "" : all[0].string();
}

std::vector<double> output_of(const FloatModel& model, const NpyArray& input, bool pixels) {
    InputBatch batch{.images = 0, .dims = model.input_shape.dims, .values = {}};
    for (std::size_t i = 0; i < input.count(); ++i)
        batch.values.push_back(pixels ? std::round(input.number(i) * 255) / 255 : input.number(i));
    batch.images = batch.values.size() / static_cast<std::size_t>(model.input_shape.count());
    const explore::FloatRun run = explore::run_float(model, batch);
    for (const explore::FloatLayerValues& l : run.layers)
        if (l.name == model.output) return l.values;
    FAIL("the output has no values");
    return {};
}

struct Tried {
    std::string name{};
    std::size_t layers = 0;
    std::string operations{};  // "dense 4, relu 3"
    std::string reference{};
    double error = -1;  // largest, of numbers up to `largest`
    double largest = 0;
    std::string refusal{};
};

std::string operations_of(const FloatModel& model) {
    std::map<std::string, int> counts;
    for (const FloatLayer& l : model.layers) ++counts[op_name(l.op)];
    std::string text;
    for (const auto& [name, n] : counts) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, n);
    return text;
}

Tried tried(const fs::path& root, const fs::path& file) {
    Tried t{.name = fs::relative(file, root).string()};
    try {
        const FloatModel model = import_model(file.string(), config_of(file));
        t.layers = model.layers.size();
        t.operations = operations_of(model);
        const Reference reference = reference_of(root, file);
        t.reference = reference.file;
        if (t.reference.empty()) {  // it must run, at least
            const NpyArray zeros{.dims = {2, model.input_shape.count()},
                                 .type = NpyType::Float32,
                                 .integers = {},
                                 .reals = std::vector<double>(2 * static_cast<std::size_t>(model.input_shape.count()))};
            for (const double y : output_of(model, zeros, false)) CHECK(std::isfinite(y));
            return t;
        }
        const std::string path = (root / t.reference).string();
        const auto result = output_of(model, read_npz_array(path, "input"), reference.pixels);
        const NpyArray expected = read_npz_array(path, "output");
        REQUIRE(result.size() == expected.count());
        t.error = 0;
        for (std::size_t i = 0; i < result.size(); ++i) {
            t.error = std::max(t.error, std::abs(result[i] - expected.number(i)));
            t.largest = std::max(t.largest, std::abs(expected.number(i)));
        }
    } catch (const InputError& e) {
        t.refusal = e.what();
        if (const auto at = t.refusal.find(root.string() + "/"); at != std::string::npos)
            t.refusal.erase(at, root.string().size() + 1);
    }
    return t;
}

// Errors are sums of doubles in another order, which differ between machines: the page says below which power of ten.
std::string row(const Tried& t) {
    if (!t.refusal.empty()) return fmt::format("| `{}` | refused: {} | | |", t.name, t.refusal);
    const std::string layers = fmt::format("{}: {}", t.layers, t.operations);
    if (t.reference.empty()) return fmt::format("| `{}` | {} | none | |", t.name, layers);
    const std::string error =
        t.error == 0 ? "0" : fmt::format("below 1e{}", static_cast<int>(std::floor(std::log10(t.error))) + 1);
    return fmt::format("| `{}` | {} | `{}` | {}, of numbers up to {:.3g} |", t.name, layers, t.reference, error,
                       t.largest);
}

std::string page() {
    std::ifstream in(BITTRUE_SOURCE_DIR "/docs/imports.md");
    return {std::istreambuf_iterator<char>(in), {}};
}

bool is_model(const fs::path& file) {
    const std::string name = file.filename().string();
    for (const char* end : {".onnx", ".h5", ".keras"})
        if (name.ends_with(end)) return true;
    // Arrays alone, but neither references nor test images.
    return name.ends_with(".npz") && !name.ends_with(".ref.npz") && !name.starts_with("test_data");
}

}  // namespace

TEST_CASE("models of others: every file of the folder is imported and gives its references, or is refused by name") {
    const fs::path root = shared_folder() + "/thirdparty";
    if (!fs::exists(root)) {
        WARN("SKIPPED: " << root.string() << " absent");
        return;
    }
    std::size_t count = 0;
    const std::string documented = page();
    for (const fs::path& file : files_of(root, "")) {
        if (!is_model(file)) continue;
        ++count;
        const Tried t = tried(root, file);
        const std::string line = row(t);
        fmt::print("{}\n", line);
        CAPTURE(t.name, t.error, t.largest, t.refusal);
        if (!t.reference.empty()) {
            CHECK(t.refusal.empty());
            CHECK(t.error <= 1e-14 * std::max(t.largest, 1.0));
        }
        CHECK(std::count(t.refusal.begin(), t.refusal.end(), '\n') == 0);
        // What the page says of a model it names is true; the error may be smaller on another machine.
        const std::string start = line.substr(0, line.rfind("| ", line.size() - 2));
        if (documented.find("| `" + t.name + "` |") == std::string::npos)
            WARN("docs/imports.md lacks " << t.name << ": " << line);
        else
            CHECK_THAT(documented, Catch::Contains(start));
    }
    CHECK(count >= 19);
}

TEST_CASE("models of others: MNIST of ONNX' first version answers as its authors' own test data say") {
    const fs::path root = shared_folder() + "/thirdparty/onnx_mnist_v1";
    if (!fs::exists(root)) {
        WARN("SKIPPED: " << root.string() << " absent");
        return;
    }
    const FloatModel model = import_model((root / "model.onnx").string());
    for (const fs::path& file : files_of(root, ".npz")) {
        const auto scores = output_of(model, read_npz_array(file.string(), "inputs"), false);
        const NpyArray expected = read_npz_array(file.string(), "outputs");
        REQUIRE(scores.size() == expected.count());
        const auto answer = std::max_element(scores.begin(), scores.end()) - scores.begin();
        for (std::size_t i = 0; i < scores.size(); ++i)
            CHECK(expected.number(i) == (static_cast<std::ptrdiff_t>(i) == answer ? 1 : 0));
    }
}
