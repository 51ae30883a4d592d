// `bittrue sweep` with networks that come through pipes, and the network files that `--per-layer` writes: each reads
// back as the network that was searched, from whichever folder.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../cli/bad_files.hpp"

using namespace bittrue::test;

namespace {

std::string words(std::size_t count, int step) {
    std::string bytes;
    for (std::size_t i = 0; i < count; ++i) bytes += static_cast<char>((static_cast<int>(i) * step) % 41 - 20);
    return bytes;
}

// The project with parameters in files of their own, spelled in every way that TOML has.
void write_split_project(const Scratch& s, const std::string& folder) {
    std::filesystem::create_directories(s.file(folder + "/\xc3\xa4"));
    std::string text =
        replaced(network_text(), "weights = \"weights.npz\"\n", "weights = ['../weights.npz']  # list\n");
    text = replaced(text, "\"conv/kernel\"", "{ array = \"conv/kernel\" }  # no file = \"x\"");
    text = replaced(text, "\"conv/bias\"", "{ raw = true, \"file\" = \"\xc3\xa4/b.npy\" }");
    text = replaced(text, "weights = \"dense/kernel\"\nbias = false\n",
                    "bias = false\n[layer.weights]\nfile = \"w.npy\"\nraw = true\n");
    spill(s.file(folder + "/net.toml"), text);
    spill(s.file(folder + "/w.npy"), npy("|i1", "(32, 3)", words(96, 7)));
    spill(s.file(folder + "/\xc3\xa4/b.npy"), npy("|i1", "(2,)", words(2, 9)));
}

std::vector<std::string> search(const std::string& network, const std::string& output) {
    return {"sweep", network,   "--input", "images.npy",  "--labels", "labels.npy", "--accumulator-width",
            "12:16", "--floor", "0",       "--per-layer", "-o",       output};
}

// The network's text comes through a pipe, as `sweep <(cat net.toml)` gives it.
Outcome with_pipe(const Scratch& s, const std::string& text, std::vector<std::string> arguments) {
    const std::string pipe = s.file("pipe");
    std::filesystem::remove(pipe);
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    std::thread writer([&] { std::ofstream(pipe) << text; });
    const Outcome r = bittrue_in(s.path(), arguments);
    writer.join();
    return r;
}

// What the program says to a terminal on stderr.
std::string on_terminal(const std::vector<std::string>& arguments, int& status) {
    const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
    REQUIRE(terminal >= 0);
    REQUIRE(::grantpt(terminal) == 0);
    REQUIRE(::unlockpt(terminal) == 0);
    const std::string other_end = ::ptsname(terminal);
    const int slave = ::open(other_end.c_str(), O_RDWR | O_NOCTTY);
    REQUIRE(slave >= 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::dup2(::open("/dev/null", O_WRONLY), STDOUT_FILENO);
        ::dup2(slave, STDERR_FILENO);
        std::vector<char*> argv{const_cast<char*>(BITTRUE_PROGRAM)};
        for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
        argv.push_back(nullptr);
        ::execv(BITTRUE_PROGRAM, argv.data());
        ::_exit(127);
    }
    ::close(slave);
    std::string said;
    char bytes[256];
    for (ssize_t n = 0; (n = ::read(terminal, bytes, sizeof bytes)) > 0;)
        said.append(bytes, static_cast<std::size_t>(n));
    ::close(terminal);
    REQUIRE(::waitpid(child, &status, 0) == child);
    return said;
}

}  // namespace

TEST_CASE("a network file that a search writes into another folder keeps its own parameters there") {
    const Scratch s;
    write_project(s);
    write_split_project(s, "a");
    std::filesystem::create_directories(s.file("c/\xc3\xa4"));
    // Files of the same names that are another network's.
    spill(s.file("c/w.npy"), npy("|i1", "(32, 3)", words(96, 3)));
    spill(s.file("c/\xc3\xa4/b.npy"), npy("|i1", "(2,)", words(2, 5)));
    const Outcome r = bittrue_in(s.path(), search("a/net.toml", "c/cheap.toml"));
    CAPTURE(r.err);
    REQUIRE(r.status == 0);
    const std::string text = slurp(s.file("c/cheap.toml"));
    CHECK_THAT(text, Catch::Contains("weights = [\"../weights.npz\"]  # list") &&
                         Catch::Contains("file = \"../a/w.npy\"\n") &&
                         Catch::Contains("\"file\" = \"../a/\xc3\xa4/b.npy\" }") && Catch::Contains("no file = \"x\""));
    // The same as beside the network it came from, where nothing is rewritten.
    REQUIRE(bittrue_in(s.path(), search("a/net.toml", "a/cheap.toml")).status == 0);
    CHECK_THAT(slurp(s.file("a/cheap.toml")), Catch::Contains("['../weights.npz']  # list"));
    for (const char* folder : {"a", "c"}) {
        const std::string net = std::string(folder) + "/cheap.toml", trace = std::string(folder) + ".npz";
        REQUIRE(bittrue_in(s.path(), {"run", net, "--input", "images.npy", "--trace", trace}).status == 0);
    }
    CHECK(slurp(s.file("a.npz")) == slurp(s.file("c.npz")));
}

