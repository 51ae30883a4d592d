// The integer network as far as it is made: what every tensor of the model is in integers.
#pragma once

#include <map>
#include <string>

#include "bittrue/explore/integer_network.hpp"
#include "streamline/chain.hpp"

namespace bittrue::explore::streamline {

// The model's number is chain(scale * x + offset), x the value of the network's word.
struct Words {
    std::string tensor{};  // of the network
    FixedType type{};
    i128 low = 0, high = 0;  // raws that occur
    PerChannel scale{Rational(1)}, offset{Rational(0)};
    Chain chain{};
    Shape shape{};
    // The linear layer that made it, when nobody else reads it: signs of its channels may be turned.
    bool sole = false;

    [[nodiscard]] int frac() const { return type.format.frac(); }
    [[nodiscard]] Rational lsb() const { return power_of_two(-frac()); }
    [[nodiscard]] bool plain() const;  // the model's numbers are the words' values
};

class Builder {
public:
    Builder(const FloatModel& model, const IntegerNetworkOptions& options);
    [[nodiscard]] IntegerNetwork run();

private:
    friend struct LayerStep;

    void step(const FloatLayer& layer);
    // The tensor with nothing pending: a relu is made, other functions are refused.
    Words& integers(const FloatLayer& reader, const std::string& name);
    Words& movable(const FloatLayer& reader, const std::string& name);
    [[nodiscard]] static bool is_relu_of_integers(const Words& words);
    // The same as `integers`, whose numbers are the words' times one scale.
    Words& scaled_alike(const FloatLayer& reader, const std::string& name);
    Words append(const FloatLayer& layer, const std::string& name, std::vector<std::string> inputs, Operation op,
                 const FixedType& type, i128 low, i128 high, const Shape& shape);
    void set(const FloatLayer& layer, Words words);

    void linear(const FloatLayer& layer);
    void average(const FloatLayer& layer, const AveragePool& op);
    void add(const FloatLayer& layer);
    void multiply(const FloatLayer& layer);
    void concat(const FloatLayer& layer, const Concat& op);
    void max_pool(const FloatLayer& layer);
    void move(const FloatLayer& layer);
    void pend(const FloatLayer& layer, Pending pending);
    void quantize(const FloatLayer& layer);
    void threshold(const FloatLayer& layer, const Threshold& op);
    void left_out(const FloatLayer& layer);
    // Words whose numbers rise with them in every channel.
    Words rising(const FloatLayer& layer, const std::string& name);
    Words turned(const FloatLayer& layer, Words words, const std::vector<int>& signs);
    // The levels as thresholds; the result's word is step * level + base.
    Words leveled(const FloatLayer& layer, const Words& in, const Levels& levels, const Rational& step,
                  const Rational& base, const std::optional<FixedType>& wanted);
    // The words times whole numbers plus whole numbers of lsb.
    Words multiplied(const FloatLayer& layer, const std::string& name, const Words& in,
                     const std::vector<std::int64_t>& factors);
    void finish();
    [[nodiscard]] Words& words_of(const FloatLayer& reader, const std::string& name);

    const FloatModel& model_;
    const IntegerNetworkOptions& options_;
    IntegerNetwork result_{};
    std::map<std::string, Words> known_{};
    std::map<std::string, int> readers_{};
    std::string output_{};
};

[[noreturn]] void refuse(const FloatLayer& layer, const std::string& why);
[[nodiscard]] bool all_equal(const PerChannel& numbers);

// Weights as integers: number = step * word, in `type`.
struct IntegerWeights {
    std::vector<std::int64_t> words{};
    FixedType type{};
    PerChannel step{};  // per output channel, times the lsb of `type`
};
// `numbers` have the output channel as their last axis.
[[nodiscard]] IntegerWeights integer_weights(const FloatLayer& layer, const std::vector<Rational>& numbers,
                                             std::size_t outputs, int most_bits);

}  // namespace bittrue::explore::streamline
