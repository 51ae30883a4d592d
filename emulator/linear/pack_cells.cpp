#include <map>
#include <tuple>

#include "dot_group.hpp"

namespace bittrue::emulator::linear {
namespace {

// Where runs of at most `length` begin that together cover 0..n-1: they may overlap rather than leave the range, so
// that all have one length where n allows.
std::vector<std::int64_t> run_starts(std::int64_t n, std::int64_t length) {
    std::vector<std::int64_t> starts;
    for (std::int64_t i = 0; i < n; i += length) starts.push_back(std::max<std::int64_t>(0, std::min(i, n - length)));
    return starts;
}
std::int64_t runs(std::int64_t n, std::int64_t length) {
    return (n + length - 1) / length;
}

class Packer {
public:
    Packer(const LinearTerms& terms, std::size_t count) : count_(static_cast<std::int64_t>(count)) {
        for (std::size_t t = 0; t < terms.taps.size(); ++t) {
            const Element& e = terms.taps[t];
            left_[{e.y, e.x, e.c}] = static_cast<std::int64_t>(t);
        }
        for (const Element& e : terms.taps) {
            if (e.x == 0 && e.c == 0) rows_.push_back(e.y);
            if (e.y == 0 && e.c == 0) columns_.push_back(e.x);
        }
        channels_ = terms.group_inputs;
    }

    std::vector<PackedCell> run() {
        const std::int64_t rest = channels_ % count_;
        const std::int64_t width = columns(), height = rows();
        for (std::int64_t y = 0; y < height; ++y)
            for (std::int64_t x = 0; x < width; ++x)
                for (std::int64_t c = 0; c + count_ <= channels_; c += count_) add(y, 1, x, 1, c, count_);
        if (rest == 0) return std::move(cells_);
        const std::int64_t most = count_ / rest;  // positions whose remaining channels share a cell
        const std::int64_t by_rows = height * runs(width, most), by_columns = width * runs(height, most);
        const std::int64_t mixed = height * (width / most) + (width % most) * runs(height, most);
        const std::int64_t c = channels_ - rest;
        if (by_rows <= std::min(by_columns, mixed)) {
            lay_rows(width, most, c, rest);
        } else if (by_columns <= mixed) {
            lay_columns(0, most, c, rest);
        } else {
            lay_rows(width - width % most, most, c, rest);
            lay_columns(width - width % most, most, c, rest);
        }
        return std::move(cells_);
    }

private:
    [[nodiscard]] std::int64_t rows() const { return static_cast<std::int64_t>(rows_.size()); }
    [[nodiscard]] std::int64_t columns() const { return static_cast<std::int64_t>(columns_.size()); }

    void lay_rows(std::int64_t width, std::int64_t most, std::int64_t c, std::int64_t rest) {
        for (std::int64_t y = 0; y < rows(); ++y)
            for (const std::int64_t x : run_starts(width, most)) add(y, 1, x, std::min(most, width - x), c, rest);
    }
    void lay_columns(std::int64_t from, std::int64_t most, std::int64_t c, std::int64_t rest) {
        for (std::int64_t x = from; x < columns(); ++x)
            for (const std::int64_t y : run_starts(rows(), most)) add(y, std::min(most, rows() - y), x, 1, c, rest);
    }

    // One cell; a term that a cell in front already has keeps a zero weight here.
    void add(std::int64_t y, std::int64_t height, std::int64_t x, std::int64_t width, std::int64_t c,
             std::int64_t channels) {
        PackedCell cell;
        for (std::int64_t i = y; i < y + height; ++i) {
            for (std::int64_t j = x; j < x + width; ++j) {
                for (std::int64_t k = c; k < c + channels; ++k) {
                    const Element e{rows_[static_cast<std::size_t>(i)], columns_[static_cast<std::size_t>(j)], k};
                    const auto found = left_.find({e.y, e.x, e.c});
                    if (found != left_.end()) {
                        cell.terms[cell.elements.count] = found->second;
                        left_.erase(found);
                    }
                    cell.elements.at[cell.elements.count++] = e;
                }
            }
        }
        cells_.push_back(cell);
    }

    std::int64_t count_, channels_ = 1;
    std::vector<std::int64_t> rows_{}, columns_{};
    std::map<std::tuple<std::int64_t, std::int64_t, std::int64_t>, std::int64_t> left_{};
    std::vector<PackedCell> cells_{};
};

}  // namespace

std::vector<PackedCell> pack_cells(const LinearTerms& terms, std::size_t count) {
    return Packer(terms, count).run();
}

}  // namespace bittrue::emulator::linear
