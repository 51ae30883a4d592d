#include "bad_files.hpp"

#include <filesystem>
#include <stdexcept>

#include <zip.h>
#include <zlib.h>

#include "bittrue/model/npz.hpp"

namespace bittrue::test {

std::string network_text() {
    return R"(bittrue = 1
name = "tiny"
weights = "weights.npz"

[input]
shape = [6, 6, 1]
layout = "hwc"
type = "ap_ufixed<8,0,AP_RND,AP_SAT>"
pixel = { divide = 255 }

[defaults]
weight_type = "ap_fixed<8,1,AP_RND,AP_SAT>"
accumulator = "ap_fixed<16,4,AP_RND,AP_SAT>"
result = "ap_fixed<8,3,AP_RND,AP_SAT>"

[[layer]]
name = "conv"
op = "conv2d"
weights = "conv/kernel"
bias = "conv/bias"

[[layer]]
name = "relu"
op = "relu"

[[layer]]
name = "dense"
op = "dense"
weights = "dense/kernel"
bias = false
)";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    if (at == std::string::npos) throw std::logic_error("the text to replace does not occur: " + from);
    return text.replace(at, from.size(), to);
}

namespace {

NamedArray reals(const char* name, Dims dims) {
    NamedArray a{.name = name, .array = {.dims = std::move(dims), .type = NpyType::Float32}};
    const auto count = element_count(a.array.dims);
    for (std::int64_t i = 0; i < count; ++i) a.array.reals.push_back(static_cast<double>(i % 7 - 3) / 8);
    return a;
}

}  // namespace

void write_project(const Scratch& scratch) {
    spill(scratch.file("net.toml"), network_text());
    write_npz(scratch.file("weights.npz"),
              {reals("conv/kernel", {3, 3, 1, 2}), reals("conv/bias", {2}), reals("dense/kernel", {32, 3})});
    std::filesystem::copy_file(std::string(BITTRUE_SOURCE_DIR) + "/examples/mnist-cnn/seed_cnn_mnist.h5",
                               scratch.file("weights.h5"));
    std::string pixels;
    for (int i = 0; i < 4 * 36; ++i) pixels += static_cast<char>(i * 37 % 256);
    spill(scratch.file("images.npy"), npy("|u1", "(4, 6, 6)", pixels));
    spill(scratch.file("images.idx"), idx(0x803, {4, 6, 6}, pixels));
    spill(scratch.file("labels.npy"), npy("|u1", "(4,)", std::string("\0\1\2\0", 4)));
}

std::string npy(const std::string& descr, const std::string& shape, const std::string& data) {
    std::string header = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }";
    header.append(64 - (10 + header.size() + 1) % 64, ' ');
    header += '\n';
    std::string out("\x93NUMPY\x01\x00", 8);
    out += static_cast<char>(header.size() & 0xffU);
    out += static_cast<char>(header.size() >> 8U);
    return out + header + data;
}

std::string idx(unsigned type, const std::vector<std::uint32_t>& dims, const std::string& data) {
    std::string out;
    const auto big_endian = [&](std::uint32_t x) {
        for (const unsigned shift : {24U, 16U, 8U, 0U}) out += static_cast<char>((x >> shift) & 0xffU);
    };
    big_endian(type);
    for (const std::uint32_t d : dims) big_endian(d);
    return out + data;
}

std::string gzipped(const std::string& bytes) {
    z_stream z{};
    if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::runtime_error("zlib");
    std::string out(deflateBound(&z, bytes.size()) + 64, '\0');
    std::string in = bytes;
    z.next_in = reinterpret_cast<Bytef*>(in.data());
    z.avail_in = static_cast<uInt>(in.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    deflate(&z, Z_FINISH);
    out.resize(z.total_out);
    deflateEnd(&z);
    return out;
}

void write_zip(const std::string& path, const std::string& entry, const std::string& bytes) {
    int error = 0;
    zip_t* zip = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &error);
    if (zip == nullptr) throw std::runtime_error("zip_open");
    zip_source_t* source = zip_source_buffer(zip, bytes.data(), bytes.size(), 0);
    if (zip_file_add(zip, entry.c_str(), source, ZIP_FL_OVERWRITE) < 0 || zip_close(zip) != 0)
        throw std::runtime_error("zip_close");
}

}  // namespace bittrue::test
