#include "bittrue/model/checksum.hpp"

#include <catch2/catch.hpp>

using namespace bittrue;

TEST_CASE("SHA-256 of the published examples") {
    CHECK(sha256_hex(std::string_view()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(sha256_hex(std::string_view("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(sha256_hex(std::string(1000000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("a tensor's checksum is that of its canonical bytes") {
    const Tensor tensor{.dims = {2, 1}, .format = {.width = 8, .integer = 3, .is_signed = true}, .words = {-1, 5}};
    std::string bytes;
    for (const std::int64_t n : {2, 2, 1, 8, 3, 1, -1, 5}) {
        for (unsigned b = 0; b < 8; ++b) bytes += static_cast<char>(static_cast<std::uint64_t>(n) >> (8 * b) & 0xffU);
    }
    CHECK(sha256_hex(tensor) == sha256_hex(bytes));
}

TEST_CASE("tensors that differ in any part have different checksums") {
    const Tensor base{.dims = {2}, .format = {.width = 8, .integer = 3, .is_signed = true}, .words = {1, 2}};
    Tensor dims = base;
    dims.dims = {2, 1};
    Tensor format = base;
    format.format.is_signed = false;
    Tensor words = base;
    words.words[1] = 3;
    for (const Tensor& other : {dims, format, words}) CHECK(sha256_hex(other) != sha256_hex(base));
}
