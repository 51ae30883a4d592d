// L15: for each element a sum over all differences, then one entry of the table of inverses.
#include "softmax.hpp"

namespace bittrue::emulator {
namespace {

constexpr std::int64_t kExpSpan = 16;
constexpr std::int64_t kInvSpan = 64;

int frac_of_sum(const Softmax& op, const Tensor& exp_table) {
    return std::max(op.accumulator.format.frac(), exp_table.format.frac());
}

int bits_of_sum(const Softmax& op, const Tensor& exp_table) {
    const int frac = frac_of_sum(op, exp_table);
    const Format acc = op.accumulator.format;
    return std::max(signed_width(acc) + frac - acc.frac(),
                    signed_width(exp_table.format) + frac - exp_table.format.frac()) +
           1;
}

class LegacySoftmax : public Layer {
public:
    LegacySoftmax(const LayerSetup& setup, const Softmax& op, const Tensor& exp_table, const Tensor& inv_table,
                  LayerParameters parameters)
        : Layer(std::move(parameters)),
          count_(setup.shape().count()),
          in_format_(setup.format()),
          acc_format_(op.accumulator.format),
          acc_up_(frac_of_sum(op, exp_table) - acc_format_.frac()),
          step_(bits_of_sum(op, exp_table), frac_of_sum(op, exp_table), op.accumulator),
          results_(cast_entries(inv_table, setup.node.result)) {
        const int up = frac_of_sum(op, exp_table) - exp_table.format.frac();
        for (const std::int64_t word : exp_table.words) terms_.push_back(raw_from_word(word, exp_table.format) << up);
        const Converted one = Caster(2, 0, op.exp_table.entries.type)(1);
        one_ = raw_from_word(one.word, exp_table.format) << up;
    }

    void run(std::span<const std::int64_t* const> inputs, std::int64_t* out, LayerEvents& events,
             Scratch& scratch) const override {
        const auto x = scratch.get<i128>(0, count_);
        for (std::size_t i = 0; i < x.size(); ++i) x[i] = raw_from_word(inputs[0][i], in_format_);
        for (std::size_t i = 0; i < x.size(); ++i) {
            i128 sum = 0;
            for (std::size_t j = 0; j < x.size(); ++j) {
                const Converted next = step_((sum << acc_up_) + (i == j ? one_ : term(x[j] - x[i])));
                events.accumulator.add(next.events);
                sum = raw_from_word(next.word, acc_format_);
            }
            const std::int64_t entries = std::ssize(results_);
            const i128 index = truncated_scale(sum, acc_format_.frac(), entries, kInvSpan);
            store(out[i], results_[clamped_index(index, entries)], events.result);
        }
    }

private:
    i128 term(i128 difference) const {
        return terms_[centred_index(difference, in_format_.frac(), std::ssize(terms_), kExpSpan)];
    }

    std::int64_t count_;
    Format in_format_, acc_format_;
    int acc_up_;
    Caster step_;
    std::vector<Converted> results_;
    std::vector<i128> terms_{};  // the entries of exp_table at the frac of the exact sum
    i128 one_ = 0;
};

}  // namespace

LayerPointer make_legacy_softmax(const LayerSetup& setup, const Softmax& op, const Tensor& exp_table,
                                 const Tensor& inv_table, LayerParameters parameters) {
    setup.require_exact(bits_of_sum(op, exp_table));
    return std::make_unique<LegacySoftmax>(setup, op, exp_table, inv_table, std::move(parameters));
}

}  // namespace bittrue::emulator
