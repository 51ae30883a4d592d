// The memory of the fast engine.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "block/aligned.hpp"
#include "training/kernels.hpp"
#include "training/layout.hpp"
#include "training/lfsr.hpp"
#include "training/numbers.hpp"

namespace bittrue::emulator::training {

// Aligned numbers, all of one value after reset().
template <class T>
class Room {
public:
    void reset(std::int64_t count, T value = T{}) {
        data_ = bytes_.get_as<T>(count);
        std::fill(data_, data_ + count, value);
    }
    [[nodiscard]] T* at(std::int64_t index) { return data_ + index; }
    [[nodiscard]] const T* at(std::int64_t index) const { return data_ + index; }

private:
    AlignedBytes bytes_{};
    T* data_ = nullptr;
};

// Offsets of a DotLayout in bytes, for cells of one size.
struct DotOffsets {
    void measure(const DotLayout& layout, int cell_bytes) {
        cell_bytes_ = cell_bytes;
        scale(layout.cell_at, cells);
        scale(layout.quad_cells, quads);
        places.clear();
        for (const FourPlanes& four : layout.cells) {
            for (const int plane : four) places.push_back(plane * kImages);
        }
    }
    std::vector<std::int32_t> cells{}, quads{}, places{};

private:
    void scale(const std::vector<int>& in_cells, std::vector<std::int32_t>& in_bytes) const {
        in_bytes.clear();
        for (const int cell : in_cells) in_bytes.push_back(cell * cell_bytes_);
    }
    int cell_bytes_ = 0;
};

struct LayerRoom {
    LayerRoom(const TrainingNetwork& network, std::size_t layer);

    LayerNumbers numbers;
    int word_stride;   // bytes of a row of weight words
    int delta_stride;  // int32 of a row of transposed deltas
    DotLayout forward, backward;
    DotOffsets forward_offsets{}, backward_offsets{};
    std::vector<std::int32_t> forward_weights{};  // byte offsets of each quad's weights in `packed`
    std::vector<std::int32_t> unpool_places{};    // byte offsets of a window's sums
    Draws randomizer;

    // Weights of this step
    Room<std::int8_t> words{};      // [row][word_stride], and a row of zeros
    Room<std::int32_t> row_sums{};  // [row]
    Room<std::int32_t> packed{};    // [quad][out]
    Room<std::int32_t> starts{};    // [input or input channel]: takes back the 128 that deltas have too much
    std::vector<std::uint16_t> draws{};

    // Maps, block after block
    Room<std::uint8_t> input{};                      // planes, and one of zeros behind each block's
    Room<std::uint8_t> cells{};                      // of convolutions
    Room<std::int32_t> sums{};                       // [sum][image], of the last layer and where a trace is asked for
    Room<std::uint8_t> index{}, flags{};             // planes at the output
    Room<std::int32_t> d{};                          // [output][image]
    Room<std::int32_t> errors{};                     // the same, for a trace
    std::array<Room<std::int8_t>, kDigits> delta{};  // planes at the sums, and one of zeros behind each block's
    std::array<Room<std::uint8_t>, kDigits> back_cells{};
    std::array<Room<std::int32_t>, kDigits> turned{};  // dense: [quad of images][out]
    std::array<Room<std::int32_t>, kDigits> g{};
    std::vector<std::int64_t> wide_g{};  // all digits
    std::uint64_t most_d = 0, most_g = 0;
    int frac_d = 0;
    std::uint64_t forward_overflows = 0, error_overflows = 0, gradient_overflows = 0;  // as in StepSummary
};

struct PartRoom {
    Room<std::int32_t> tile{};   // [place][channel][image]
    Room<std::int32_t> more{};   // of a digit
    Room<std::uint8_t> cells{};  // of a dense layer
    Room<std::int8_t> delta{};   // in front of the unpooling
    Room<std::uint8_t> unused{};
    std::uint64_t most_d = 0, most_g = 0;
    std::uint64_t overflows = 0, gradient_overflows = 0;  // of a phase
};

}  // namespace bittrue::emulator::training
