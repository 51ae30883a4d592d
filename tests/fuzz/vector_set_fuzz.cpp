// read_vector_set: a set of which one file is damaged. The first byte says which: the manifest, a layer's .npy or .hex,
// a parameter's .npy; the others are what the file holds.
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "bittrue/vectors/vector_files.hpp"
#include "fuzz/scratch.hpp"

namespace bittrue::fuzz {

namespace {

constexpr std::array<const char*, 4> kFiles{"manifest.json", "conv.npy", "dense.hex", "parameters/dense_weights.npy"};

VectorLayer make_layer(const std::string& name, Format format, Layout layout, Dims dims,
                       std::vector<std::string> inputs) {
    VectorLayer layer;
    layer.name = name;
    layer.inputs = std::move(inputs);
    layer.type = FixedType{.format = format};
    layer.layout = layout;
    layer.dims = std::move(dims);
    layer.stored = format;
    for (std::int64_t i = 0; i < element_count(layer.dims); ++i) {
        layer.words.push_back(word_from_pattern(static_cast<std::uint64_t>(37 * i), format));
    }
    return layer;
}

VectorSet small_set() {
    VectorSet set;
    set.network = "small";
    set.input = "digits:2";
    set.labels = {3, 7};
    set.layers = {
        make_layer("input", {.width = 8, .integer = 0, .is_signed = false}, Layout::Hwc, {2, 2, 2, 1}, {}),
        make_layer("conv", {.width = 8, .integer = 3, .is_signed = true}, Layout::Chw, {2, 2, 1, 1}, {"input"}),
        make_layer("dense", {.width = 10, .integer = 6, .is_signed = true}, Layout::Vector, {2, 3}, {"conv"})};
    set.parameters = {{.layer = "dense",
                       .role = "weights",
                       .tensor = {.dims = {2, 3},
                                  .format = {.width = 6, .integer = 1, .is_signed = true},
                                  .words = {1, -2, 3, -4, 5, -32}}}};
    return set;
}

// The set's folder and the intact bytes of the four files.
struct Intact {
    Intact() {
        write_vector_set(folder(), small_set());
        for (std::size_t i = 0; i < kFiles.size(); ++i) {
            std::ifstream file(folder() + "/" + kFiles[i], std::ios::binary);
            bytes[i].assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
            require(!bytes[i].empty(), "the set has the four files");
        }
    }
    [[nodiscard]] std::string folder() const { return scratch.file("set"); }

    Scratch scratch;
    std::array<std::string, kFiles.size()> bytes{};
};

const Intact& intact() {
    static const Intact one;
    return one;
}

void check_layer(const VectorLayer& layer) {
    require(static_cast<std::int64_t>(layer.words.size()) == element_count(layer.dims),
            "a layer has as many words as its shape");
    for (const std::int64_t word : layer.words) {
        require(word == word_from_pattern(pattern_from_word(word, layer.stored), layer.stored),
                "a word fits the format it is stored in");
    }
}

bool equal(const VectorLayer& a, const VectorLayer& b) {
    return a.name == b.name && a.inputs == b.inputs && a.type == b.type && a.layout == b.layout && a.dims == b.dims &&
           a.words == b.words && a.stored == b.stored && a.patterns == b.patterns;
}

// A set that was read without complaint can be written, and then is the same.
void check_writable(const VectorSet& set) {
    if (set.layers.empty()) return;  // which the writer refuses
    const std::string copy = intact().scratch.file("copy");
    must_take("a set that was read can be written", [&] { write_vector_set(copy, set); });
    VectorSet again;
    must_take("a written set can be read", [&] { again = read_vector_set(copy); });
    require(again.layers.size() == set.layers.size() && again.parameters.size() == set.parameters.size(),
            "nothing is lost in writing");
    for (std::size_t i = 0; i < set.layers.size(); ++i)
        require(equal(again.layers[i], set.layers[i]), "a layer is written and read back alike");
    require(again.labels == set.labels && again.network == set.network && again.input == set.input &&
                again.network_sha256 == set.network_sha256 && again.network_file == set.network_file,
            "what a set says of itself is written and read back alike");
}

}  // namespace

std::vector<std::string> seeds() {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < kFiles.size(); ++i) all.push_back(std::to_string(i) + intact().bytes[i]);
    return all;
}

std::vector<std::string> dictionary() {
    return {"\"layers\": [",
            "\"parameters\": []",
            "\"shape\": [",
            "\"images\": ",
            "\"labels\": null",
            "\"width\": ",
            "\"signed\": false",
            "\"npy\": null",
            "\"hex\": {",
            "\"file\": \"",
            "../",
            "parameters/",
            ".",
            "\\u0000",
            "\\n",
            "null",
            "true",
            "-1",
            "0",
            "2147483648",
            "9223372036854775807",
            "18446744073709551615",
            "1e5",
            "[[[[",
            "{\"a\":",
            "unknown",
            "ap_ufixed<64,0>",
            "ap_fixed<8,3>",
            "'<f8'",
            "'|u1'",
            "@0 ",
            "x",
            "//",
            "image, channel"};
}

}  // namespace bittrue::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bittrue;
    using namespace bittrue::fuzz;
    if (size == 0) return 0;
    const std::size_t which = data[0] % kFiles.size();
    const std::string name = std::string("set/") + kFiles[which];
    const std::string path = intact().scratch.write(name, text_of(data + 1, size - 1));
    takes([&] {
        const VectorSet set = read_vector_set(intact().folder());
        for (const VectorLayer& layer : set.layers) {
            check_layer(layer);
            require(layer.type && layer.stored == layer.type->format && !layer.patterns,
                    "an unedited layer has the format of its type");
        }
        check_writable(set);
    });
    takes([&] {
        const VectorSet set = read_vector_set(intact().folder(), {.allow_edited = true});
        for (const VectorLayer& layer : set.layers) check_layer(layer);
    });
    if (which != 0) {
        takes([&] {
            for (const VectorLayer& layer : read_vector_set(path).layers) check_layer(layer);
        });
    }
    intact().scratch.write(name, intact().bytes[which]);
    return 0;
}
