// Words of one tensor for many images, images innermost: every lane is an image.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bittrue::explore {

inline constexpr int kLaneStep = 64;  // lanes of a block are a multiple of this; those behind the last image hold zeros

class Block {
public:
    Block() = default;
    Block(std::int64_t elements, int images) { reset(elements, images); }

    // Contents are undefined afterwards.
    void reset(std::int64_t elements, int images) {
        elements_ = elements;
        lanes_ = (images + kLaneStep - 1) / kLaneStep * kLaneStep;
        lines_.resize(static_cast<std::size_t>(elements_ * lanes_ / kPerLine));
    }

    [[nodiscard]] std::int64_t elements() const { return elements_; }
    [[nodiscard]] int lanes() const { return lanes_; }
    [[nodiscard]] std::size_t bytes() const { return lines_.size() * sizeof(Line); }
    [[nodiscard]] std::int32_t* plane(std::int64_t element) { return data() + element * lanes_; }
    [[nodiscard]] const std::int32_t* plane(std::int64_t element) const { return data() + element * lanes_; }

private:
    static constexpr int kPerLine = 16;
    struct alignas(64) Line {
        std::int32_t words[kPerLine];
    };
    [[nodiscard]] std::int32_t* data() { return lines_.empty() ? nullptr : lines_.front().words; }
    [[nodiscard]] const std::int32_t* data() const { return lines_.empty() ? nullptr : lines_.front().words; }

    std::int64_t elements_ = 0;
    int lanes_ = 0;
    std::vector<Line> lines_{};
};

}  // namespace bittrue::explore
