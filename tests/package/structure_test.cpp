// The failure looks like this: emulator and golden share code, so a bug in it is invisible, because both are wrong
// alike.
#include "package/structure.hpp"

#include <filesystem>
#include <regex>
#include <sstream>

#include <catch2/catch.hpp>

namespace fs = std::filesystem;
using structure::Links;

namespace {
const fs::path kRoot = BITTRUE_SOURCE_DIR;
using Sentences = std::vector<std::string>;
}  // namespace

TEST_CASE("no library links a folder that ARCHITECTURE does not allow, and the engines cannot reach each other") {
    const Links links = structure::parse_links(structure::read(BITTRUE_LINKS_FILE));
    for (const auto& [folder, allowed] : structure::rules()) {
        CAPTURE(folder);
        REQUIRE(links.contains("bittrue_" + folder));
        // Every folder but the lowest links another one: an empty list would mean that the graph was not read.
        CHECK(links.at("bittrue_" + folder).contains("bittrue_model") == (folder != "model"));
    }
    CHECK(structure::forbidden_links(links) == Sentences{});
}

TEST_CASE("the link check finds a planted way from the emulator to golden, direct, detoured and link-only") {
    CHECK(structure::forbidden_links(structure::parse_links("bittrue_emulator: bittrue::golden\n")) ==
          Sentences{"emulator must not reach golden: bittrue_emulator -> bittrue_golden"});
    CHECK(structure::forbidden_links(
              structure::parse_links("bittrue_emulator: helper;fmt::fmt\n"
                                     "helper: $<LINK_ONLY:$<BUILD_INTERFACE:bittrue::golden>>\n")) ==
          Sentences{"emulator must not reach golden: bittrue_emulator -> helper -> bittrue_golden"});
    CHECK(structure::forbidden_links(structure::parse_links("bittrue_golden: bittrue_model;bittrue_emulator\n")) ==
          Sentences{"golden must not reach emulator: bittrue_golden -> bittrue_emulator"});
    CHECK(structure::forbidden_links(structure::parse_links("bittrue_model: bittrue_model\n")) == Sentences{});
}

TEST_CASE("no source includes anything beyond the table of ARCHITECTURE") {
    for (const auto& [folder, allowed] : structure::rules()) {
        CAPTURE(folder);
        CHECK_FALSE(structure::sources_of(kRoot / folder).empty());
        CHECK(structure::forbidden_includes(kRoot, folder) == Sentences{});
    }
}

TEST_CASE("the include check finds planted violations") {
    const auto check = [](const std::string& folder, const std::string& line, bool is_public) {
        return structure::forbidden_includes(folder, "f", "// first\n" + line + "\nint x;\n", is_public);
    };
    CHECK(check("emulator", "#include \"bittrue/golden/golden.hpp\"", false) ==
          Sentences{"f includes bittrue/golden/golden.hpp"});
    CHECK(check("golden", "  # include <bittrue/emulator/emulator.hpp>", false) ==
          Sentences{"f includes bittrue/emulator/emulator.hpp"});
    CHECK(check("emulator", "#include \"../golden/exact.hpp\"", false) == Sentences{"f includes ../golden/exact.hpp"});
    CHECK(check("emulator", "#include <boost/multiprecision/cpp_int.hpp>", false).size() == 1);
    CHECK(check("golden", "#include <boost/multiprecision/cpp_int.hpp>", true).size() == 1);
    CHECK(check("model", "#include <hdf5.h>", true).size() == 1);
    CHECK(check("verify", "#include \"bittrue/emulator/emulator.hpp\"", false).size() == 1);
    CHECK(check("model", "#include \"private.hpp\"", true).size() == 1);

    CHECK(check("golden", "#include <boost/multiprecision/cpp_int.hpp>", false).empty());
    CHECK(check("verify", "#include \"bittrue/vectors/manifest.hpp\"", true).empty());
    CHECK(check("model", "#include <vector>", true).empty());
    CHECK(check("model", "#include \"private.hpp\"", false).empty());
}

TEST_CASE("no test name has a semicolon, at which CMake would split it into two tests that do not exist") {
    static const std::regex name("TEST_CASE\\(\\s*\"([^\"]*)\"");
    std::size_t names = 0;
    for (const auto& file : structure::sources_of(kRoot / "tests")) {
        const std::string text = structure::read(file);
        for (std::sregex_iterator it(text.begin(), text.end(), name), end; it != end; ++it) {
            ++names;
            CAPTURE(file.string(), (*it)[1].str());
            CHECK((*it)[1].str().find(';') == std::string::npos);
        }
    }
    CHECK(names > 500);
}

TEST_CASE("every public header was compiled alone") {
    std::set<std::string> compiled;
    std::istringstream lines(structure::read(BITTRUE_HEADERS_FILE));
    for (std::string line; std::getline(lines, line);) compiled.insert(line);
    std::set<std::string> present;
    for (const auto& [folder, allowed] : structure::rules()) {
        const fs::path include = kRoot / folder / "include";
        for (const auto& file : structure::sources_of(include))
            present.insert(file.lexically_relative(include).string());
    }
    REQUIRE_FALSE(present.empty());
    CHECK(compiled == present);
}
