// Words in whole bytes, one behind the other, nothing else.
#include "bittrue/model/error.hpp"
#include "codecs.hpp"

namespace bittrue {

void encode_raw(const WordSource& source, bool big_endian, TextOut& out) {
    const auto bytes = static_cast<std::size_t>((source.plan().total_bits + 7) / 8);
    source.each([&](ConstLimbs word, std::int64_t) {
        char* at = out.room(bytes);
        for (std::size_t i = 0; i < bytes; ++i) {
            const std::size_t byte = big_endian ? bytes - 1 - i : i;
            at[i] = static_cast<char>(static_cast<unsigned char>(word[byte / 8] >> (8 * (byte % 8)) & 0xffU));
        }
        out.used(at + bytes);
    });
}

FileWords decode_raw(std::string_view bytes, const std::string& where, bool big_endian, std::optional<int> word_bits) {
    if (!word_bits) {
        throw InputError(where,
                         "a binary file does not say how wide its words are; give the packing (word_bits) or read it "
                         "beside vectors with a manifest");
    }
    const auto per_word = static_cast<std::size_t>((*word_bits + 7) / 8);
    if (bytes.size() % per_word != 0) {
        throw InputError(where, "has " + std::to_string(bytes.size()) +
                                    " bytes, which are no whole number of words of " + std::to_string(*word_bits) +
                                    " bits in " + std::to_string(per_word) + " bytes");
    }
    FileWords words;
    words.packed = PackedWords{.bits = static_cast<int>(8 * per_word), .limbs = {}};
    PackedWords& packed = *words.packed;
    const std::size_t limbs = packed.limbs_per_word(), count = bytes.size() / per_word;
    packed.limbs.resize(count * limbs);
    for (std::size_t word = 0; word < count; ++word) {
        const char* from = bytes.data() + word * per_word;
        std::uint64_t* to = packed.limbs.data() + word * limbs;
        for (std::size_t i = 0; i < per_word; ++i) {
            const std::size_t byte = big_endian ? per_word - 1 - i : i;
            to[byte / 8] |= static_cast<std::uint64_t>(static_cast<unsigned char>(from[i])) << (8 * (byte % 8));
        }
    }
    return words;
}

}  // namespace bittrue
