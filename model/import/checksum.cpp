#include "bittrue/model/checksum.hpp"

#include <array>
#include <memory>
#include <stdexcept>

#include <openssl/evp.h>

namespace bittrue {

namespace {

class Sha256 {
public:
    Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
        check(context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
    }
    void add(const void* bytes, std::size_t size) { check(EVP_DigestUpdate(context_.get(), bytes, size) == 1); }
    void add(std::uint64_t number) {
        std::array<unsigned char, 8> bytes{};
        for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<unsigned char>(number >> (8 * i) & 0xffU);
        add(bytes.data(), bytes.size());
    }
    std::string hex() {
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
        unsigned size = 0;
        check(EVP_DigestFinal_ex(context_.get(), digest.data(), &size) == 1);
        constexpr std::string_view digits = "0123456789abcdef";
        std::string text;
        for (unsigned i = 0; i < size; ++i) {
            text += digits[digest[i] >> 4U];
            text += digits[digest[i] & 15U];
        }
        return text;
    }

private:
    static void check(bool ok) {
        if (!ok) throw std::runtime_error("SHA-256 of the OpenSSL library failed");
    }
    std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

}  // namespace

std::string sha256_hex(std::string_view bytes) {
    Sha256 hash;
    hash.add(bytes.data(), bytes.size());
    return hash.hex();
}

std::string sha256_hex(const Tensor& tensor) {
    Sha256 hash;
    hash.add(std::uint64_t{tensor.dims.size()});
    for (const std::int64_t d : tensor.dims) hash.add(static_cast<std::uint64_t>(d));
    hash.add(static_cast<std::uint64_t>(tensor.format.width));
    hash.add(static_cast<std::uint64_t>(tensor.format.integer));
    hash.add(tensor.format.is_signed ? std::uint64_t{1} : std::uint64_t{0});
    for (const std::int64_t word : tensor.words) hash.add(static_cast<std::uint64_t>(word));
    return hash.hex();
}

}  // namespace bittrue
