// cast, formats, mac, help: the commands that need no file.
#include <sstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "process.hpp"

using bittrue::test::shared_file;
using bittrue::test::slurp;
using bittrue::test::start;

namespace {

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::stringstream in(text);
    for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
    return parts;
}

std::string replaced(std::string s, char from, char to) {
    for (char& c : s) c = c == from ? to : c;
    return s;
}

std::string joined(const std::string& spaced, char separator) {
    return replaced(spaced, ' ', separator);
}

}  // namespace

TEST_CASE("cast --raw shows raw, hex, value and flags") {
    const auto r = start({"cast", "--from", "ap_fixed<8,4>", "--to", "ap_fixed<4,4,AP_RND,AP_SAT>", "--raw",
                          "-40,24,127", "--engine", "both"});
    REQUIRE(r.status == 0);
    CHECK_THAT(r.out, Catch::Contains("-2.5") && Catch::Contains("0xe") && Catch::Contains("7.9375") &&
                          Catch::Contains("inexact above saturated"));
    CHECK(r.err.empty());
}

TEST_CASE("Q3: cast --plain prints one raw a line") {
    const auto r = start({"cast", "--from", "s8.4", "--to", "ap_fixed<8,8,AP_RND>", "--raw", "-40,-8,8,40", "--plain"});
    CHECK(r.status == 0);
    CHECK(r.out == "-2\n0\n1\n3\n");
}

TEST_CASE("cast --all goes through the patterns 0..2^W-1 in order") {
    const auto r = start({"cast", "--from", "s3.0", "--to", "s8.0", "--all", "--plain"});
    CHECK(r.out == "0\n1\n2\n3\n-4\n-3\n-2\n-1\n");
}

TEST_CASE("cast --value quantises real numbers, with --from in two steps") {
    CHECK(start({"cast", "--to", "ap_fixed<8,4,AP_RND_CONV>", "--value", "0.09375,-1.5", "--plain"}).out == "2\n-24\n");
    CHECK(start({"cast", "--from", "ap_fixed<8,6>", "--to", "ap_fixed<8,4>", "--value", "0.3", "--plain"}).out ==
          "4\n");
}

TEST_CASE("cast --json writes the same figures") {
    const auto r =
        start({"cast", "--from", "u8.0", "--to", "ap_ufixed<4,4,AP_TRN,AP_SAT>", "--raw", "0xff", "--json", "-"});
    const auto json = nlohmann::json::parse(r.out);
    CHECK(json.at(0).at("raw") == 15);
    CHECK(json.at(0).at("above") == true);
    CHECK(json.at(0).at("saturated") == true);
}

TEST_CASE("formats lists range, lsb and every spelling") {
    const auto r = start({"formats", "Q5.10"});
    REQUIRE(r.status == 0);
    for (const char* s : {"ap_fixed<16,6>", "ac_fixed<16,6,true>", "sc_fixed<16,6>", "sfix16_En10", "s16.10",
                          "-32 to 31.9990234375", "0.0009765625"}) {
        CHECK_THAT(r.out, Catch::Contains(s));
    }
}

TEST_CASE("A4, A6: mac --plain prints the accumulator before the first and after each product") {
    const std::vector<std::string> common{"mac",     "--weight", "s8.6",        "--input", "u8.8",       "--bias",
                                          "s8.5:25", "--w",      "118,21,-120", "--x",     "54,157,255", "--plain"};
    auto args = common;
    args.insert(args.end(), {"--accumulator", "ap_fixed<16,6>", "--engine", "both"});
    CHECK(start(args).out == "800 1198 1404 -509\n");
    args = common;
    args.insert(args.end(), {"--accumulator", "ap_fixed<10,2,AP_TRN,AP_SAT>", "--engine", "both"});
    CHECK(start(args).out == "200 299 350 -129\n");
}

TEST_CASE("A5: mac --order takes every schedule and --quantize every time") {
    const std::vector<std::string> common{
        "mac",     "--weight", "s8.0", "--input", "s8.0", "--accumulator", "ap_fixed<8,8,AP_TRN,AP_SAT>",
        "--plain", "--engine", "both"};
    const auto last = [&](std::vector<std::string> extra) {
        auto args = common;
        if (extra.empty() || extra[0] != "--w") args.insert(args.end(), {"--w", "100,1,1,-100", "--x", "1,50,50,1"});
        args.insert(args.end(), extra.begin(), extra.end());
        const auto r = start(args);
        REQUIRE(r.status == 0);
        return split(replaced(r.out, '\n', ' '), ' ').back();
    };
    CHECK(last({}) == "27");                                             // 100, 127, 127, 27
    CHECK(last({"--order", "interleave:2"}) == "27");                    // 100, 127 (term 2), 127 (term 1), 27
    CHECK(last({"--w", "100,-100,100,50", "--x", "1,1,1,1"}) == "127");  // 100, 0, 100, 127
    CHECK(last({"--w", "100,-100,100,50", "--x", "1,1,1,1", "--order", "interleave:2"}) == "77");  // 100, 127, 27, 77
    CHECK(last({"--order", "tree"}) == "77");  // (100+50 -> 127) + (50-100)
    CHECK(last({"--order", "fold:4", "--quantize", "fold"}) == "100");
    CHECK(last({"--quantize", "end"}) == "100");
    CHECK(last({"--order", "cascade:2"}) == "77");
    CHECK(last({"--order", "partial:2"}) == "77");
}

