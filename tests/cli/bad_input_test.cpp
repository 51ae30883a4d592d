// Unusable input: exit 2, one clear sentence that names file or place, nothing left behind. Every case damages the tiny
// project of bad_files.hpp in one place; the undamaged one must run.
#include <algorithm>
#include <filesystem>
#include <functional>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bad_files.hpp"
#include "bittrue/model/npz.hpp"

namespace fs = std::filesystem;
using namespace bittrue;
using namespace bittrue::test;

namespace {

const std::vector<std::string> kRun{"run", "net.toml", "--input", "images.npy"};

// `says`: what the sentence must contain, usually the file's name and the reason.
void refused(const Scratch& s, const std::vector<std::string>& arguments, const std::vector<std::string>& says) {
    const auto before = s.listing();
    const Outcome r = bittrue_in(s.path(), arguments);
    CAPTURE(arguments, r.status, r.out, r.err);
    CHECK(r.status == 2);
    CHECK(std::count(r.err.begin(), r.err.end(), '\n') == 1);
    CHECK_THAT(r.err, Catch::StartsWith("bittrue: "));
    CHECK(r.err.size() > 30);
    for (const std::string& word : says) CHECK_THAT(r.err, Catch::Contains(word));
    CHECK(s.listing() == before);
}

std::string cut(const std::string& bytes, std::size_t length) {
    return bytes.substr(0, length);
}

struct Project : Scratch {
    Project() { write_project(*this); }
    void network(const std::string& from, const std::string& to) const {
        spill(file("net.toml"), test::replaced(network_text(), from, to));
    }
    void weight(const std::string& name, const std::function<void(NpyArray&)>& change) const {
        auto arrays = read_npz(file("weights.npz"));
        for (NamedArray& a : arrays) {
            if (a.name == name) change(a.array);
        }
        write_npz(file("weights.npz"), arrays);
    }
};

}  // namespace

TEST_CASE("bad input: the undamaged project runs, traces, writes vectors and compares") {
    const Project p;
    REQUIRE(bittrue_in(p.path(), {"run", "net.toml", "--input", "images.npy", "--labels", "labels.npy", "--engine",
                                  "both", "--trace", "t.npz"})
                .status == 0);
    REQUIRE(bittrue_in(p.path(), {"run", "net.toml", "--input", "images.idx"}).status == 0);
    REQUIRE(
        bittrue_in(p.path(), {"vectors", "net.toml", "--input", "images.npy", "--first", "2", "--out", "v"}).status ==
        0);
    REQUIRE(bittrue_in(p.path(), {"diff", "t.npz", "t.npz"}).status == 0);
    REQUIRE(bittrue_in(p.path(), {"diff", "v", "v"}).status == 0);
}

TEST_CASE("bad input: files that are absent, folders or not readable") {
    const Project p;
    refused(p, {"run", "nothing.toml", "--input", "images.npy"}, {"nothing.toml"});
    refused(p, {"run", "net.toml", "--input", "nothing.npy"}, {"nothing.npy"});
    refused(p, {"run", "net.toml", "--input", "images.npy", "--labels", "nothing.npy"}, {"nothing.npy"});
    refused(p, {"run", ".", "--input", "images.npy"}, {"."});
    refused(p, {"diff", "nothing.npz", "weights.npz"}, {"nothing.npz"});
    refused(p, {"init", "nothing.h5", "-o", "x.toml"}, {"nothing.h5"});
    fs::remove(p.file("weights.npz"));
    refused(p, kRun, {"weights.npz"});
    refused(p, {"show", "net.toml"}, {"weights.npz"});
}

TEST_CASE("bad input: the network file is truncated at any line or no TOML at all") {
    const Project p;
    spill(p.file("net.toml"), "");
    refused(p, kRun, {"net.toml"});
    spill(p.file("net.toml"), cut(network_text(), network_text().find("hwc\"") + 2));
    refused(p, kRun, {"net.toml:7"});
    spill(p.file("net.toml"), cut(network_text(), network_text().find("[[layer]]")));
    refused(p, kRun, {"net.toml", "layer"});
    spill(p.file("net.toml"), std::string("\x00\xff\xfe\x01 binary", 11));
    refused(p, kRun, {"net.toml"});
    spill(p.file("net.toml"), "PK\x03\x04" + std::string(300, 'x'));
    refused(p, kRun, {"net.toml"});
}

