// A network file in /dev/shm is an ordinary file, yet its weights were looked for in the working directory, as if it
// had come through /dev/stdin: "w.npz: cannot be read: the file or its folder does not exist".
#include <filesystem>
#include <string>

#include <catch2/catch.hpp>
#include <stdlib.h>

#include "bittrue/model/network_file.hpp"
#include "bittrue/model/npz.hpp"

TEST_CASE("a network file in /dev/shm finds its weights beside itself") {
    namespace fs = std::filesystem;
    std::string folder = "/dev/shm/bittrue-test-XXXXXX";
    if (!fs::is_directory("/dev/shm") || ::mkdtemp(folder.data()) == nullptr) {
        WARN("SKIPPED: a writable /dev/shm absent");
        return;
    }
    bittrue::write_npz(
        folder + "/w.npz",
        {{"w", {.dims = {2, 1}, .type = bittrue::NpyType::Float64, .integers = {}, .reals = {0.5, 0.25}}}});
    const std::string text =
        "bittrue = 1\nweights = \"w.npz\"\n[input]\nshape = [2]\ntype = \"s8.4\"\n"
        "[[layer]]\nname = \"dense\"\nop = \"dense\"\nweights = \"w\"\nbias = false\n"
        "weight_type = \"s8.4\"\naccumulator = \"s16.8\"\nresult = \"s8.4\"\n";
    bittrue::Graph graph;
    CHECK_NOTHROW(graph = bittrue::parse_network(text, folder + "/net.toml"));
    CHECK(graph.nodes.size() == 1);
    fs::remove_all(folder);
}