TEST_CASE("a search refuses to write over the files of its network, or for a network that came through a pipe") {
    const Scratch s;
    write_project(s);
    write_split_project(s, "a");
    std::filesystem::create_symlink("a/net.toml", s.file("link.toml"));
    const auto before = s.listing();
    for (const char* output : {"a/net.toml", "./a/../a/net.toml", "link.toml", "a/w.npy", "weights.npz"}) {
        const std::string bytes = slurp(s.file(output));
        const Outcome r = bittrue_in(s.path(), search("a/net.toml", output));
        CAPTURE(output, r.err);
        CHECK(r.status == 2);
        CHECK_THAT(r.err, Catch::Contains("names the same file as") || Catch::Contains("a file of the network"));
        CHECK(slurp(s.file(output)) == bytes);
    }
    CHECK(s.listing() == before);
    const Outcome r = with_pipe(s, network_text(), search("pipe", "cheap.toml"));
    CHECK(r.status == 2);
    CHECK_THAT(r.err, Catch::Contains("give a file, not a pipe"));
    CHECK(!std::filesystem::exists(s.file("cheap.toml")));
}

TEST_CASE("a sweep of a network that comes through a pipe continues that network only") {
    const Scratch s;
    write_project(s);
    const std::vector<std::string> sweep{"sweep", "pipe", "--input", "images.npy", "--accumulator-width",
                                         "8:10",  "-o",   "r.jsonl"};
    REQUIRE(with_pipe(s, network_text(), sweep).status == 0);
    const std::string whole = slurp(s.file("r.jsonl"));
    CHECK(with_pipe(s, network_text(), sweep).status == 0);
    // Neither the parameters nor the accumulators tell these from it.
    const std::pair<const char*, const char*> changes[] = {
        {"result = \"ap_fixed<8,3,AP_RND,AP_SAT>\"", "result = \"ap_fixed<8,3,AP_TRN,AP_SAT>\""},
        {"divide = 255", "divide = 250"},
        {"op = \"relu\"", "op = \"quantize\""},
    };
    for (const auto& [from, to] : changes) {
        const Outcome r = with_pipe(s, replaced(network_text(), from, to), sweep);
        CAPTURE(to, r.err);
        CHECK(r.status == 2);
        CHECK_THAT(r.err, Catch::Contains("the results of another network"));
        CHECK(slurp(s.file("r.jsonl")) == whole);
    }
}

TEST_CASE("a search shows on a terminal how far it is") {
    const std::string network = std::string(BITTRUE_SOURCE_DIR) + "/examples/mnist-cnn/mnist_cnn_8bit.toml";
    int status = -1;
    const std::string said =
        on_terminal({"sweep", network, "--input", "digits:50", "--accumulator-width", "12:20", "--per-layer"}, status);
    CAPTURE(said);
    CHECK(status == 0);
    CHECK_THAT(said, Catch::Contains("search  ") && Catch::Contains(" configurations"));
    CHECK_THAT(said, !Catch::Contains("/0"));
}

TEST_CASE("a floor or loss that is not a number is refused") {
    const Scratch s;
    write_project(s);
    for (const char* option : {"--floor", "--max-loss"}) {
        const Outcome r = bittrue_in(s.path(), {"sweep", "net.toml", "--input", "images.npy", "--labels", "labels.npy",
                                                "--accumulator-width", "12:16", "--per-layer", option, "nan"});
        CAPTURE(r.err);
        CHECK(r.status == 2);
        CHECK_THAT(r.err, Catch::Contains("'nan' is no number from 0 to 100"));
    }
}

TEST_CASE("the examples of sweep and sweep-merge write files of different names") {
    const auto named = [](const char* command) {
        const Outcome r = start({command, "--help"});
        std::vector<std::string> files;
        for (std::size_t at = 0; (at = r.out.find("-o /tmp/", at)) != std::string::npos; ++at)
            files.push_back(r.out.substr(at, r.out.find_first_of(" \n", at + 3) - at));
        return files;
    };
    std::vector<std::string> all = named("sweep");
    const std::vector<std::string> merge = named("sweep-merge");
    CHECK(all.size() == 2);
    CHECK(merge.size() == 2);
    all.insert(all.end(), merge.begin(), merge.end());
    std::sort(all.begin(), all.end());
    CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
}