TEST_CASE("bad input: a network file that means nothing") {
    const Project p;
    p.network("op = \"relu\"", "op = \"rleu\"");
    refused(p, kRun, {"net.toml:24", "rleu", "relu"});
    p.network("name = \"relu\"", "name = \"conv\"");
    refused(p, kRun, {"net.toml", "conv"});
    p.network("op = \"relu\"", "op = \"relu\"\ninputs = [\"cnov\"]");
    refused(p, kRun, {"net.toml", "cnov"});
    p.network("op = \"relu\"", "op = \"relu\"\ninputs = [\"dense\"]");
    refused(p, kRun, {"net.toml"});
    p.network("ap_fixed<16,4,AP_RND,AP_SAT>", "ap_fixed<65,4>");
    refused(p, kRun, {"net.toml:13", "1 to 64"});
    p.network("ap_fixed<16,4,AP_RND,AP_SAT>", "ap_fixed<16,4,AP_RUND>");
    refused(p, kRun, {"net.toml:13", "AP_RUND"});
    p.network("ap_fixed<16,4,AP_RND,AP_SAT>", "ap_fixed<16,600>");
    refused(p, kRun, {"net.toml:13", "-512 to 512"});
    p.network("accumulator", "acumulator");
    refused(p, kRun, {"net.toml:13", "acumulator", "accumulator"});
    p.network("bittrue = 1", "bittrue = 99");
    refused(p, kRun, {"net.toml:1"});
    p.network("divide = 255", "divide = 0");
    refused(p, kRun, {"net.toml"});
    p.network("shape = [6, 6, 1]", "shape = [6, 6]");
    refused(p, kRun, {"net.toml"});
    p.network("shape = [6, 6, 1]", "shape = [2147483647, 2147483647, 1]");
    refused(p, kRun, {"net.toml", "2^31"});
    p.network("shape = [6, 6, 1]", "shape = [6, 6, 1]\nrange = [0, 1, 2]");
    refused(p, kRun, {"net.toml:7", "range", "two numbers"});
    p.network("shape = [6, 6, 1]", "shape = [6, 6, 1]\nrange = [0, -1]");
    refused(p, kRun, {"net.toml:7", "range", "the lower first, not 0 to -1"});
    p.network("shape = [6, 6, 1]", "shape = \"six\"");
    refused(p, kRun, {"net.toml:6"});
    p.network("op = \"relu\"", "op = \"conv2d\"");
    refused(p, kRun, {"net.toml"});
}

TEST_CASE("bad input: weights that do not fit the network") {
    const Project p;
    p.network("conv/kernel", "conv/kernle");
    refused(p, kRun, {"net.toml", "conv/kernle"});
    p.network("name = \"tiny\"", "name = \"tiny\"");
    p.weight("dense/kernel", [](NpyArray& a) { a.dims = {3, 32}; });
    refused(p, kRun, {"dense", "3x32"});
    p.weight("dense/kernel", [](NpyArray& a) {
        a.dims = {32, 3};
        a.reals[5] = std::numeric_limits<double>::quiet_NaN();
    });
    refused(p, kRun, {"dense/kernel", "nan"});
    p.weight("dense/kernel", [](NpyArray& a) { a.reals[5] = -std::numeric_limits<double>::infinity(); });
    refused(p, kRun, {"dense/kernel", "inf"});
}

