// Compiled twice: BENCH_PLAIN is make_plain, without vectors, or make_plain_vector, with this machine's.
#include <array>

#include "elementwise.hpp"
#include "peers.hpp"

namespace bench::peers {

namespace {

struct Limits {
    std::int32_t low = 0, high = 0;
    std::int32_t half = 0;  // added to a product before it is shifted
};

enum class Sum : std::uint8_t { Exact, Saturate, Round, Converge };

template <Sum kSum>
void add_term(std::int32_t* acc, const std::int8_t* weights, std::int32_t x, std::size_t outputs,
              const Limits& limits) {
    const Limits l = limits;
    for (std::size_t o = 0; o < outputs; ++o) {
        std::int32_t product = weights[o] * x;
        if constexpr (kSum == Sum::Converge) product += (product >> kDropped) & 1;
        if constexpr (kSum == Sum::Round || kSum == Sum::Converge) product = (product + l.half) >> kDropped;
        acc[o] += product;
        if constexpr (kSum != Sum::Exact) acc[o] = std::clamp(acc[o], l.low, l.high);
    }
}

template <Sum kSum>
void accumulate(const Linear& l, const Limits& limits, const std::int32_t* in, std::int32_t* out) {
    const auto outputs = static_cast<std::size_t>(l.outputs);
    for (int y = 0; y < l.out_height; ++y) {
        for (int x = 0; x < l.out_width; ++x, out += outputs) {
            std::copy(l.start.begin(), l.start.end(), out);
            const std::int8_t* weights = l.weights.data();
            for (int r = 0; r < l.kernel_rows; ++r) {
                for (int s = 0; s < l.kernel_columns; ++s) {
                    const int row = y + r - l.pad, column = x + s - l.pad;
                    if (row < 0 || row >= l.height || column < 0 || column >= l.width) {
                        weights += static_cast<std::size_t>(l.channels) * outputs;
                        continue;
                    }
                    const std::int32_t* words = in + (row * l.width + column) * l.channels;
                    for (int c = 0; c < l.channels; ++c, weights += outputs)
                        add_term<kSum>(out, weights, words[c], outputs, limits);
                }
            }
        }
    }
}

class Plain final : public Peer {
public:
    explicit Plain(const Network& network) : network_(network) {
        const int width = network.accumulator.width;
        limits_.high = static_cast<std::int32_t>((std::int64_t{1} << (width - 1)) - 1);
        limits_.low = -limits_.high - 1;
        if (network.accumulator.kind == AccumulatorClass::Kind::Round) limits_.half = 1 << (kDropped - 1);
        if (network.accumulator.kind == AccumulatorClass::Kind::Converge) limits_.half = (1 << (kDropped - 1)) - 1;
    }

    void run(const std::uint8_t* images, std::size_t count, std::int32_t* out) override {
        const auto inputs = static_cast<std::size_t>(network_.inputs);
        for (std::size_t i = 0; i < count; ++i, images += inputs) {
            words_.assign(images, images + inputs);
            for (const Step& step : network_.steps) std::visit([this](const auto& s) { take(s); }, step);
            out = std::copy(words_.begin(), words_.end(), out);
        }
    }

private:
    void take(const Cast& cast) { apply(cast, words_); }
    void take(const Pool& pool) { apply(pool, words_); }
    void take(const Linear& linear) {
        using Kind = AccumulatorClass::Kind;
        sums_.resize(static_cast<std::size_t>(linear.out_height * linear.out_width * linear.outputs));
        switch (network_.accumulator.kind) {
            case Kind::Wide: accumulate<Sum::Exact>(linear, limits_, words_.data(), sums_.data()); break;
            case Kind::Wrap:
                accumulate<Sum::Exact>(linear, limits_, words_.data(), sums_.data());
                wrap();
                break;
            case Kind::Saturate: accumulate<Sum::Saturate>(linear, limits_, words_.data(), sums_.data()); break;
            case Kind::Round:
            case Kind::Truncate: accumulate<Sum::Round>(linear, limits_, words_.data(), sums_.data()); break;
            case Kind::Converge: accumulate<Sum::Converge>(linear, limits_, words_.data(), sums_.data()); break;
        }
        words_.swap(sums_);
    }
    void wrap() {
        const int unused = 32 - network_.accumulator.width;
        for (auto& sum : sums_) sum = static_cast<std::int32_t>(static_cast<std::uint32_t>(sum) << unused) >> unused;
    }

    const Network& network_;
    Limits limits_{};
    std::vector<std::int32_t> words_{}, sums_{};
};

}  // namespace

std::unique_ptr<Peer> BENCH_PLAIN(const Network& network) {
    return std::make_unique<Plain>(network);
}

}  // namespace bench::peers
