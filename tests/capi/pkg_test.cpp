// The failure looks like this: a function gets another argument in bittrue.h, the SystemVerilog package keeps the old
// ones, and a simulator passes rubbish without a word.
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "bittrue.h"

namespace {

std::string read(const std::string& name) {
    std::ifstream in(BITTRUE_SOURCE_DIR "/capi/" + name);
    if (!in) throw std::runtime_error("cannot read capi/" + name);
    return {std::istreambuf_iterator<char>(in), {}};
}

// Function to "result(argument types)", in words of C.
using Functions = std::map<std::string, std::string>;

std::vector<std::string> matches(const std::string& text, const std::regex& pattern, std::size_t group) {
    std::vector<std::string> found;
    for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it)
        found.push_back((*it)[group]);
    return found;
}

std::string type_of(std::string declaration, const std::map<std::string, std::string>& words) {
    for (const auto& [word, c] : words) declaration = std::regex_replace(declaration, std::regex(word), c);
    return declaration;
}

Functions functions(const std::string& text, const std::regex& pattern,
                    const std::map<std::string, std::string>& words) {
    static const std::regex comma(R"(\s*,\s*)");
    Functions found;
    for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it) {
        std::string& signature = found[(*it)[2]];
        signature = type_of((*it)[1], words) + "(";
        const std::string arguments = (*it)[3];
        for (std::sregex_token_iterator a(arguments.begin(), arguments.end(), comma, -1), none; a != none; ++a)
            signature += type_of(*a, words) + ";";
        signature += ")";
    }
    return found;
}

}  // namespace

TEST_CASE("the SystemVerilog package imports every function of bittrue.h with its argument types") {
    const std::string header =
        std::regex_replace(read("include/bittrue.h"), std::regex(R"(/\*[^*]*(\*[^/*][^*]*)*\*/)"), "");
    // "const char* name" -> string, "int64_t* word" -> longint out, ...
    Functions c = functions(header, std::regex(R"(\n([a-z0-9_ ]+\*?) (bittrue_[a-z_]+)\(([^)]*)\);)"),
                            {{R"(^(const )?bittrue_network\*( \w+)?$)", "chandle"},
                             {R"(^const char\*( \w+)?$)", "string"},
                             {R"(^int64_t\* \w+$)", "longint out"},
                             {R"(^int\* \w+$)", "int out"},
                             {R"(^int64_t( \w+)?$)", "longint"},
                             {R"(^int \w+$)", "int"},
                             {R"(^void$)", ""}});
    const Functions sv = functions(
        read("dpi/bittrue_pkg.sv"), std::regex("import \"DPI-C\" function (\\w+) (bittrue_\\w+)\\(([^)]*)\\);"),
        {{R"(^input (\w+) \w+$)", "$1"}, {R"(^output (\w+) \w+$)", "$1 out"}, {"^void$", ""}});
    REQUIRE(c.erase("bittrue_push_values") == 1);  // a C array; in SystemVerilog words are pushed
    CHECK(c.size() > 20);
    CHECK(c.at("bittrue_expected") == "int(chandle;int;longint;longint;longint out;)");
    CHECK(c == sv);
}

TEST_CASE("the SystemVerilog package has the numbers of bittrue.h") {
    const std::string package = read("dpi/bittrue_pkg.sv");
    const auto number = [&](const std::string& name) {
        const auto found = matches(package, std::regex("localparam int " + name + " = (-?[0-9]+);"), 1);
        REQUIRE(found.size() == 1);
        return std::stoi(found[0]);
    };
    CHECK(number("BITTRUE_EQUAL") == BITTRUE_EQUAL);
    CHECK(number("BITTRUE_DIFFERENT") == BITTRUE_DIFFERENT);
    CHECK(number("BITTRUE_UNUSABLE") == BITTRUE_UNUSABLE);
    CHECK(number("BITTRUE_PENDING") == BITTRUE_PENDING);
    CHECK(number("BITTRUE_ABI_VERSION") == BITTRUE_ABI_VERSION);
}