TEST_CASE("bad input: a weights .npz that is truncated, damaged or hostile") {
    const Project p;
    const std::string good = slurp(p.file("weights.npz"));
    for (const std::size_t length : {std::size_t{0}, std::size_t{10}, good.size() / 2, good.size() - 1}) {
        spill(p.file("weights.npz"), cut(good, length));
        refused(p, kRun, {"weights.npz"});
    }
    std::string damaged = good;
    for (std::size_t i = 60; i < 90; ++i) damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
    spill(p.file("weights.npz"), damaged);
    refused(p, kRun, {"weights.npz"});
    write_zip(p.file("weights.npz"), "conv/kernel.npy", npy("<f4", "(1099511627776, 1099511627776)", "1234"));
    refused(p, kRun, {"weights.npz"});
    write_zip(p.file("weights.npz"), "conv/kernel.npy", npy("<f4", "(1099511627776,)", "1234"));
    refused(p, kRun, {"weights.npz"});
    write_zip(p.file("weights.npz"), "conv/kernel.npy",
              npy("|u1", "(4,)", std::string(200u << 20U, '\0')));  // a bomb: 200 MiB behind a header of 4
    refused(p, kRun, {"weights.npz"});
    write_zip(p.file("weights.npz"), "readme.txt", "hello");
    refused(p, kRun, {"weights.npz"});
}

TEST_CASE("bad input: a Keras .h5 that is truncated, damaged or of something else") {
    const Project p;
    const std::string good = slurp(p.file("weights.h5"));
    for (const std::size_t length : {std::size_t{0}, std::size_t{100}, good.size() / 2, good.size() - 1000}) {
        spill(p.file("cut.h5"), cut(good, length));
        refused(p, {"init", "cut.h5", "-o", "x.toml"}, {"cut.h5"});
    }
    spill(p.file("text.h5"), "this is no HDF5 file, but it has some length, more than a signature needs");
    refused(p, {"init", "text.h5", "-o", "x.toml"}, {"text.h5"});
    p.network("weights.npz", "cut.h5");
    refused(p, kRun, {"cut.h5"});
    std::string damaged = good;
    const auto at = damaged.find("\"class_name\": \"MaxPooling2D\"");
    REQUIRE(at != std::string::npos);
    damaged.replace(at, 28, "\"class_name\": \"MinPooling2D\"");
    spill(p.file("strange.h5"), damaged);
    refused(p, {"init", "strange.h5", "-o", "x.toml"}, {"strange.h5", "MinPooling2D"});
}

TEST_CASE("bad input: images of a wrong kind") {
    const Project p;
    const std::string pixels(144, 'x');
    const auto images = [&](const std::string& bytes, const std::vector<std::string>& says) {
        spill(p.file("images.npy"), bytes);
        refused(p, kRun, says);
    };
    images(cut(npy("|u1", "(4, 6, 6)", pixels), 200), {"images.npy"});
    images(cut(npy("|u1", "(4, 6, 6)", pixels), 20), {"images.npy"});
    images(npy("|u1", "(4, 6, 6)", pixels + "trailing"), {"images.npy"});
    images(npy("|u1", "(4, 6, 7)", std::string(168, 'x')), {"images.npy", "6x7"});
    images(npy("|u1", "(0, 6, 6)", ""), {"images.npy"});
    images(npy("<c16", "(4, 6, 6)", std::string(2304, 'x')), {"images.npy"});
    images(npy("|O", "(4, 6, 6)", pixels), {"images.npy"});
    images(npy("|u1", "(1099511627776, 6, 6)", pixels), {"images.npy"});
    images(npy("|u1", "(4294967296, 4294967296, 4294967296)", pixels), {"images.npy"});
    images(npy("|u1", "(-4, 6, 6)", pixels), {"images.npy"});
    images("", {"images.npy"});
    std::string nans(144 * 4, '\0');
    nans.replace(8, 4, "\x00\x00\xc0\x7f", 4);
    images(npy("<f4", "(4, 6, 6)", nans), {"images.npy", "nan"});
}

