// The forward pass: H3 to H5.
#include <limits>

#include "training/lanes.hpp"

namespace bittrue::emulator::training {

void Lanes::take_input(std::size_t part) {
    const int elements = network_.input.elements();
    const Share pixels(elements, part, team_.size());
    std::array<const std::uint8_t*, kImages> images{};
    for (int block = 0; block < batch_.blocks; ++block) {
        images.fill(nullptr);
        for (int n = 0; n < images_of(block); ++n)
            images[static_cast<std::size_t>(slot_of(n))] =
                batch_.pixels.data() + (std::int64_t{block} * kImages + n) * elements;
        kernels_.input({.images = images.data(),
                        .begin = pixels.begin,
                        .end = pixels.end,
                        .bits = network_.bits.activations,
                        .planes = layers_[0].input.at(std::int64_t{block} * (elements + 1) * kImages)});
    }
}

void Lanes::pack_weights(std::size_t l, std::size_t part) {
    LayerRoom& room = layers_[l];
    const int outs = layer(l).sums.channels, none = layer(l).fan_in();
    const Share quads(room.forward.quad_rows.size(), part, team_.size());
    for (int i = quads.begin; i < quads.end; ++i) {
        const std::int8_t* rows[4];
        for (std::size_t k = 0; k < 4; ++k) {
            const int row = room.forward.quad_rows[static_cast<std::size_t>(i)][k];
            rows[k] = room.words.at(std::int64_t{row == DotLayout::kNone ? none : row} * room.word_stride);
        }
        kernels_.interleave_rows(rows, outs, room.packed.at(std::int64_t{i} * outs));
    }
}

void Lanes::build_cells(std::size_t l, int block, Share cells, std::uint8_t* out) const {
    const LayerRoom& room = layers_[l];
    kernels_.cells({.planes = room.input.at(std::int64_t{block} * (layer(l).input.elements() + 1) * kImages),
                    .places = room.forward_offsets.places.data() + std::ptrdiff_t{4} * cells.begin,
                    .cells = cells.end - cells.begin,
                    .vectors = vectors_of(block),
                    .flip = 0,
                    .out = out,
                    .out_places = room.forward_offsets.cells.data() + cells.begin});
}

void Lanes::forward() {
    const auto cells_of = [this](std::size_t l, std::size_t part) {
        const std::int64_t size = std::int64_t{layers_[l].forward.cells_in_all} * 64 * most_vectors_;
        for (int block = 0; block < batch_.blocks; ++block)
            build_cells(l, block, Share(layers_[l].forward.cells.size(), part, team_.size()),
                        layers_[l].cells.at(block * size));
    };
    team_.run([&](std::size_t part) {
        for (std::size_t l = 0; l < layers_.size(); ++l) pack_weights(l, part);
        if (layer(0).is_conv()) cells_of(0, part);
    });
    for (std::size_t l = 0; l < layers_.size(); ++l) {
        for (PartRoom& part : parts_) part.overflows = 0;
        if (l > 0 && layer(l).is_conv()) team_.run([&](std::size_t part) { cells_of(l, part); });
        team_.run([&](std::size_t part) {
            if (!layer(l).is_conv()) return dense_sums(l, part);
            conv_sums(l, part);
            count_dropped_sums(l, part);
            if (batch_.trace != nullptr) conv_trace_sums(l, part);
        });
        layers_[l].forward_overflows = 0;
        for (const PartRoom& part : parts_) layers_[l].forward_overflows += part.overflows;
    }
}

Activation Lanes::activation_of(std::size_t l, int block, int element) {
    LayerRoom& room = layers_[l];
    const int elements = layer(l).output.elements();
    const std::int64_t own = (std::int64_t{block} * elements + element) * kImages;
    const std::int64_t next = (std::int64_t{block} * (elements + 1) + element) * kImages;
    Activation a;
    a.vectors = vectors_of(block);
    a.shift = room.numbers.fw;
    a.clip =
        static_cast<std::int32_t>(std::min<std::int64_t>(room.numbers.clip, std::numeric_limits<std::int32_t>::max()));
    a.most = room.numbers.most_a;
    a.binary = network_.bits.activations == 1;
    a.words = layers_[l + 1].input.at(next);
    a.index = room.index.at(own);
    a.flags = room.flags.at(own);
    return a;
}

void Lanes::dense_sums(std::size_t l, std::size_t part) {
    LayerRoom& room = layers_[l];
    const int outs = layer(l).sums.channels, tiles = (outs + kTile - 1) / kTile;
    std::uint8_t* const cells = parts_[part].cells.at(0);
    std::int32_t* const tile = parts_[part].tile.at(0);
    const Share own(tiles, part, team_.size());
    if (own.begin == own.end) return;
    for (int block = 0; block < batch_.blocks; ++block) {
        build_cells(l, block, Share(room.forward.cells.size(), 0, 1), cells);
        for (int t = own.begin; t < own.end; ++t) {
            const Share channels(outs, static_cast<std::size_t>(t), static_cast<std::size_t>(tiles));
            kernels_.dot({.cells = cells,
                          .cell_offsets = room.forward_offsets.quads.data(),
                          .weight_offsets = room.forward_weights.data(),
                          .quads = static_cast<int>(room.forward_weights.size()),
                          .weights = reinterpret_cast<const std::int8_t*>(room.packed.at(channels.begin)),
                          .channel_stride = 4,
                          .channels = channels.end - channels.begin,
                          .vectors = vectors_of(block),
                          .starts = nullptr,
                          .out = tile});
            parts_[part].overflows +=
                wrap_rows(layer(l).forward, tile, channels.end - channels.begin, vectors_of(block));
            for (int o = channels.begin; o < channels.end; ++o) {
                const std::int32_t* const sums = tile + std::ptrdiff_t{o - channels.begin} * kImages;
                if (is_last(l) || batch_.trace != nullptr)
                    std::copy(sums, sums + kImages, room.sums.at((std::int64_t{block} * outs + o) * kImages));
                if (is_last(l)) continue;
                Activation a = activation_of(l, block, o);
                a.sums = sums;
                kernels_.activate(a);
            }
        }
    }
}

void Lanes::conv_dot(std::size_t l, int block, int y, int x, Share channels, std::int32_t* out) const {
    const LayerRoom& room = layers_[l];
    const std::int64_t cell = std::int64_t{64} * most_vectors_;
    const std::int64_t at =
        std::int64_t{block} * room.forward.cells_in_all + y * room.forward.row_step + x * room.forward.column_step;
    kernels_.dot({.cells = room.cells.at(at * cell),
                  .cell_offsets = room.forward_offsets.quads.data(),
                  .weight_offsets = room.forward_weights.data(),
                  .quads = static_cast<int>(room.forward_weights.size()),
                  .weights = reinterpret_cast<const std::int8_t*>(room.packed.at(channels.begin)),
                  .channel_stride = 4,
                  .channels = channels.end - channels.begin,
                  .vectors = vectors_of(block),
                  .starts = nullptr,
                  .out = out});
}

void Lanes::conv_sums(std::size_t l, std::size_t part) {
    const TrainingLayer& own = layer(l);
    const int outs = own.sums.channels, tiles = (outs + kTile - 1) / kTile, columns = own.output.columns;
    const int map = own.output.rows * columns;
    std::int32_t* const tile = parts_[part].tile.at(0);
    const Share positions(map, part, team_.size());
    for (int block = 0; block < batch_.blocks; ++block) {
        for (int at = positions.begin; at < positions.end; ++at) {
            const int y = at / columns * own.pool_rows, x = at % columns * own.pool_columns;
            for (int t = 0; t < tiles; ++t) {
                const Share channels(outs, static_cast<std::size_t>(t), static_cast<std::size_t>(tiles));
                std::int32_t* to = tile;
                for (int r = 0; r < own.pool_rows; ++r) {
                    for (int s = 0; s < own.pool_columns; ++s, to += kTile * kImages) {
                        conv_dot(l, block, y + r, x + s, channels, to);
                        parts_[part].overflows +=
                            wrap_rows(own.forward, to, channels.end - channels.begin, vectors_of(block));
                    }
                }
                for (int o = channels.begin; o < channels.end; ++o) {
                    Activation a = activation_of(l, block, o * map + at);
                    a.places = own.pool_rows * own.pool_columns;
                    a.place_stride = kTile * kImages;
                    a.sums = tile + std::ptrdiff_t{o - channels.begin} * kImages;
                    kernels_.activate(a);
                }
            }
        }
    }
}

void Lanes::conv_trace_sums(std::size_t l, std::size_t part) {
    const TrainingLayer& own = layer(l);
    const int outs = own.sums.channels, map = own.sums.rows * own.sums.columns;
    const Share positions(map, part, team_.size());
    for (int block = 0; block < batch_.blocks; ++block) {
        for (int at = positions.begin; at < positions.end; ++at) {
            for (int o = 0; o < outs; ++o) {
                std::int32_t* const sums = layers_[l].sums.at(((std::int64_t{block} * outs + o) * map + at) * kImages);
                conv_dot(l, block, at / own.sums.columns, at % own.sums.columns, Share(o, o + 1), sums);
                wrap_rows(own.forward, sums, 1, vectors_of(block));
            }
        }
    }
}

// Sums that no window of the pool holds are seen by nobody, but they are sums (H4).
void Lanes::count_dropped_sums(std::size_t l, std::size_t part) {
    const TrainingLayer& own = layer(l);
    if (own.forward.width == 0 || own.forward.saturate) return;
    const int columns = own.sums.columns;
    std::int32_t* const tile = parts_[part].tile.at(0);
    const Share positions(own.sums.rows * columns, part, team_.size());
    for (int block = 0; block < batch_.blocks; ++block) {
        for (int at = positions.begin; at < positions.end; ++at) {
            const int y = at / columns, x = at % columns;
            if (y < own.output.rows * own.pool_rows && x < own.output.columns * own.pool_columns) continue;
            for (int o = 0; o < own.sums.channels; ++o) {
                conv_dot(l, block, y, x, Share(o, o + 1), tile);
                parts_[part].overflows += wrap_rows(own.forward, tile, 1, vectors_of(block));
            }
        }
    }
}

void Lanes::judge(StepSummary& summary) {
    const std::size_t last = layers_.size() - 1;
    LayerRoom& room = layers_[last];
    const int classes = network_.classes();
    const auto one = static_cast<std::int32_t>(room.numbers.one);
    room.most_d = 0;
    room.frac_d = room.numbers.fx;
    for (int block = 0; block < batch_.blocks; ++block) {
        const std::int64_t first = std::int64_t{block} * classes * kImages;
        for (int n = 0; n < images_of(block); ++n) {
            const int label = batch_.labels[static_cast<std::size_t>(block * kImages + n)];
            std::int32_t best = -1;
            int answer = 0;
            for (int o = 0; o < classes; ++o) {
                const std::int32_t x = *room.sums.at(first + o * kImages + n);
                const std::int32_t p = std::clamp(x, 0, one);
                const std::int32_t off = p - (o == label ? one : 0);
                if (p > best) {
                    best = p;
                    answer = o;
                }
                summary.loss_raw += std::int64_t{off} * off;
                *room.d.at(first + o * kImages + n) = 2 * off;
                *room.flags.at(first + o * kImages + slot_of(n)) = p == x ? Activation::kPositive : std::uint8_t{0};
                room.most_d = std::max(room.most_d, static_cast<std::uint64_t>(off < 0 ? -2 * off : 2 * off));
            }
            summary.correct += answer == label ? 1 : 0;
        }
        // Images that are not there have no error.
        for (int n = images_of(block); n < kImages; ++n) {
            for (int o = 0; o < classes; ++o) *room.d.at(first + o * kImages + n) = 0;
        }
    }
}

}  // namespace bittrue::emulator::training
