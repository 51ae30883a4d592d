// Packing that is worked out once and then applied to many images.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bittrue/vectors/packing.hpp"

namespace bittrue {

// The sizes that follow from a packing, its zeros replaced.
struct PackingPlan {
    int width = 1;  // of an element
    int lanes = 1;
    int lane_bits = 1;
    int data_bits = 1;  // of the word without TKEEP and TLAST
    int total_bits = 1;
    std::int64_t images = 0;
    std::int64_t elements = 0;  // per image
    std::int64_t words = 0;     // per image

    [[nodiscard]] std::size_t lane_offset(int lane, bool first_high) const {
        const int position = first_high ? lanes - 1 - lane : lane;
        return static_cast<std::size_t>(position) * static_cast<std::size_t>(lane_bits);
    }
};

class Packer {
public:
    // InputError as check_packing.
    Packer(const Packing& packing, const PackedShape& shape, const std::string& where);

    [[nodiscard]] const PackingPlan& plan() const { return plan_; }

    // Whole images, the first element being number `first_element` of the array (for messages). `out` is overwritten;
    // its memory is used again.
    void pack(std::span<const std::int64_t> words, std::int64_t first_element, PackedWords& out) const;
    [[nodiscard]] Unpacked unpack(const PackedWords& packed) const;

private:
    struct Oddities;

    void pack_plain(std::span<const std::int64_t> words, PackedWords& out) const;
    void pack_word(std::span<const std::int64_t> image, std::int64_t first, std::span<std::uint64_t> word) const;
    [[nodiscard]] bool unpack_plain(const PackedWords& packed, Unpacked& result) const;
    void unpack_word(std::span<std::uint64_t> word, std::int64_t first, std::int64_t index, std::int64_t* image,
                     Oddities& odd) const;
    void check_words(std::span<const std::int64_t> words, std::int64_t first_element) const;
    [[nodiscard]] bool is_plain() const;
    // Packed words of one limb with lanes side by side.
    [[nodiscard]] bool is_narrow() const;
    void pack_narrow(std::span<const std::int64_t> words, PackedWords& out) const;
    [[nodiscard]] bool unpack_narrow(const PackedWords& packed, Unpacked& result) const;
    [[nodiscard]] std::uint64_t keep_of(int present, int from) const;
    [[nodiscard]] bool byte_present(int byte, int present) const;
    [[nodiscard]] std::size_t place(std::int64_t position) const {
        return static_cast<std::size_t>(order_.empty() ? position : order_[static_cast<std::size_t>(position)]);
    }

    Packing packing_;
    Format format_;
    std::string where_;
    PackingPlan plan_;
    std::vector<std::int64_t> order_;  // storage index of each position of the stream; empty: the same
};

// Index of the first element that is no word of the format; words.size() where all are.
[[nodiscard]] std::size_t first_misfit(std::span<const std::int64_t> words, Format format);

// InputError when packing and shape do not go together.
[[nodiscard]] PackingPlan plan_packing(const Packing& packing, const PackedShape& shape, const std::string& where);
// Storage index within a block of each element in the order of the words; empty where it is the storage order. For a
// packing that plan_packing accepts.
[[nodiscard]] std::vector<std::int64_t> element_order(const Packing& packing, const PackedShape& shape);

}  // namespace bittrue
