#include "bittrue/model/checksum.hpp"

#include <array>
#include <memory>
#include <stdexcept>

#include <openssl/evp.h>

namespace bittrue {

namespace {

void check(bool ok) {
    if (!ok) throw std::runtime_error("SHA-256 of the OpenSSL library failed");
}

void add_number(Sha256& hash, std::uint64_t number) {
    std::array<char, 8> bytes{};
    for (unsigned i = 0; i < 8; ++i)
        bytes[i] = static_cast<char>(static_cast<unsigned char>(number >> (8 * i) & 0xffU));
    hash.add({bytes.data(), bytes.size()});
}

}  // namespace

struct Sha256::State {
    std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
    check(state_->context != nullptr && EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr) == 1);
}
Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) {
    check(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1);
}

std::string Sha256::hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    check(EVP_DigestFinal_ex(state_->context.get(), digest.data(), &size) == 1);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
        text += digits[digest[i] >> 4U];
        text += digits[digest[i] & 15U];
    }
    return text;
}

std::string sha256_hex(std::string_view bytes) {
    Sha256 hash;
    hash.add(bytes);
    return hash.hex();
}

std::string sha256_hex(const Tensor& tensor) {
    Sha256 hash;
    add_number(hash, std::uint64_t{tensor.dims.size()});
    for (const std::int64_t d : tensor.dims) add_number(hash, static_cast<std::uint64_t>(d));
    add_number(hash, static_cast<std::uint64_t>(tensor.format.width));
    add_number(hash, static_cast<std::uint64_t>(tensor.format.integer));
    add_number(hash, tensor.format.is_signed ? std::uint64_t{1} : std::uint64_t{0});
    for (const std::int64_t word : tensor.words) add_number(hash, static_cast<std::uint64_t>(word));
    return hash.hex();
}

}  // namespace bittrue
