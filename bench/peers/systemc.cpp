// SystemC's sc_fixed. Weights, words and accumulator are sc_fixed whose lsb is 1 (2^kDropped where products are
// rounded): the same words and the same work as with the real binary points, but one type serves all layers.
#define SC_INCLUDE_FX
#include <systemc>

#include "elementwise.hpp"
#include "peers.hpp"

// SystemC's library calls it; this program has a main of its own.
int sc_main(int /*argc*/, char** /*argv*/) {
    return 0;
}

namespace bench::peers {

namespace {

struct Exact {
    template <int kWidth, int kInteger, sc_dt::sc_q_mode kRounding, sc_dt::sc_o_mode kOverflow>
    using Fixed = sc_dt::sc_fixed<kWidth, kInteger, kRounding, kOverflow>;
    using Word = sc_dt::sc_ufixed<8, 8>;
};
struct Fast {  // in doubles
    template <int kWidth, int kInteger, sc_dt::sc_q_mode kRounding, sc_dt::sc_o_mode kOverflow>
    using Fixed = sc_dt::sc_fixed_fast<kWidth, kInteger, kRounding, kOverflow>;
    using Word = sc_dt::sc_ufixed_fast<8, 8>;
};

// `kCastProducts`: each product becomes an Accumulator before it is added.
template <class Types, class Accumulator, bool kCastProducts>
class SystemC final : public Peer {
public:
    using Weight = typename Types::template Fixed<8, 8, sc_dt::SC_TRN, sc_dt::SC_WRAP>;
    using Word = typename Types::Word;

    explicit SystemC(const Network& network) : network_(network) {
        for (const Step& step : network.steps) {
            const auto* linear = std::get_if<Linear>(&step);
            if (linear == nullptr) continue;
            weights_.emplace_back(linear->weights.begin(), linear->weights.end());
            std::vector<Accumulator>& start = start_.emplace_back();
            for (const std::int32_t raw : linear->start) start.emplace_back(static_cast<double>(raw) * kLsb);
        }
    }

    void run(const std::uint8_t* images, std::size_t count, std::int32_t* out) override {
        const auto inputs = static_cast<std::size_t>(network_.inputs);
        for (std::size_t i = 0; i < count; ++i, images += inputs) {
            words_.assign(images, images + inputs);
            layer_ = 0;
            for (const Step& step : network_.steps) std::visit([this](const auto& s) { take(s); }, step);
            out = std::copy(words_.begin(), words_.end(), out);
        }
    }

private:
    static constexpr double kLsb = kCastProducts ? 1 << kDropped : 1;

    void take(const Cast& cast) { apply(cast, words_); }
    void take(const Pool& pool) { apply(pool, words_); }
    void take(const Linear& l) {
        const std::vector<Weight>& weights = weights_[layer_];
        const std::vector<Accumulator>& start = start_[layer_];
        ++layer_;
        const std::vector<Word> in(words_.begin(), words_.end());
        words_.clear();
        const auto outputs = static_cast<std::size_t>(l.outputs);
        for (int y = 0; y < l.out_height; ++y)
            for (int x = 0; x < l.out_width; ++x)
                for (std::size_t o = 0; o < outputs; ++o) {
                    Accumulator acc = start[o];
                    for (int r = 0; r < l.kernel_rows; ++r)
                        for (int s = 0; s < l.kernel_columns; ++s) {
                            const int row = y + r - l.pad, column = x + s - l.pad;
                            if (row < 0 || row >= l.height || column < 0 || column >= l.width) continue;
                            const auto from = static_cast<std::size_t>((row * l.width + column) * l.channels);
                            const auto term = static_cast<std::size_t>((r * l.kernel_columns + s) * l.channels);
                            for (std::size_t c = 0; c < static_cast<std::size_t>(l.channels); ++c)
                                add(acc, weights[(term + c) * outputs + o], in[from + c]);
                        }
                    words_.push_back(static_cast<std::int32_t>(acc.to_double() / kLsb));
                }
    }
    static void add(Accumulator& acc, const Weight& weight, const Word& word) {
        if constexpr (kCastProducts) {
            const Accumulator product(weight * word);
            acc += product;
        } else {
            acc += weight * word;
        }
    }

    const Network& network_;
    std::vector<std::vector<Weight>> weights_{};
    std::vector<std::vector<Accumulator>> start_{};
    std::vector<std::int32_t> words_{};
    std::size_t layer_ = 0;
};

template <class Types, int kWidth>
std::unique_ptr<Peer> saturating(const Network& network) {
    return std::make_unique<
        SystemC<Types, typename Types::template Fixed<kWidth, kWidth, sc_dt::SC_TRN, sc_dt::SC_SAT>, false>>(network);
}

template <class Types>
std::unique_ptr<Peer> make(const Network& network) {
    using namespace sc_dt;
    using Kind = AccumulatorClass::Kind;
    const AccumulatorClass& c = network.accumulator;
    switch (c.kind) {
        case Kind::Wide: return saturating<Types, 32>(network);
        case Kind::Wrap:
            if (c.width != 16) return nullptr;
            return std::make_unique<SystemC<Types, typename Types::template Fixed<16, 16, SC_TRN, SC_WRAP>, false>>(
                network);
        case Kind::Saturate:
            switch (c.width) {
                case 8: return saturating<Types, 8>(network);
                case 12: return saturating<Types, 12>(network);
                case 16: return saturating<Types, 16>(network);
                case 17: return saturating<Types, 17>(network);
                case 20: return saturating<Types, 20>(network);
                case 24: return saturating<Types, 24>(network);
                case 31: return saturating<Types, 31>(network);
                default: return nullptr;
            }
        case Kind::Round:
            if (c.width != 16) return nullptr;
            return std::make_unique<
                SystemC<Types, typename Types::template Fixed<16, 16 + kDropped, SC_RND, SC_SAT>, true>>(network);
        case Kind::Truncate:
            if (c.width != 16) return nullptr;
            return std::make_unique<
                SystemC<Types, typename Types::template Fixed<16, 16 + kDropped, SC_TRN, SC_SAT>, true>>(network);
        case Kind::Converge:
            if (c.width != 16) return nullptr;
            return std::make_unique<
                SystemC<Types, typename Types::template Fixed<16, 16 + kDropped, SC_RND_CONV, SC_SAT>, true>>(network);
    }
    return nullptr;
}

}  // namespace

std::unique_ptr<Peer> make_systemc(const Network& network, bool fast) {
    return fast ? make<Fast>(network) : make<Exact>(network);
}

}  // namespace bench::peers
