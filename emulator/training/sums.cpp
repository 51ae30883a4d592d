#include "training/sums.hpp"

#include <algorithm>

namespace bittrue::emulator::training {

void sums_of(const TrainingLayer& layer, const std::int32_t* a, const std::int32_t* q, Accumulator& sum,
             std::int64_t* out) {
    const MapShape& in = layer.input;
    const int outs = layer.sums.channels;
    if (!layer.is_conv()) {
        for (int o = 0; o < outs; ++o) {
            sum.start();
            for (int i = 0; i < in.elements(); ++i) sum.add(std::int64_t{a[i]} * q[i * outs + o]);
            out[o] = sum.finish();
        }
        return;
    }
    for (int o = 0; o < outs; ++o) {
        for (int y = 0; y < layer.sums.rows; ++y) {
            for (int x = 0; x < layer.sums.columns; ++x) {
                sum.start();
                for (int c = 0; c < in.channels; ++c) {
                    for (int r = 0; r < layer.kernel_rows; ++r) {
                        const std::int32_t* const row = a + (c * in.rows + y + r) * in.columns + x;
                        for (int s = 0; s < layer.kernel_columns; ++s)
                            sum.add(std::int64_t{row[s]} *
                                    q[((r * layer.kernel_columns + s) * in.channels + c) * outs + o]);
                    }
                }
                *out++ = sum.finish();
            }
        }
    }
}

void errors_back(const TrainingLayer& own, const std::int32_t* delta, const std::int32_t* q, Accumulator& sum,
                 std::int64_t* d) {
    const int outs = own.sums.channels;
    if (!own.is_conv()) {
        for (int i = 0; i < own.input.elements(); ++i) {
            sum.start();
            for (int o = 0; o < outs; ++o) sum.add(std::int64_t{delta[o]} * q[i * outs + o]);
            d[i] = sum.finish();
        }
        return;
    }
    for (int c = 0; c < own.input.channels; ++c) {
        for (int y = 0; y < own.input.rows; ++y) {
            for (int x = 0; x < own.input.columns; ++x) {
                sum.start();
                for (int o = 0; o < outs; ++o) {
                    for (int r = std::max(0, y - own.sums.rows + 1); r <= std::min(own.kernel_rows - 1, y); ++r) {
                        for (int s = std::max(0, x - own.sums.columns + 1); s <= std::min(own.kernel_columns - 1, x);
                             ++s)
                            sum.add(std::int64_t{delta[(o * own.sums.rows + y - r) * own.sums.columns + x - s]} *
                                    q[((r * own.kernel_columns + s) * own.input.channels + c) * outs + o]);
                    }
                }
                *d++ = sum.finish();
            }
        }
    }
}

void gradients_of(const TrainingLayer& own, const std::int32_t* a, const std::int32_t* deltas, std::size_t images,
                  Accumulator& sum, std::int64_t* g) {
    const int kernel_rows = own.is_conv() ? own.kernel_rows : 1,
              kernel_columns = own.is_conv() ? own.kernel_columns : 1;
    const MapShape in = own.is_conv() ? own.input : MapShape{.channels = own.input.elements()};
    for (int r = 0; r < kernel_rows; ++r) {
        for (int s = 0; s < kernel_columns; ++s) {
            for (int c = 0; c < in.channels; ++c) {
                for (int o = 0; o < own.sums.channels; ++o) {
                    sum.start();
                    const std::int32_t* from = a + (c * in.rows + r) * in.columns + s;
                    const std::int32_t* delta = deltas + o * own.sums.rows * own.sums.columns;
                    for (std::size_t n = 0; n < images; ++n) {
                        for (int y = 0; y < own.sums.rows; ++y) {
                            for (int x = 0; x < own.sums.columns; ++x)
                                sum.add(std::int64_t{from[y * in.columns + x]} * delta[y * own.sums.columns + x]);
                        }
                        from += in.elements();
                        delta += own.sums.elements();
                    }
                    *g++ = sum.finish();
                }
            }
        }
    }
}

}  // namespace bittrue::emulator::training
