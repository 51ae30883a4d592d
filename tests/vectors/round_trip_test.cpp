// Every kind of file with random packings: what is written comes back.
#include <catch2/catch.hpp>

#include "bittrue/vectors/vector_files.hpp"
#include "packings.hpp"
#include "support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

// A .dat holds elements alone, of up to 53 bits.
constexpr int kDatBits = 53;

VectorLayer layer_of_shape(Random& random, const std::string& name, const PackedShape& shape) {
    VectorLayer layer;
    layer.name = name;
    layer.type = FixedType{.format = shape.format};
    layer.layout = shape.layout;
    layer.dims = shape.dims;
    layer.stored = shape.format;
    layer.words = random_words(random, shape);
    return layer;
}

// Intel HEX has no records of more bytes.
Packing packing_for(Random& random, const RandomShape& shape) {
    for (;;) {
        const Packing packing = random_packing(random, shape);
        if (packed_bits(packing, shape.shape) <= 2040) return packing;
    }
}

// Two layers or more of as many images, and some parameters, each with a packing of its own.
struct RandomSet {
    VectorSet set{};
    VectorOptions options{};
};

RandomSet random_set(Random& random, FileKind kind) {
    RandomSet result;
    result.options.kinds = {kind};
    const int most_bits = kind == FileKind::Hls4ml ? kDatBits : 64;
    const int images = random.integer(1, 3);
    while (result.set.layers.size() < 2 || result.set.parameters.empty()) {
        RandomShape shape = random_shape(random, most_bits);
        if (shape.parameter) {
            const std::string layer = "p" + std::to_string(result.set.parameters.size());
            result.options.packings[layer + ".weights"] = packing_for(random, shape);
            Tensor tensor{.dims = {shape.shape.dims.begin() + 1, shape.shape.dims.end()},
                          .format = shape.shape.format,
                          .words = random_words(random, shape.shape)};
            result.set.parameters.push_back({.layer = layer, .role = "weights", .tensor = std::move(tensor)});
        } else {
            shape.shape.dims[0] = images;
            const std::string name = "layer " + std::to_string(result.set.layers.size());
            result.options.packings[name] = packing_for(random, shape);
            result.set.layers.push_back(layer_of_shape(random, name, shape.shape));
        }
    }
    return result;
}

bool equal(const VectorSet& a, const VectorSet& b) {
    if (a.layers.size() != b.layers.size() || a.parameters.size() != b.parameters.size()) return false;
    for (std::size_t i = 0; i < a.layers.size(); ++i) {
        const VectorLayer &x = a.layers[i], &y = b.layers[i];
        if (x.name != y.name || x.type != y.type || x.layout != y.layout || x.dims != y.dims || x.words != y.words ||
            x.stored != y.stored || y.patterns || !y.decimals.empty()) {
            return false;
        }
    }
    for (std::size_t i = 0; i < a.parameters.size(); ++i) {
        const ParameterWords &x = a.parameters[i], &y = b.parameters[i];
        if (x.layer != y.layer || x.role != y.role || x.tensor.dims != y.tensor.dims ||
            x.tensor.format != y.tensor.format || x.tensor.words != y.tensor.words) {
            return false;
        }
    }
    return true;
}

std::string describe(const RandomSet& one) {
    std::string text;
    for (const auto& [name, packing] : one.options.packings) text += name + ": '" + print_packing(packing) + "'; ";
    return text;
}

}  // namespace

TEST_CASE("Vector sets: what is written comes back in every kind of file and packing") {
    const Folder folder;
    Random random(31);
    for (const FileKind kind : all_file_kinds()) {
        for (int round = 0; round < 40; ++round) {
            const RandomSet one = random_set(random, kind);
            CAPTURE(file_kind_name(kind), round, describe(one));
            write_vector_set(folder / "v", one.set, one.options);
            const VectorSet back = read_vector_set(folder / "v");
            REQUIRE(equal(one.set, back));
        }
    }
}

TEST_CASE("Vector sets: all kinds together come back, whichever files are left") {
    const Folder folder;
    Random random(32);
    for (int round = 0; round < 10; ++round) {
        RandomSet one = random_set(random, FileKind::Hls4ml);
        one.options.kinds = all_file_kinds();
        write_vector_set(folder / "v", one.set, one.options);
        CAPTURE(round, describe(one));
        REQUIRE(equal(one.set, read_vector_set(folder / "v")));
        // Cheapest first is removed until one kind is left.
        for (const FileKind kind : {FileKind::RawLittle, FileKind::RawBig, FileKind::Npy, FileKind::Hex, FileKind::Mem,
                                    FileKind::Finn, FileKind::VitisTv, FileKind::MemBinary, FileKind::IntelHex,
                                    FileKind::Coe, FileKind::Mif, FileKind::CHeader, FileKind::Csv, FileKind::Npz}) {
            const std::string end = file_kind_extension(kind);
            for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "v")) {
                const std::string path = entry.path().string();
                if (path.ends_with(end)) std::filesystem::remove(entry.path());
            }
            CAPTURE(file_kind_name(kind));
            REQUIRE(equal(one.set, read_vector_set(folder / "v", {.allow_edited = true})));
        }
    }
}

