// Files that can be read only once: pipes and what shells make of them (/dev/stdin, <(...)).
#include <array>

#include "bittrue/model/float_model.hpp"
#include "bittrue/model/input.hpp"
#include "model/hdf5_writer.hpp"
#include "model/network_support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

// A pipe that holds the bytes and then ends; few enough for the kernel's buffer.
class Pipe {
public:
    explicit Pipe(const std::string& bytes) {
        REQUIRE(bytes.size() < 60000);
        REQUIRE(::pipe(ends_.data()) == 0);
        REQUIRE(::write(ends_[1], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
        ::close(ends_[1]);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe() { ::close(ends_[0]); }
    [[nodiscard]] std::string path() const { return "/dev/fd/" + std::to_string(ends_[0]); }

private:
    std::array<int, 2> ends_{};
};

InputSpec spec() {
    return {
        .name = "in", .shape = {.layout = Layout::Hwc, .dims = {2, 3, 1}}, .type = {}, .divide = 1, .float32 = true};
}
const std::vector<double> kPixels{1, 2, 3, 4, 5, 6};
const std::string kIdx("\0\0\x08\x03\0\0\0\x01\0\0\0\x02\0\0\0\x03\1\2\3\4\5\6", 22);

}  // namespace

TEST_CASE("images come through a pipe as .npy, as .npz and as idx") {
    const Pipe npy(npy_bytes(integers({2, 3})));
    CHECK(load_input(npy.path(), spec()).values == kPixels);
    const Pipe npz(npz_bytes({{"other", integers({4})}, {"images", integers({2, 3})}}));
    CHECK(load_input(npz.path(), spec()).values == kPixels);
    const Pipe keyed(npz_bytes({{"a", integers({4})}, {"b", integers({2, 3})}}));
    CHECK(load_input(keyed.path() + ":b", spec()).values == kPixels);
    const Pipe idx(kIdx);
    CHECK(load_input(idx.path(), spec()).values == kPixels);
    const Pipe text("neither of them");
    CHECK_THAT(error_of([&] { static_cast<void>(load_input(text.path(), spec())); }),
               Catch::Contains("neither .npy nor .npz nor an idx file"));
}

TEST_CASE("labels come through a pipe") {
    const Pipe labels(std::string("\0\0\x08\x01\0\0\0\x03\x07\x02\x01", 11));
    CHECK(load_labels(labels.path()) == std::vector<int>{7, 2, 1});
}

TEST_CASE("weights come through a pipe, but for HDF5") {
    const Pipe npz(npz_bytes({{"k", reals({2, 3})}}));
    const std::vector<NamedReals> arrays = read_real_arrays(npz.path());
    REQUIRE(arrays.size() == 1);
    CHECK(arrays[0].tensor.values == reals({2, 3}).reals);
    const TemporaryFolder folder;
    { Hdf5Writer file(folder.file("m.h5")); }
    const std::string says = "is HDF5, which cannot be read from a pipe or device; save it to a file first";
    const Pipe model(read_file(folder.file("m.h5")));
    CHECK_THAT(error_of([&] { static_cast<void>(import_model(model.path())); }), Catch::Contains(says));
    const Pipe weights(read_file(folder.file("m.h5")));
    CHECK_THAT(error_of([&] { static_cast<void>(read_real_arrays(weights.path())); }), Catch::Contains(says));
}

TEST_CASE("a network file comes through a pipe, its weights are looked for in the working folder") {
    const NetworkFolder files;
    const std::string absolute = with("weights = \"w.npz\"", "weights = \"" + files.folder().file("w.npz") + "\"");
    const Pipe network(absolute);
    CHECK(load_network(network.path()).nodes.size() == 6);
    const Pipe relative(with("weights = \"w.npz\"", "weights = \"absent/w.npz\""));
    const std::string error = error_of([&] { static_cast<void>(load_network(relative.path())); });
    CHECK_THAT(error, Catch::Contains(": weights: absent/w.npz: cannot be read"));
    const Pipe arrays(npz_bytes({{"dense/kernel", reals({2, 3})}}));
    CHECK(op_of<Dense>(files.parse(with("weights = \"dense/kernel\"",
                                        "weights = { file = \"" + arrays.path() + "\", array = \"dense/kernel\" }")),
                       "dense")
              .weights.real == reals({2, 3}).reals);
}
