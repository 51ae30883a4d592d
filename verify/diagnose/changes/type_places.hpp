// Every fixed-point type of a layer, under the name that the network file has for it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "changes/site.hpp"

namespace bittrue::diagnose_detail {

struct TypePlace {
    std::string setting{};  // "accumulator", "weight_type"
    std::string noun{};     // "the accumulator", "the weights"
    bool plural = false;
    bool stored = false;  // of numbers that are cast when the network is loaded
    bool modes = true;    // false: words that no cast makes
    bool side = false;    // a part of what another place changes as a whole: only its likely changes
    Cause rounding{}, overflow{}, format{};
    // Types that change together; null where the node has none.
    std::vector<std::function<FixedType*(Node&)>> at{};
    int finest = 0;                // fraction bits of what is cast at most; kAnyFrac: unknown
    bool narrow_integers = false;  // what is cast never overflows: it has no more integer bits

    static constexpr int kAnyFrac = 1 << 20;
};

[[nodiscard]] std::vector<TypePlace> type_places(const Node& node, const std::vector<ReadTensor>& inputs);

// Of the (first) type of a place as the node has it.
[[nodiscard]] FixedType type_at(const TypePlace& place, const Node& node);

// Changes the types of a place by `change`. Generated tables whose index has another format then are made for it, where
// `remake`. false: the node has no such place, or no such type.
bool change_types(Node& node, const TypePlace& place, const std::function<void(FixedType&)>& change,
                  bool remake = true);

// Parameters, AccumulatorSpec of a dense or conv2d node; null of others.
[[nodiscard]] AccumulatorSpec* accumulator_of(Node& node);
[[nodiscard]] const AccumulatorSpec* accumulator_of(const Node& node);
[[nodiscard]] Parameter* weights_of(Node& node);
[[nodiscard]] const Parameter* weights_of(const Node& node);
[[nodiscard]] std::optional<Parameter>* bias_of(Node& node);  // of affine, too
[[nodiscard]] const std::optional<Parameter>* bias_of(const Node& node);

// Terms of one accumulation of a dense or conv2d node.
[[nodiscard]] std::int64_t terms_of(const Node& node);

}  // namespace bittrue::diagnose_detail
