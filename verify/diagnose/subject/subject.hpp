// What is diagnosed: the layers between what was dumped and the wrong tensor, on the words that they read.
#pragma once

#include <cstdint>
#include <vector>

#include "bittrue/verify/diagnose.hpp"

namespace bittrue::diagnose_detail {

struct Subject {
    Chain chain{};                       // the expected datapath; one node where its inputs were dumped
    std::vector<TensorWords> answers{};  // of every node of the chain on all images
    std::vector<std::int64_t> actual{};  // of the last node, aligned, read in its format
    std::vector<std::uint8_t> masked{};  // 1: undefined, missing or ambiguous; empty: none
    std::vector<TensorWords> others{};   // of the dump, not read but of the shape of one that is: near ones
    std::size_t images = 0;
    std::vector<std::uint32_t> image_numbers{};  // of the dump: images whose given words are not known are left out
    std::vector<std::uint32_t> wrong_images{};   // in which it differs, ascending

    [[nodiscard]] const Node& last() const { return chain.nodes.back(); }
    [[nodiscard]] const std::vector<std::int64_t>& expected() const { return answers.back().words; }
    [[nodiscard]] std::int64_t per_image() const { return last().shape.count(); }
    [[nodiscard]] bool is_masked(std::size_t flat) const { return !masked.empty() && masked[flat] != 0; }
    [[nodiscard]] bool is_wrong(std::size_t flat) const {
        return !is_masked(flat) && actual[flat] != answers.back().words[flat];
    }
    [[nodiscard]] const TensorWords& tensor(const std::string& name) const;  // given or an answer
};

}  // namespace bittrue::diagnose_detail