TEST_CASE("Word files: packed words of every kind are decoded as they were packed") {
    Random random(33);
    for (const FileKind kind : all_file_kinds()) {
        if (kind == FileKind::Npy || kind == FileKind::Npz || kind == FileKind::Hls4ml) continue;
        for (int round = 0; round < 150; ++round) {
            const RandomShape shape = random_shape(random);
            const Packing packing = random_packing(random, shape);
            const std::vector<std::int64_t> words = random_words(random, shape.shape);
            const PackedWords packed = pack(words, packing, shape.shape, "x");
            CAPTURE(file_kind_name(kind), round, print_packing(packing), packed.bits);
            if (kind == FileKind::IntelHex && packed.bits > 2040) continue;
            const std::string bytes = encode_words(
                kind, words, {.name = "x", .shape = shape.shape, .packing = packing, .parameter = shape.parameter});
            const FileWords file = decode_words(kind, bytes, "x", packed.bits);
            if (!file.packed) {  // a C array of signed or unsigned integers
                REQUIRE(kind == FileKind::CHeader);
                REQUIRE(packing == Packing{});
                REQUIRE(file.integers == words);
                continue;
            }
            REQUIRE(file.packed->size() == packed.size());
            REQUIRE(file.packed->bits >= packed.bits);
            for (std::size_t i = 0; i < packed.size(); ++i) {
                const auto a = packed.word(i), b = file.packed->word(i);
                for (std::size_t limb = 0; limb < b.size(); ++limb) {
                    if (b[limb] != (limb < a.size() ? a[limb] : 0)) FAIL("word " << i << ", limb " << limb);
                }
            }
            REQUIRE(file.undefined.empty());
        }
    }
}

TEST_CASE("Word files: texts with our comments are read alone with type, shape, layout and packing") {
    const Folder folder;
    Random random(34);
    for (const FileKind kind :
         {FileKind::Hex, FileKind::Mem, FileKind::MemBinary, FileKind::Coe, FileKind::Mif, FileKind::CHeader}) {
        for (int round = 0; round < 30; ++round) {
            const RandomSet one = random_set(random, kind);
            CAPTURE(file_kind_name(kind), round, describe(one));
            write_vector_set(folder / "v", one.set, one.options);
            const VectorSet back = read_vector_set(folder / ("v/layer_0" + file_kind_extension(kind)));
            REQUIRE(back.layers.size() == 1);
            REQUIRE(back.layers[0].words == one.set.layers[0].words);
            REQUIRE(back.layers[0].dims == one.set.layers[0].dims);
            REQUIRE(back.layers[0].layout == one.set.layers[0].layout);
            REQUIRE(back.layers[0].type == one.set.layers[0].type);
            REQUIRE_FALSE(back.layers[0].patterns);
            const VectorSet weights = read_vector_set(folder / ("v/parameters/p0_weights" + file_kind_extension(kind)));
            REQUIRE(weights.layers[0].words == one.set.parameters[0].tensor.words);
            REQUIRE(weights.layers[0].dims == one.set.parameters[0].tensor.dims);
        }
    }
}

TEST_CASE("Word files: bare files are read with the packing given and the shapes of the other side") {
    const Folder folder;
    Random random(35);
    for (const FileKind kind : {FileKind::IntelHex, FileKind::RawLittle, FileKind::RawBig, FileKind::Csv,
                                FileKind::VitisTv, FileKind::Finn}) {
        for (int round = 0; round < 30; ++round) {
            const RandomSet one = random_set(random, kind);
            const std::string name = one.set.layers[0].name;
            const Packing packing = one.options.packings.at(name);
            CAPTURE(file_kind_name(kind), round, print_packing(packing));
            if (packing == Packing{}) continue;
            write_vector_set(folder / "v", one.set, one.options);
            const VectorSet back = read_vector_set(folder / ("v/layer_0" + file_kind_extension(kind)),
                                                   {.packing = packing, .schema = &one.set});
            REQUIRE(back.layers[0].words == one.set.layers[0].words);
            REQUIRE(back.layers[0].dims == one.set.layers[0].dims);
            REQUIRE(back.layers[0].stored == one.set.layers[0].stored);
        }
    }
}
