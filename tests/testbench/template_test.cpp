// The engine that fills in the templates.
#include "vectors/testbench/template.hpp"

#include <stdexcept>

#include <catch2/catch.hpp>

using bittrue::testbench::Fields;
using bittrue::testbench::fill_in;

namespace {

Fields list_of(std::vector<std::string> names) {
    Fields fields;
    fields.texts["name"] = "outer";
    fields.flags["on"] = true;
    fields.flags["off"] = false;
    fields.lists["items"] = {};
    for (const std::string& name : names) fields.lists["items"].push_back({.texts = {{"name", name}}});
    return fields;
}

}  // namespace

TEST_CASE("Template: texts are put in as they are, everything else stays") {
    CHECK(fill_in("always @(posedge clk) @name@;\n", list_of({})) == "always @(posedge clk) outer;\n");
    CHECK(fill_in("a@b @ @Name@ @a-b@ @\n@", list_of({})) == "a@b @ @Name@ @a-b@ @\n@");
    Fields fields;
    fields.texts["x"] = "@y@";
    CHECK(fill_in("@x@", fields) == "@y@");
}

TEST_CASE("Template: a section stands or falls with its flag or list") {
    CHECK(fill_in("@if on@a@end@@unless on@b@end@@if off@c@end@@unless off@d@end@", list_of({})) == "ad");
    CHECK(fill_in("@if items@a@end@", list_of({})).empty());
    CHECK(fill_in("@if items@a@end@", list_of({"x"})) == "a");
    CHECK(fill_in("@if off@@if on@a@end@@unknown@@end@b", list_of({})) == "b");
}

TEST_CASE("Template: a list repeats its section, with something between the items") {
    CHECK(fill_in("@each items@@name@@between , @@end@ @name@", list_of({"a", "b", "c"})) == "a, b, c outer");
    CHECK(fill_in("[@each items@@name@@end@]", list_of({})) == "[]");
    Fields nested = list_of({"a", "b"});
    nested.lists["items"][0].lists["inner"] = {{.texts = {{"x", "1"}}}, {.texts = {{"x", "2"}}}};
    nested.lists["items"][1].lists["inner"] = {{.texts = {{"x", "3"}}}};
    CHECK(fill_in("@each items@@each inner@@name@@x@@between +@@end@@between ;@@end@", nested) == "a1+a2;b3");
}

TEST_CASE("Template: a directive alone in its line takes the line with it") {
    CHECK(fill_in("a\n  @if on@\n  b\n  @end@\nc\n", list_of({})) == "a\n  b\nc\n");
    CHECK(fill_in("a\n@each items@\n@name@;\n@end@\nb\n", list_of({"x", "y"})) == "a\nx;\ny;\nb\n");
    CHECK(fill_in("a @if on@\nb@end@ c\n", list_of({})) == "a \nb c\n");
}

TEST_CASE("Template: a mistake in a template is found when it is filled in") {
    CHECK_THROWS_AS(fill_in("@unknown@", list_of({})), std::logic_error);
    CHECK_THROWS_AS(fill_in("@if unknown@@end@", list_of({})), std::logic_error);
    CHECK_THROWS_AS(fill_in("@if on@", list_of({})), std::logic_error);
    CHECK_THROWS_AS(fill_in("@end@", list_of({})), std::logic_error);
}
