// Cells: some elements of one image side by side in a lane, so that one instruction multiplies several terms. A cell
// map builds, row by row and once per block, the cells that the windows of a layer read.
#pragma once

#include <array>

#include "terms.hpp"
#include "workspace.hpp"

namespace bittrue::emulator::linear {

enum class CellKind : std::uint8_t {
    QuadU8,    // four bytes in 32 bits; of signed inputs with 128 added
    PairS16,   // two 16-bit numbers in 32 bits
    PairU8,    // two bytes in 16 bits
    SingleS16  // one 16-bit number
};
inline constexpr std::size_t kMaxCellElements = 4;
[[nodiscard]] std::size_t elements_of(CellKind kind);
[[nodiscard]] std::size_t bytes_of(CellKind kind);  // of one cell: kLanes lanes

struct CellFormat {
    CellKind kind = CellKind::QuadU8;
    int shift = 0;  // 16-bit numbers are shifted left by it

    // Whether words of such planes fit the cells.
    [[nodiscard]] bool holds(LaneType type) const;
};

// The elements of a cell; those behind `count` are zeros.
struct CellElements {
    std::array<Element, kMaxCellElements> at{};
    std::size_t count = 0;
    friend bool operator==(const CellElements&, const CellElements&) = default;
};

// Where a cell stands from the corner of its window, before the map is complete.
struct CellPlace {
    std::int64_t y = 0, x = 0;
    std::size_t slot = 0;
    friend bool operator==(const CellPlace&, const CellPlace&) = default;
};

// One cell to build: number of the cell, planes of its elements (-1 is zero).
struct CellBuild {
    std::int64_t cell = 0;
    std::array<std::int64_t, kMaxCellElements> planes{};
};
struct CellKernels {
    void (*build)(CellFormat format, const CellBuild* list, std::size_t count, const Planes& in,
                  std::byte* cells) = nullptr;
};
[[nodiscard]] CellKernels cell_kernels(Isa isa);

class CellMap {
public:
    CellMap(const LinearTerms& terms, CellFormat format, Isa isa);

    // Every window of the layer will read a cell of these elements.
    [[nodiscard]] CellPlace add(const CellElements& elements);
    // No cell is added any more.
    void complete();

    // Bytes from window() to a cell.
    [[nodiscard]] std::uint32_t offset(const CellPlace& place) const;
    // The first byte of the window at output position (y, x) of a convolution group, all its cells being built.
    [[nodiscard]] const std::byte* window(std::int64_t y, std::int64_t x, std::int64_t group, const Planes& in,
                                          CellRoom& room) const;
    // Bytes from a window to that of the next column.
    [[nodiscard]] std::size_t column_bytes() const;

private:
    // The slot of these elements, which may be a new one.
    [[nodiscard]] std::size_t slot_of(const CellElements& elements);
    [[nodiscard]] std::int64_t cell(std::int64_t row, std::int64_t column, std::int64_t group, std::size_t slot) const;

    const LinearTerms& terms_;
    CellFormat format_;
    CellKernels kernels_;
    std::vector<CellElements> slots_{};    // relative to their first element's position
    std::vector<std::uint32_t> table_{};   // slot numbers + 1, hashed by their elements; 0 is free
    std::vector<CellPlace> last_place_{};  // by slot
    std::vector<CellPlace> places_{};
    std::int64_t width_ = 0, height_ = 0;  // of the positions that windows reach
    std::int64_t reach_ = 0;               // rows of a window
    std::vector<CellBuild> builds_{};      // by row
    std::vector<std::size_t> row_begin_{};
};

}  // namespace bittrue::emulator::linear
