#include "training/layout.hpp"

#include <algorithm>

namespace bittrue::emulator::training {

namespace {

// Convolutions: four channels of one position where there are four; of what is left, each channel by four neighbours in
// a row, and behind the last whole four of a row by four neighbours in a column.
class ConvForward {
public:
    explicit ConvForward(const TrainingLayer& layer) : layer_(layer), in_(layer.input) {
        whole_ = in_.channels / 4;
        kinds_ = whole_ + 2 * (in_.channels % 4);
    }

    DotLayout make() {
        out_.row_step = in_.columns * kinds_;
        out_.column_step = kinds_;
        for (int y = 0; y < in_.rows; ++y) {
            for (int x = 0; x < in_.columns; ++x) add_cells(y, x);
        }
        out_.cells_in_all = static_cast<int>(out_.cells.size());
        for (int kind = 0; kind < whole_; ++kind) add_channels(kind);
        for (int c = 4 * whole_; c < in_.channels; ++c) add_neighbours(c);
        return std::move(out_);
    }

private:
    int plane(int c, int y, int x) const {
        if (y >= in_.rows || x >= in_.columns) return in_.elements();
        return (c * in_.rows + y) * in_.columns + x;
    }
    int weight_row(int c, int r, int s) const {
        if (r >= layer_.kernel_rows || s >= layer_.kernel_columns) return DotLayout::kNone;
        return (r * layer_.kernel_columns + s) * in_.channels + c;
    }
    int row_kind(int c) const { return whole_ + 2 * (c - 4 * whole_); }

    void add_cells(int y, int x) {
        const auto add = [this](FourPlanes planes) {
            out_.cell_at.push_back(static_cast<int>(out_.cells.size()));
            out_.cells.push_back(planes);
        };
        for (int k = 0; k < whole_; ++k)
            add({plane(4 * k, y, x), plane(4 * k + 1, y, x), plane(4 * k + 2, y, x), plane(4 * k + 3, y, x)});
        for (int c = 4 * whole_; c < in_.channels; ++c) {
            add({plane(c, y, x), plane(c, y, x + 1), plane(c, y, x + 2), plane(c, y, x + 3)});
            add({plane(c, y, x), plane(c, y + 1, x), plane(c, y + 2, x), plane(c, y + 3, x)});
        }
    }

    void add_quad(int r, int s, int kind, FourPlanes rows) {
        out_.quad_cells.push_back(r * out_.row_step + s * out_.column_step + kind);
        out_.quad_rows.push_back(rows);
    }
    void add_channels(int kind) {
        for (int r = 0; r < layer_.kernel_rows; ++r) {
            for (int s = 0; s < layer_.kernel_columns; ++s) {
                const int c = 4 * kind;
                add_quad(
                    r, s, kind,
                    {weight_row(c, r, s), weight_row(c + 1, r, s), weight_row(c + 2, r, s), weight_row(c + 3, r, s)});
            }
        }
    }
    void add_neighbours(int c) {
        const int along = layer_.kernel_columns / 4 * 4;
        for (int r = 0; r < layer_.kernel_rows; ++r) {
            for (int s = 0; s < along; s += 4)
                add_quad(
                    r, s, row_kind(c),
                    {weight_row(c, r, s), weight_row(c, r, s + 1), weight_row(c, r, s + 2), weight_row(c, r, s + 3)});
        }
        for (int s = along; s < layer_.kernel_columns; ++s) {
            for (int r = 0; r < layer_.kernel_rows; r += 4)
                add_quad(
                    r, s, row_kind(c) + 1,
                    {weight_row(c, r, s), weight_row(c, r + 1, s), weight_row(c, r + 2, s), weight_row(c, r + 3, s)});
        }
    }

    const TrainingLayer& layer_;
    MapShape in_;
    int whole_ = 0, kinds_ = 0;
    DotLayout out_{};
};

DotLayout dense_forward(const TrainingLayer& layer) {
    DotLayout out;
    const int count = layer.input.elements();
    for (int i = 0; i < count; i += 4) {
        FourPlanes planes{}, rows{};
        for (int k = 0; k < 4; ++k) {
            const auto at = static_cast<std::size_t>(k);
            planes[at] = std::min(i + k, count);
            rows[at] = i + k < count ? i + k : DotLayout::kNone;
        }
        out.cell_at.push_back(i / 4);
        out.quad_cells.push_back(i / 4);
        out.cells.push_back(planes);
        out.quad_rows.push_back(rows);
    }
    out.cells_in_all = static_cast<int>(out.cells.size());
    return out;
}

}  // namespace

DotLayout forward_layout(const TrainingLayer& layer) {
    return layer.is_conv() ? ConvForward(layer).make() : dense_forward(layer);
}

DotLayout backward_layout(const TrainingLayer& layer, int word_stride) {
    DotLayout out;
    const MapShape& sums = layer.sums;
    const int map = sums.rows * sums.columns, quads = round_up(sums.channels, 4) / 4;
    const int kernel_rows = std::max(layer.kernel_rows, 1), kernel_columns = std::max(layer.kernel_columns, 1);
    const int columns = sums.columns + 2 * (kernel_columns - 1);
    out.column_step = quads;
    out.row_step = columns * quads;
    out.cells_in_all = (sums.rows + 2 * (kernel_rows - 1)) * out.row_step;
    for (int y = 0; y < sums.rows; ++y) {
        for (int x = 0; x < sums.columns; ++x) {
            for (int q = 0; q < quads; ++q) {
                FourPlanes planes{};
                for (int k = 0; k < 4; ++k)
                    planes[static_cast<std::size_t>(k)] =
                        4 * q + k < sums.channels ? (4 * q + k) * map + y * sums.columns + x : sums.elements();
                out.cells.push_back(planes);
                out.cell_at.push_back((y + kernel_rows - 1) * out.row_step + (x + kernel_columns - 1) * quads + q);
            }
        }
    }
    const int inputs = layer.is_conv() ? layer.input.channels : 0;
    for (int r = 0; r < kernel_rows; ++r) {
        for (int s = 0; s < kernel_columns; ++s) {
            for (int q = 0; q < quads; ++q) {
                out.quad_cells.push_back((kernel_rows - 1 - r) * out.row_step + (kernel_columns - 1 - s) * quads + q);
                out.quad_weights.push_back((r * kernel_columns + s) * inputs * word_stride + 4 * q);
            }
        }
    }
    return out;
}

}  // namespace bittrue::emulator::training