TEST_CASE("I3, bad input: an image outside the declared range is refused by both engines, whatever is made of it") {
    const Project p;
    p.network("shape = [6, 6, 1]", "shape = [6, 6, 1]\nrange = [0, 0.25]");
    std::string pixels(144, '\x20');  // 32 / 255
    spill(p.file("images.npy"), npy("|u1", "(4, 6, 6)", pixels));
    std::vector<std::string> golden = kRun;
    golden.insert(golden.end(), {"--engine", "golden"});
    for (const std::vector<std::string>& arguments : {kRun, golden}) {
        const Outcome r = bittrue_in(p.path(), arguments);
        CAPTURE(r.err);
        CHECK(r.status == 0);
    }
    pixels[36 * 2 + 7] = '\x50';  // 80 / 255: 80 lsb
    spill(p.file("images.npy"), npy("|u1", "(4, 6, 6)", pixels));
    const std::vector<std::string> says{"image 2 has the value 0.3125 at index 7", "declared range 0 to 0.25",
                                        "wider 'range' in [input]"};
    refused(p, kRun, says);
    refused(p, golden, says);
    refused(p, {"vectors", "net.toml", "--input", "images.npy", "--out", "vectors"}, says);
    refused(p, {"bounds", "net.toml", "--input", "images.npy"}, says);
}

TEST_CASE(
    "I3, bad input: the image outside the declared range has its number in the file, whoever runs parts of them") {
    const Project p;
    p.network("shape = [6, 6, 1]", "shape = [6, 6, 1]\nrange = [0, 0.25]");
    std::string pixels(300 * 36, '\x20');
    pixels[36 * 299 + 35] = '\x50';
    spill(p.file("images.npy"), npy("|u1", "(300, 6, 6)", pixels));
    const std::vector<std::string> says{"image 299 has the value 0.3125 at index 35"};
    refused(p, kRun, says);
    refused(p, {"bounds", "net.toml", "--input", "images.npy"}, says);
    refused(p, {"coverage", "net.toml", "--input", "images.npy"}, says);
    refused(p, {"sweep", "net.toml", "--input", "images.npy", "--accumulator-width", "8:16", "-o", "sweep"}, says);
}

TEST_CASE("bad input: idx files and labels") {
    const Project p;
    const std::string pixels(144, 'x');
    const auto images = [&](const std::string& name, const std::string& bytes) {
        spill(p.file(name), bytes);
        refused(p, {"run", "net.toml", "--input", name}, {name});
    };
    images("a.idx", cut(idx(0x803, {4, 6, 6}, pixels), 100));
    images("b.idx", cut(idx(0x803, {4, 6, 6}, pixels), 7));
    images("c.idx", idx(0x803, {0xffffffffU, 0xffffffffU, 0xffffffffU}, pixels));
    images("d.idx", idx(0x877, {4, 6, 6}, pixels));
    images("e.idx.gz", cut(gzipped(idx(0x803, {4, 6, 6}, pixels)), 30));
    images("f.idx.gz",
           gzipped(idx(0x803, {4, 6, 6}, pixels + std::string(64u << 20U, '\0'))));  // grows far beyond its header
    const auto labels = [&](const std::string& bytes, const std::vector<std::string>& says) {
        spill(p.file("labels.npy"), bytes);
        refused(p, {"run", "net.toml", "--input", "images.npy", "--labels", "labels.npy"}, says);
    };
    labels(npy("|u1", "(3,)", std::string(3, '\0')), {"labels.npy", "3 labels for 4 images"});
    labels(npy("|u1", "(4,)", std::string("\0\1\3\0", 4)), {"label 3"});
    labels(npy("<f4", "(4,)", std::string("\0\0\0\x3f\0\0\0\x3f\0\0\0\x3f\0\0\0\x3f", 16)), {"labels.npy"});
    refused(p, {"run", "net.toml", "--input", "images.npy", "--first", "5"}, {"images.npy"});
    refused(p, {"run", "net.toml", "--input", "digits:3"}, {"28x28"});
    refused(p, {"run", "net.toml", "--input", "digits:many"}, {"digits:many"});
}

