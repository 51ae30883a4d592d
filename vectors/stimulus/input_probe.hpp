// I2: the cast of values, which are doubles, into the network's input.
#pragma once

#include "bittrue/model/graph.hpp"
#include "site.hpp"

namespace bittrue::corner {

class InputProbe {
public:
    InputProbe() = default;
    explicit InputProbe(const InputSpec& input);

    [[nodiscard]] i128 see(Concrete& d, double value);
    [[nodiscard]] Strided words() const;  // that can come out, within the declared range (rule I3)
    // The value, or one of the nearest word that the declared range has.
    [[nodiscard]] double within(double value) const;
    // A value for each goal that doubles can reach, as often as there are goals.
    [[nodiscard]] std::vector<double> values_for_goals() const;

    Site site{};  // its conversion has two more fraction bits than the type: enough to tell all goals apart

private:
    std::optional<InputRaws> declared_{};
    [[nodiscard]] std::optional<double> value_in(const Target& target) const;
};

}  // namespace bittrue::corner
