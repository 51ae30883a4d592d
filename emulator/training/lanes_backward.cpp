// The backward pass: H6 to H10, up to the gradients.
#include <cstring>

#include "training/lanes.hpp"

namespace bittrue::emulator::training {

namespace {

// Where in a plane the images of four bytes stand that are there with so many vectors.
std::vector<std::int32_t> quad_places(int vectors) {
    std::vector<std::int32_t> places;
    for (int b = 0; b < 4; ++b) {
        for (int j = 0; j < vectors; ++j) places.push_back(16 * b + 4 * j);
    }
    return places;
}

}  // namespace

void Lanes::backward(StepSummary& summary) {
    nan_layers_ = 0;
    for (LayerRoom& room : layers_) room.error_overflows = room.gradient_overflows = 0;
    for (std::size_t l = 1; l < layers_.size(); ++l) {
        if (!layer(l).is_conv()) continue;
        LayerRoom& room = layers_[l];
        const int inputs = layer(l).input.channels;
        std::fill(room.starts.at(0), room.starts.at(inputs), 0);
        for (int row = 0; row < layer(l).fan_in(); ++row) *room.starts.at(row % inputs) -= 128 * *room.row_sums.at(row);
    }
    for (std::size_t l = layers_.size(); l-- > 0;) {
        LayerRoom& room = layers_[l];
        const std::optional<int> k = scale_of(room.most_d, room.frac_d);
        summary.layers[l].error_exponent = k;
        if (!k) {
            summary.zero_tensors.push_back({.layer = l, .gradient = false});
            if (network_.zero_scale == ZeroScale::Nan) {
                nan_layers_ = l + 1;
                room.error_overflows = 0;  // H11
                return;
            }
        }
        const int shift = k ? room.frac_d + *k - (network_.bits.errors - 1) : 0;
        team_.run([&](std::size_t part) { quantise(l, shift, part); });
        team_.run([&](std::size_t part) {
            parts_[part].most_g = parts_[part].most_d = 0;
            parts_[part].overflows = parts_[part].gradient_overflows = 0;
            layer(l).is_conv() ? conv_gradients(l, part) : dense_gradients(l, part);
            if (l > 0) back(l, part);
        });
        room.most_g = 0;
        if (digits_ > 1) {
            widen(l);
        } else if (layer(l).is_conv()) {
            room.gradient_overflows = wrap_gradients(l, 0, layer(l).weight_count());
            room.most_g = kernels_.largest(room.g[0].at(0), layer(l).weight_count());
        }
        for (const PartRoom& part : parts_) {
            room.most_g = std::max(room.most_g, part.most_g);
            room.gradient_overflows += part.gradient_overflows;
        }
        summary.layers[l].gradient_exponent = scale_of(room.most_g, room.numbers.fg);
        if (room.most_g == 0) {
            summary.zero_tensors.push_back({.layer = l, .gradient = true});
            if (network_.zero_scale == ZeroScale::Nan) room.gradient_overflows = 0;  // H11
        }
        if (l == 0) continue;
        LayerRoom& front = layers_[l - 1];
        front.most_d = 0;
        front.frac_d = room.numbers.fd;
        for (const PartRoom& part : parts_) {
            front.most_d = std::max(front.most_d, part.most_d);
            front.error_overflows += part.overflows;
        }
    }
}

void Lanes::quantise(std::size_t l, int shift, std::size_t part) {
    Quantise how;
    how.shift = shift;
    how.most = layers_[l].numbers.most_e;
    how.digits = digits_;
    layer(l).is_conv() ? quantise_conv(l, how, part) : quantise_dense(l, how, part);
}

void Lanes::flip_cells(std::size_t l, int block, int begin, int end) {
    LayerRoom& room = layers_[l];
    const std::int64_t size = std::int64_t{room.backward.cells_in_all} * 64 * most_vectors_;
    for (std::size_t t = 0; t < static_cast<std::size_t>(digits_); ++t)
        kernels_.cells({.planes = reinterpret_cast<const std::uint8_t*>(
                            room.delta[t].at(std::int64_t{block} * (layer(l).sums.elements() + 1) * kImages)),
                        .places = room.backward_offsets.places.data() + std::ptrdiff_t{4} * begin,
                        .cells = end - begin,
                        .vectors = vectors_of(block),
                        .flip = 128,
                        .out = room.back_cells[t].at(block * size),
                        .out_places = room.backward_offsets.cells.data() + begin});
}

Quantise Lanes::quantise_at(std::size_t l, const Quantise& how, int block, int element) {
    LayerRoom& room = layers_[l];
    const std::int64_t at = (std::int64_t{block} * layer(l).output.elements() + element) * kImages;
    Quantise q = how;
    q.vectors = vectors_of(block);
    q.d = room.d.at(at);
    q.flags = room.flags.at(at);
    q.errors = batch_.trace != nullptr ? room.errors.at(at) : nullptr;
    return q;
}

void Lanes::quantise_dense(std::size_t l, const Quantise& how, std::size_t part) {
    LayerRoom& room = layers_[l];
    const int outs = layer(l).sums.channels;
    const Share quads(room.word_stride / 4, part, team_.size());
    for (int block = 0; block < batch_.blocks; ++block) {
        const std::vector<std::int32_t> places = quad_places(vectors_of(block));
        for (int o = 4 * quads.begin; o < std::min(outs, 4 * quads.end); ++o) {
            Quantise q = quantise_at(l, how, block, o);
            for (std::size_t t = 0; t < static_cast<std::size_t>(digits_); ++t)
                q.digit[t] = room.delta[t].at((std::int64_t{block} * (outs + 1) + o) * kImages);
            kernels_.quantise(q);
            for (std::size_t t = 0; t < static_cast<std::size_t>(digits_); ++t) {
                std::int32_t* to = room.turned[t].at(std::int64_t{block} * 16 * room.delta_stride + o);
                for (std::size_t i = 0; i < places.size(); ++i, to += room.delta_stride)
                    std::memcpy(to, q.digit[t] + places[i], 4);
            }
        }
        if (l > 0) flip_cells(l, block, quads.begin, quads.end);
    }
}

void Lanes::quantise_conv(std::size_t l, const Quantise& how, std::size_t part) {
    LayerRoom& room = layers_[l];
    const TrainingLayer& own = layer(l);
    const int rows = own.output.rows, columns = own.output.columns, map = own.sums.rows * own.sums.columns;
    const bool pools = room.unpool_places.size() > 1;
    const Share share(rows, part, team_.size());
    for (int block = 0; block < batch_.blocks; ++block) {
        for (int at = share.begin * columns; at < share.end * columns; ++at) {
            const int window = at / columns * own.pool_rows * own.sums.columns + at % columns * own.pool_columns;
            for (int c = 0; c < own.sums.channels; ++c) {
                const int element = c * rows * columns + at;
                Quantise q = quantise_at(l, how, block, element);
                const std::int64_t first =
                    (std::int64_t{block} * (own.sums.elements() + 1) + c * map + window) * kImages;
                for (int t = 0; t < digits_; ++t)
                    q.digit[t] =
                        pools ? parts_[part].delta.at(t * kImages) : room.delta[static_cast<std::size_t>(t)].at(first);
                kernels_.quantise(q);
                for (int t = 0; pools && t < digits_; ++t)
                    kernels_.unpool(
                        {.delta = q.digit[t],
                         .index = room.index.at((std::int64_t{block} * own.output.elements() + element) * kImages),
                         .places = static_cast<int>(room.unpool_places.size()),
                         .out_places = room.unpool_places.data(),
                         .out = room.delta[static_cast<std::size_t>(t)].at(first)});
            }
        }
        const int cells_of_row = own.pool_rows * own.sums.columns * (room.word_stride / 4);
        if (l > 0) flip_cells(l, block, share.begin * cells_of_row, share.end * cells_of_row);
    }
}

void Lanes::back_tile(std::size_t l, int block, int cell, int first, int channels, std::size_t part, int element,
                      int element_step) {
    const LayerRoom& room = layers_[l];
    LayerRoom& front = layers_[l - 1];
    const std::int64_t cells = std::int64_t{64} * most_vectors_;
    Dot dot{.cells = nullptr,
            .cell_offsets = room.backward_offsets.quads.data(),
            .weight_offsets = room.backward.quad_weights.data(),
            .quads = static_cast<int>(room.backward.quad_weights.size()),
            .weights = room.words.at(std::int64_t{first} * room.word_stride),
            .channel_stride = room.word_stride,
            .channels = channels,
            .vectors = vectors_of(block),
            .starts = room.starts.at(first),
            .out = parts_[part].tile.at(0)};
    for (std::size_t t = 0; t < static_cast<std::size_t>(digits_); ++t) {
        dot.cells = room.back_cells[t].at((std::int64_t{block} * room.backward.cells_in_all + cell) * cells);
        if (t > 0) dot.out = parts_[part].more.at(0);
        kernels_.dot(dot);
        if (t == 0) continue;
        std::int32_t* const sums = parts_[part].tile.at(0);
        for (int i = 0; i < channels * kImages; ++i)
            sums[i] = static_cast<std::int32_t>(static_cast<std::uint32_t>(sums[i]) +
                                                (static_cast<std::uint32_t>(dot.out[i]) << (8 * t)));
    }
    parts_[part].overflows += wrap_rows(layer(l).error, parts_[part].tile.at(0), channels, vectors_of(block));
    std::uint64_t most = parts_[part].most_d;
    for (int c = 0; c < channels; ++c) {
        const std::int64_t at =
            (std::int64_t{block} * layer(l - 1).output.elements() + element + c * element_step) * kImages;
        most = std::max<std::uint64_t>(most, kernels_.mask(parts_[part].tile.at(std::int64_t{c} * kImages),
                                                           front.flags.at(at), vectors_of(block), front.d.at(at)));
    }
    parts_[part].most_d = most;
}

void Lanes::back(std::size_t l, std::size_t part) {
    const TrainingLayer& own = layer(l);
    const int channels = own.is_conv() ? own.input.channels : own.input.elements();
    const int columns = own.is_conv() ? own.input.columns : 1, map = own.is_conv() ? own.input.rows * columns : 1;
    const int tiles = (channels + kTile - 1) / kTile;
    const Share share(map * tiles, part, team_.size());
    for (int block = 0; block < batch_.blocks; ++block) {
        for (int i = share.begin; i < share.end; ++i) {
            const int at = i / tiles;
            const Share tile(channels, static_cast<std::size_t>(i % tiles), static_cast<std::size_t>(tiles));
            const int cell =
                at / columns * layers_[l].backward.row_step + at % columns * layers_[l].backward.column_step;
            back_tile(l, block, cell, tile.begin, tile.end - tile.begin, part, tile.begin * map + at, map);
        }
    }
}

std::uint64_t Lanes::wrap_gradients(std::size_t l, std::int64_t first, std::int64_t count) {
    const TrainingAccumulator& accumulator = layer(l).gradient;
    if (accumulator.width == 0 || accumulator.saturate || accumulator.width >= 32) return 0;
    return kernels_.wrap(layers_[l].g[0].at(first), count, accumulator.width);
}

void Lanes::dense_gradients(std::size_t l, std::size_t part) {
    LayerRoom& room = layers_[l];
    const int inputs = layer(l).input.elements(), outs = layer(l).sums.channels;
    const Share rows(inputs, part, team_.size());
    const std::int64_t first = std::int64_t{rows.begin} * outs, count = std::int64_t{rows.end - rows.begin} * outs;
    for (std::size_t t = 0; t < static_cast<std::size_t>(digits_); ++t) {
        for (int block = 0; block < batch_.blocks; ++block) {
            const std::vector<std::int32_t> places = quad_places(vectors_of(block));
            kernels_.dense_gradient({.a = room.input.at((std::int64_t{block} * (inputs + 1) + rows.begin) * kImages),
                                     .quad_places = places.data(),
                                     .deltas = room.turned[t].at(std::int64_t{block} * 16 * room.delta_stride),
                                     .delta_stride = room.delta_stride,
                                     .quads = static_cast<int>(places.size()),
                                     .rows = rows.end - rows.begin,
                                     .outs = outs,
                                     .g = room.g[t].at(first),
                                     .add = block > 0});
        }
    }
    if (digits_ > 1) return;
    parts_[part].gradient_overflows = wrap_gradients(l, first, count);
    parts_[part].most_g = kernels_.largest(room.g[0].at(first), count);
}

void Lanes::conv_gradients(std::size_t l, std::size_t part) {
    LayerRoom& room = layers_[l];
    const TrainingLayer& own = layer(l);
    const int outs = own.sums.channels, map = own.sums.rows * own.sums.columns, columns = own.kernel_columns;
    const int tap_tiles = (columns + ConvGradient::kTaps - 1) / ConvGradient::kTaps;
    const int out_tiles = (outs + ConvGradient::kOuts - 1) / ConvGradient::kOuts;
    const Share share(own.input.channels * own.kernel_rows * tap_tiles * out_tiles, part, team_.size());
    std::array<std::int32_t, ConvGradient::kTaps * ConvGradient::kOuts> sums{};
    for (int i = share.begin; i < share.end; ++i) {
        const Share out(outs, static_cast<std::size_t>(i % out_tiles), static_cast<std::size_t>(out_tiles));
        const Share taps(columns, static_cast<std::size_t>(i / out_tiles % tap_tiles),
                         static_cast<std::size_t>(tap_tiles));
        const int r = i / out_tiles / tap_tiles % own.kernel_rows, c = i / out_tiles / tap_tiles / own.kernel_rows;
        for (std::size_t t = 0; t < static_cast<std::size_t>(digits_); ++t) {
            for (int block = 0; block < batch_.blocks; ++block) {
                const std::int64_t a = std::int64_t{block} * (own.input.elements() + 1) +
                                       (c * own.input.rows + r) * own.input.columns + taps.begin;
                const std::int64_t d = std::int64_t{block} * (own.sums.elements() + 1) + out.begin * map;
                kernels_.conv_gradient({.a = room.input.at(a * kImages),
                                        .taps = taps.end - taps.begin,
                                        .deltas = room.delta[t].at(d * kImages),
                                        .out_stride = std::ptrdiff_t{map} * kImages,
                                        .outs = out.end - out.begin,
                                        .rows = own.sums.rows,
                                        .columns = own.sums.columns,
                                        .a_row = std::ptrdiff_t{own.input.columns} * kImages,
                                        .delta_row = std::ptrdiff_t{own.sums.columns} * kImages,
                                        .out = sums.data()});
                for (int s = taps.begin; s < taps.end; ++s) {
                    const std::int64_t row = (std::int64_t{r} * columns + s) * own.input.channels + c;
                    for (int o = out.begin; o < out.end; ++o) {
                        const std::int32_t sum =
                            sums[static_cast<std::size_t>(ConvGradient::kOuts * (s - taps.begin) + o - out.begin)];
                        std::int32_t& g = *room.g[t].at(row * outs + o);
                        g = block > 0 ? g + sum : sum;
                    }
                }
            }
        }
    }
}

}  // namespace bittrue::emulator::training
