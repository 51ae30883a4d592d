// What print_network writes for `bittrue init`, beyond that it loads (network_file_test.cpp).
#include <limits>

#include "bittrue/model/network_file.hpp"
#include "bittrue/model/notation.hpp"
#include "model/keras_support.hpp"
#include "model/network_support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

// A classifier of `classes` classes; its softmax is "d_softmax".
class Classifier {
public:
    explicit Classifier(std::uint64_t classes) {
        write_keras(folder_.file("m.h5"),
                    sequential({input("[null, 2]"), layer("Dense", "d", R"("activation": "softmax")")}),
                    {dense_weights("d", 2, classes)});
        model_ = import_model(folder_.file("m.h5"));
    }
    [[nodiscard]] std::string text(const std::string& type) const {
        InitOptions options;
        options.type = type;
        return print_network(model_, options);
    }
    [[nodiscard]] Softmax softmax(const std::string& type) const {
        return op_of<Softmax>(parse_network(text(type), folder_.file("net.toml")), "d_softmax");
    }
    [[nodiscard]] const FloatModel& model() const { return model_; }

private:
    TemporaryFolder folder_{};
    FloatModel model_{};
};

const FixedType kTableType = parse_type("ap_fixed<18,8,AP_RND,AP_SAT>");

}  // namespace

TEST_CASE("init: the softmax of a usual type is hls4ml's") {
    const Classifier ten(10);
    const Softmax usual = ten.softmax("ap_fixed<16,6>");
    CHECK(usual.difference == parse_type("ap_ufixed<15,5>"));
    CHECK(usual.inv_input == kTableType);
    CHECK(usual.accumulator == kTableType);
    CHECK(usual.exp_table.entries.dims == Dims{1024});
    CHECK(usual.inv_table.entries.dims == Dims{1024});
    // The last type whose 1024 entries are 1/8 apart, and one whose lsb is coarser than that but has its own entries.
    CHECK(ten.softmax("ap_fixed<16,8>").difference == parse_type("ap_ufixed<15,7>"));
    CHECK(ten.softmax("ap_fixed<10,9>").difference == parse_type("ap_ufixed<9,8>"));
    CHECK(ten.softmax("ap_fixed<10,9>").exp_table.entries.dims == Dims{512});
}

TEST_CASE("init: the softmax of a wide type gets indices as fine as its tables") {
    const Classifier ten(10);
    for (const char* type :
         {"ap_fixed<16,9>", "ap_fixed<32,16,AP_RND,AP_SAT>", "ap_fixed<48,16>", "ap_ufixed<64,40>"}) {
        INFO(type);
        const Softmax s = ten.softmax(type);
        CHECK(s.difference == parse_type("ap_ufixed<10,5,AP_RND,AP_SAT>"));
        CHECK(s.inv_input == parse_type("ap_ufixed<10,4,AP_RND,AP_SAT>"));
        CHECK(s.accumulator == kTableType);
        CHECK(s.exp_table.entries.dims == Dims{1024});
        CHECK(s.inv_table.entries.dims == Dims{1024});
        CHECK_THAT(ten.text(type), Catch::Contains("steps of 1/32") && Catch::Contains("from 1 to 10"));
    }
    CHECK_THAT(ten.text("ap_fixed<32,16>"), Catch::Contains("of the input's own format they would be 32"));
    CHECK(ten.softmax("ac_fixed<32,16,true>").difference == parse_type("ac_fixed<10,5,false,AC_RND,AC_SAT>"));
}

TEST_CASE("init: the sum of many classes fits its accumulator and its index") {
    const Classifier thousand(1000);
    const Softmax s = thousand.softmax("ap_fixed<32,16>");
    CHECK(s.inv_input == parse_type("ap_ufixed<14,10,AP_RND,AP_SAT>"));
    CHECK(s.inv_table.entries.dims == Dims{1 << 14});
    CHECK(s.accumulator == parse_type("ap_fixed<21,11,AP_RND,AP_SAT>"));
    CHECK(Classifier(127).softmax("ap_fixed<32,16>").accumulator == kTableType);
    CHECK(Classifier(128).softmax("ap_fixed<32,16>").accumulator == parse_type("ap_fixed<19,9,AP_RND,AP_SAT>"));
    CHECK(Classifier(1).softmax("ap_fixed<32,16>").inv_input == parse_type("ap_ufixed<10,1,AP_RND,AP_SAT>"));
}

TEST_CASE("init: pixels are divided by a positive number") {
    const Classifier ten(10);
    for (const double divide :
         {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
        InitOptions options;
        options.divide = divide;
        CHECK_THAT(error_of([&] { static_cast<void>(print_network(ten.model(), options)); }),
                   Catch::Contains("--divide must be a positive number"));
    }
}

TEST_CASE("weights are named so that the network file finds them, also through linked folders") {
    namespace fs = std::filesystem;
    const TemporaryFolder folder;
    fs::create_directories(folder.path() / "a/b/deep");
    fs::create_directories(folder.path() / "data");
    fs::create_directory_symlink("a/b/deep", folder.file("link"));
    fs::create_directory_symlink("../../data", folder.file("a/b/data-link"));
    write_npz(folder.file("data/w.npz"), {{"k", reals({2, 3})}});
    fs::create_symlink("w.npz", folder.file("data/latest.npz"));
    const auto found = [&](const std::string& weights, const std::string& network) {
        const std::string name = weights_path_for(folder.file(weights), folder.file(network));
        INFO(name);
        CHECK(fs::path(name).is_relative());
        CHECK(fs::equivalent(fs::path(folder.file(network)).parent_path() / name, folder.file(weights)));
        return name;
    };
    CHECK(found("data/w.npz", "n.toml") == "data/w.npz");
    CHECK(found("data/w.npz", "data/n.toml") == "w.npz");
    CHECK(found("data/w.npz", "link/n.toml") == "../../../data/w.npz");
    CHECK(found("a/b/data-link/w.npz", "link/n.toml") == "../../../data/w.npz");
    CHECK(found("data/latest.npz", "a/n.toml") == "../data/latest.npz");
    const std::string text = with("weights = \"w.npz\"", "weights = \"" + found("data/w.npz", "link/n.toml") + "\"",
                                  "bittrue = 1\nweights = \"w.npz\"\n[input]\nshape = [2]\ntype = \"s8.0\"\n"
                                  "[defaults]\nweight_type = \"s8.4\"\naccumulator = \"s16.4\"\nresult = \"s16.4\"\n"
                                  "[[layer]]\nname = \"d\"\nop = \"dense\"\nweights = \"k\"\nbias = false\n");
    write_file(folder.file("link/n.toml"), text);
    CHECK(op_of<Dense>(load_network(folder.file("link/n.toml")), "d").weights.real == reals({2, 3}).reals);
}

TEST_CASE("weights and network files without a folder are in the working folder") {
    CHECK(weights_path_for("w.h5", "n.toml") == "w.h5");
    CHECK(weights_path_for("w.h5", "") == "w.h5");
    CHECK(weights_path_for("./w.h5", "./n.toml") == "w.h5");
    CHECK(weights_path_for("", "n.toml").empty());
    CHECK(weights_path_for("", "").empty());
    CHECK(weights_path_for("w.h5", "absent-folder/n.toml") == "../w.h5");
}
