// The parsers of single words: roundings, overflow modes, dialects, formats of vector files.
#include "bittrue/model/notation.hpp"
#include "bittrue/vectors/vector_files.hpp"
#include "fuzz/target.hpp"

namespace bittrue::fuzz {

std::vector<std::string> seeds() {
    std::vector<std::string> all{"npy", "hex", "npy,hex", "ap_rnd", "AC_SAT"};
    for (const Rounding r : kAllRoundings) all.push_back(print_rounding(r));
    for (const Overflow o : kAllOverflows) all.push_back(print_overflow(o));
    for (const Dialect d : kAllDialects) all.push_back(print_dialect(d));
    return all;
}

std::vector<std::string> dictionary() {
    return {"AP_",  "AC_", "SC_",  "RND", "TRN", "_CONV", "_ODD", "_ZERO",
            "WRAP", "SAT", "_SYM", "_SM", "npy", "hex",   ",",    " "};
}

}  // namespace bittrue::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bittrue;
    using namespace bittrue::fuzz;
    const std::string text = text_of(data, size);
    takes([&] {
        const Rounding r = parse_rounding(text);
        require(parse_rounding(print_rounding(r)) == r, "a rounding is printed and read back");
    });
    takes([&] {
        const Overflow o = parse_overflow(text);
        require(parse_overflow(print_overflow(o)) == o, "an overflow mode is printed and read back");
    });
    takes([&] {
        const Dialect d = parse_dialect(text);
        require(parse_dialect(print_dialect(d)) == d, "a dialect is printed and read back");
    });
    takes([&] {
        const std::vector<FileKind> kinds = parse_file_kinds(text);
        std::string again;
        for (const FileKind kind : kinds) again += (again.empty() ? "" : ",") + file_kind_name(kind);
        require(again == text, "file kinds are printed as they were read");
    });
    return 0;
}