TEST_CASE("bad input: outputs that cannot be written leave nothing") {
    const Project p;
    refused(p, {"run", "net.toml", "--input", "images.npy", "--trace", "no/such/folder/t.npz"},
            {"no/such/folder/t.npz"});
    refused(p, {"run", "net.toml", "--input", "images.npy", "--json", "no/such/folder/r.json"}, {"r.json"});
    refused(p, {"vectors", "net.toml", "--input", "images.npy", "--out", "no/such/v"}, {"no/such"});
    refused(p, {"vectors", "net.toml", "--input", "images.npy", "--out", "net.toml"}, {"net.toml"});
    refused(p, {"vectors", "net.toml", "--input", "images.npy", "--out", "v", "--format", "mp3"}, {"mp3"});
    fs::create_directory(p.file("mine"));
    spill(p.file("mine/thesis.txt"), "precious");
    refused(p, {"vectors", "net.toml", "--input", "images.npy", "--out", "mine"}, {"mine"});
    refused(p, {"init", "weights.h5", "-o", "no/such/x.toml"}, {"x.toml"});
    refused(p, {"init", "weights.h5", "-o", "net.toml"}, {"net.toml", "--force"});
    if (fs::exists("/dev/full")) {
        const Outcome full = bittrue_in(p.path(), {"run", "net.toml", "--input", "images.npy", "--json", "/dev/full"});
        CAPTURE(full.err);
        CHECK(full.status == 2);
        CHECK_THAT(full.err, Catch::Contains("/dev/full"));
    }
}

TEST_CASE("bad input: a disk that is full in the middle of a trace leaves no half file") {
    const Project p;
    const auto before = p.listing();
    rlimit old{};
    REQUIRE(getrlimit(RLIMIT_FSIZE, &old) == 0);
    // The tiny trace needs more than 600 bytes; stdout and stderr need less.
    const rlimit tight{.rlim_cur = 600, .rlim_max = old.rlim_max};
    REQUIRE(setrlimit(RLIMIT_FSIZE, &tight) == 0);
    const Outcome r =
        bittrue_in(p.path(), {"run", "net.toml", "--input", "images.npy", "--trace", "t.npz", "--json", "-"});
    REQUIRE(setrlimit(RLIMIT_FSIZE, &old) == 0);
    CAPTURE(r.err);
    CHECK(r.status == 2);
    CHECK(p.listing() == before);
}

TEST_CASE("bad input: dumps that cannot be compared") {
    const Project p;
    REQUIRE(bittrue_in(p.path(), {"run", "net.toml", "--input", "images.npy", "--trace", "t.npz"}).status == 0);
    REQUIRE(bittrue_in(p.path(), {"vectors", "net.toml", "--input", "images.npy", "--out", "v"}).status == 0);
    const std::string trace = slurp(p.file("t.npz"));
    spill(p.file("cut.npz"), cut(trace, trace.size() / 2));
    refused(p, {"diff", "t.npz", "cut.npz"}, {"cut.npz"});
    refused(p, {"diff", "t.npz", "weights.npz"}, {"weights.npz"});
    spill(p.file("dense.hex"), "12\ngg\n");
    refused(p, {"diff", "v", "dense.hex"}, {"dense.hex:2"});
    spill(p.file("dense.hex"), "12\nxx\n");  // a simulation's: compared, and different
    CHECK(bittrue_in(p.path(), {"diff", "v", "dense.hex", "--common"}).status == 1);
    spill(p.file("dense.hex"), "fffffffffffffffffffffffffffff\n");
    refused(p, {"diff", "v", "dense.hex"}, {"dense.hex"});
    const std::string hex = slurp(p.file("v/dense.hex"));
    spill(p.file("v/dense.hex"), cut(hex, hex.size() - 3));
    refused(p, {"diff", "v", "t.npz"}, {"dense"});
    spill(p.file("v/dense.hex"), hex);
    REQUIRE(bittrue_in(p.path(), {"diff", "v", "t.npz"}).status == 0);
    const std::string manifest = slurp(p.file("v/manifest.json"));
    spill(p.file("v/manifest.json"), cut(manifest, manifest.size() / 2));
    refused(p, {"diff", "v", "t.npz"}, {"manifest.json"});
    refused(p, {"diff", "v", "t.npz", "--json", "no/such/d.json"}, {"manifest.json"});
}