TEST_CASE("--help of every command shows an example, and the example works where it needs no model") {
    for (const char* command : {"run", "vectors", "stimulus", "coverage", "diff", "explain", "map", "cast", "formats",
                                "mac", "init", "show", "train", "train-vectors"}) {
        const auto r = start({command, "--help"});
        CHECK(r.status == 0);
        CHECK_THAT(r.out, Catch::Contains("Example:") && Catch::Contains(std::string("bittrue ") + command));
    }
}

TEST_CASE("an unknown command is named") {
    CHECK_THAT(start({"frobnicate", "--input", "x"}).err, Catch::Contains("no command 'frobnicate'"));
}

TEST_CASE("usage errors exit with 2 and one line") {
    for (const std::vector<std::string>& args : std::vector<std::vector<std::string>>{
             {},
             {"frobnicate"},
             {"cast"},
             {"cast", "--to", "float", "--value", "1"},
             {"cast", "--to", "s8.4", "--value", "nan"},
             {"cast", "--from", "s8.4", "--to", "s8.4", "--raw", "200"},
             {"cast", "--from", "s32.0", "--to", "s8.0", "--all"},
             {"cast", "--from", "s8.0", "--to", "s8.0", "--raw", "1", "--all"},
             {"cast", "--to", "s8.0", "--raw", "1"},
             {"formats", "ap_fixed<99,1>"},
             {"mac", "--weight", "s8.0", "--input", "s8.0", "--accumulator", "s8.0", "--w", "1,2", "--x", "1"},
             {"mac", "--weight", "s8.0", "--input", "s8.0", "--accumulator", "s8.0", "--w", "1", "--x", "1", "--bias",
              "5"},
             {"mac", "--weight", "s8.0", "--input", "s8.0", "--accumulator", "s8.0", "--w", "1", "--x", "1", "--order",
              "cascade:2", "--quantize", "step"}}) {
        const auto r = start(args);
        CAPTURE(args, r.out, r.err);
        CHECK(r.status == 2);
        CHECK(r.out.empty());
        CHECK(split(r.err, '\n').size() == 1);
        CHECK_THAT(r.err, Catch::StartsWith("bittrue: "));
    }
}

TEST_CASE("a sample of the vendors' casts comes out of the program, by both engines") {
    int checked = 0;
    for (const char* dialect : {"ap", "ac", "sc"}) {
        const std::string path = shared_file(std::string("conformance/cast_") + dialect + "_fixed.csv");
        if (path.empty()) {
            WARN("SKIPPED: the vendors' conformance files are absent");
            return;
        }
        const auto lines = split(slurp(path), '\n');
        for (std::size_t i = 0; i < lines.size(); i += 71) {
            const auto f = split(lines[i], ',');
            std::string to = replaced(f[1], ';', ',');
            to.insert(to.size() - 1, "," + f[2] + "," + f[3] + (f[4] == "0" ? "" : "," + f[4]));
            const auto r =
                start({"cast", "--from", replaced(f[0], ';', ','), "--to", to, "--all", "--plain", "--engine", "both"});
            CAPTURE(lines[i].substr(0, 60), to, r.err);
            REQUIRE(r.out == joined(f[5], '\n') + "\n");
            ++checked;
        }
    }
    CHECK(checked >= 30);
}

TEST_CASE("a sample of the vendors' dot products comes out of the program, by both engines") {
    const std::string path = shared_file("conformance/dot_ap_fixed.txt");
    if (path.empty()) {
        WARN("SKIPPED: the vendors' conformance files are absent");
        return;
    }
    const auto type = [](const std::string& field) {  // "w=8;2;s"
        const auto p = split(field.substr(field.find('=') + 1), ';');
        return std::string(p[2] == "s" ? "ap_fixed<" : "ap_ufixed<") + p[0] + "," + p[1];
    };
    const auto lines = split(slurp(path), '\n');
    int checked = 0;
    for (std::size_t i = 0; i < lines.size(); i += 13) {
        const auto f = split(lines[i], '|');
        const auto colon = f[6].find(':');
        const auto r = start({"mac", "--weight", type(f[1]) + ">", "--input", type(f[2]) + ">", "--accumulator",
                              type(f[3]) + "," + f[4] + "," + f[5] + ">", "--bias",
                              type(f[6].substr(0, colon)) + ">:" + f[6].substr(colon + 1), "--w", joined(f[7], ','),
                              "--x", joined(f[8], ','), "--plain", "--engine", "both"});
        CAPTURE(lines[i].substr(0, 80), r.err);
        REQUIRE(r.out == f[9] + "\n");
        ++checked;
    }
    CHECK(checked >= 20);
}
