// parse_npy: what it takes is written as .npy and read back alike.
#include "fuzz/arrays.hpp"

namespace bittrue::fuzz {

namespace {

std::string with_header(char version, std::string header) {
    header += '\n';
    std::string bytes = "\x93NUMPY";
    bytes += {version, '\0', static_cast<char>(header.size()), '\0'};
    if (version != 1) bytes += {'\0', '\0'};
    return bytes + header;
}

}  // namespace

std::vector<std::string> seeds() {
    std::vector<std::string> all;
    for (const NpyType type : kAllNpyTypes) all.push_back(npy_bytes(small_array(type, {2, 3})));
    all.push_back(npy_bytes(small_array(NpyType::Int8, {})));
    all.push_back(npy_bytes(small_array(NpyType::Float32, {0, 5})));
    all.push_back(with_header(1, "{'descr': '>i2', 'fortran_order': True, 'shape': (2, 2), }") + "abcdefgh");
    all.push_back(with_header(2, "{'descr': '|u1', 'fortran_order': False, 'shape': (3,)}") + "abc");
    all.push_back(with_header(3, "{\"shape\": (1,), \"descr\": \"<f2\", \"fortran_order\": False}") + "ab");
    return all;
}

std::vector<std::string> dictionary() {
    return {"\x93NUMPY",
            "'descr'",
            "'fortran_order'",
            "'shape'",
            "True",
            "False",
            "'<f8'",
            "'>f4'",
            "'<f2'",
            "'|b1'",
            "'<u8'",
            "'>i4'",
            "'|O'",
            "'<U4'",
            "'<c8'",
            "()",
            "(0,)",
            "(1L,)",
            ", ",
            "{",
            "}",
            "(2147483647,",
            "4294967296",
            "1073741824",
            "1073741825",
            "18446744073709551615",
            "-1",
            "[('a', '<f4')]"};
}

}  // namespace bittrue::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bittrue;
    using namespace bittrue::fuzz;
    const std::string_view bytes = view_of(data, size);
    NpyHeader header;
    bool readable = true;
    try {
        header = parse_npy_header(bytes, "header");
    } catch (const InputError&) {
        readable = false;
    }
    NpyArray array;
    if (!takes([&] { array = parse_npy(bytes, "input"); })) return 0;
    require(readable, "the header of a readable file is readable");
    require(header.dims == array.dims && header.type == array.type, "the header says what the array is");
    require(header.header_bytes + header.data_bytes() == bytes.size(), "header and elements are the whole file");
    check_array(array);
    return 0;
}
