// VCDs that are damaged or none: one sentence with the line.
#include <catch2/catch.hpp>

#include "vectors_dump/dumps.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

const std::string kHeader =
    "$timescale 1ns $end\n$var wire 1 ! clk $end\n$var wire 4 $ d [3:0] $end\n$enddefinitions $end\n";

std::string error(const std::string& text, DumpOptions options = mapped("clk", {source_of("l", {"d"})})) {
    const Folder folder;
    spill(folder / "a.vcd", text);
    const std::string message = error_of([&] { static_cast<void>(read_dump(folder / "a.vcd", options)); });
    const std::size_t at = message.find("a.vcd");
    return at == std::string::npos ? message : message.substr(at);
}

}  // namespace

TEST_CASE("a time that goes back is an error with its line") {
    CHECK(error(kHeader + "#0\n0!\n#10\n1!\n#9\n") ==
          "a.vcd:9: the time goes back from 10 to 9; these are two simulations in one file, or it is damaged");
}

TEST_CASE("a change that is none is an error with its line") {
    CHECK(error(kHeader + "#0\nq!\n") == "a.vcd:6: 'q!' begins no value change");
    CHECK(error(kHeader + "#0\n1 !\n") == "a.vcd:6: a value without the code of its signal");
    CHECK(error(kHeader + "#0\nb12 $\n") == "a.vcd:6: '12' is no value of d (4 bits)");
    CHECK(error(kHeader + "#0\nb10000 $\n") == "a.vcd:6: '10000' is no value of d (4 bits)");
    CHECK(error(kHeader + "#0\nr1.5 $\n") == "a.vcd:6: a real or text where d (4 bits) needs bits");
    CHECK(error(kHeader + "#x\n") == "a.vcd:5: '#x' is no time");
    CHECK(error(kHeader + "#99999999999999999999\n") == "a.vcd:5: '#99999999999999999999' is no time");
    CHECK(error(kHeader + "#0\n" + kHeader) ==
          "a.vcd:7: $var behind $enddefinitions; these are two dumps in one file, or it is damaged");
}

TEST_CASE("a header that is none is an error with its line") {
    CHECK(error("$timescale 1ns $end\n$var wire 1 ! clk $end\n") ==
          "a.vcd:3: ends before $enddefinitions; the file is not a VCD or was cut off");
    CHECK(error("$timescale 1ns $end\n$var wire 1 ! c") ==
          "a.vcd:2: ends within a $var; the file is not a VCD or was cut off");
    CHECK(error("$timescale 3ns $end\n").find("a.vcd:1: '3ns' is no $timescale") == 0);
    CHECK(error("$timescale 1ns $end\n$var wire one ! clk $end\n") == "a.vcd:2: 'one' is no width of a $var");
    CHECK(error("$timescale 1ns $end\n$var wire 1 $end\n") == "a.vcd:2: $var has too few words");
    CHECK(error("$upscope $end\n") == "a.vcd:1: closes a $scope that was not opened");
    CHECK(error("$scope module tb $end\nhello\n") == "a.vcd:2: 'hello' where a $keyword is expected; is this a VCD?");
    CHECK(error("$timescale 1ns $end\n$enddefinitions $end\n") == "a.vcd:2: declares no signals ($var)");
    CHECK(error("") == "a.vcd:1: ends before $enddefinitions; the file is not a VCD or was cut off");
}

TEST_CASE("a VCD without a map, or a map without what it needs, says what to write") {
    CHECK(error(kHeader, {}) == "a.vcd: needs a map that says which signal is which layer; `bittrue map` proposes one");
    CHECK(error(kHeader, mapped("", {source_of("l", {"d"})})) ==
          "a.vcd: layer 'l': has no clock; write clock = \"tb.clk\" in the map");
    CHECK(error(kHeader, mapped("clk", {source_of("l", {})})) ==
          "a.vcd: layer 'l': names no signal; write signal = \"tb.dut.data\"");
}

TEST_CASE("dumps that cannot be read say how to make one that can") {
    const Folder folder;
    const auto message = [&](const std::string& name, const std::string& bytes) {
        spill(folder / name, bytes);
        return error_of([&] { static_cast<void>(read_dump(folder / name)); });
    };
    CHECK(message("a.vcd.gz", "\x1f\x8b\x08").find("is compressed; unpack it first") != std::string::npos);
    CHECK(message("a.fst", "x").find("convert it to a VCD first (fst2vcd)") != std::string::npos);
    CHECK(message("a.ghw", "GHDLwave\n").find("--vcd=FILE in place of --wave") != std::string::npos);
    CHECK(message("a.wlf", "x").find("let it write a VCD") != std::string::npos);
    CHECK(message("a.what", "hello world").find("say it with --as (vcd, ila, hls4ml-log, decimals") !=
          std::string::npos);
    CHECK(error_of([&] { static_cast<void>(read_dump(folder / "none.vcd")); }).find("does not exist") !=
          std::string::npos);
    DumpOptions options;
    options.as = "waves";
    CHECK(error_of([&] {
              static_cast<void>(read_dump(folder / "a.what", options));
          }).find("'waves' is no kind of dump; the kinds are vcd,") != std::string::npos);
    CHECK(error_of([&] { static_cast<void>(list_signals(folder / "a.what", options)); }) != "");
}

TEST_CASE("reading stops soon when it is cancelled, and tells how far it is") {
    const Folder folder;
    std::string text = kHeader;
    for (int i = 0; i < 500000; ++i) text += "#" + std::to_string(i) + "\n" + (i % 2 == 0 ? "0!\n" : "1!\n");
    spill(folder / "a.vcd", text);
    DumpOptions options = mapped("clk", {source_of("l", {"d"})});
    std::uint64_t calls = 0, last = 0, all = 0;
    std::atomic<bool> cancel = false;
    options.progress = [&](std::uint64_t done, std::uint64_t size) {
        CHECK(done >= last);
        last = done;
        all = size;
        ++calls;
    };
    static_cast<void>(read_dump(folder / "a.vcd", options));
    CHECK(calls > 2);
    CHECK(last == text.size());
    CHECK(all == text.size());
    options.cancel = &cancel;
    options.progress = [&](std::uint64_t, std::uint64_t) { cancel = true; };
    CHECK_THROWS_AS(read_dump(folder / "a.vcd", options), Interrupted);
}
