// hls4ml's own C simulation as the hardware, and a network file with one wrong setting.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "judge.hpp"

namespace bittrue::mutation {

struct WrongSetting {
    std::string name{};   // "conv2d: accumulator AP_WRAP"
    std::string layer{};  // whose diagnosis must name it; empty: the network's input, which diff names
    std::function<void(Graph&)> edit{};
    Truth truth{};
};
[[nodiscard]] std::vector<WrongSetting> wrong_settings();

// Empty where the simulation or the images are absent.
[[nodiscard]] std::string hls4ml_dump();
[[nodiscard]] std::string hls4ml_images();

// Wrong values that change a word and are not named by the first verdict, in sentences.
[[nodiscard]] std::vector<std::string> missed_settings(const std::vector<Row>& rows);

// Every `every`-th of the wrong values that the filter leaves.
[[nodiscard]] std::vector<Row> run_hls4ml(const std::string& filter, const std::function<void(const Row&)>& done = {},
                                          unsigned workers = 1, std::size_t every = 1);

}  // namespace bittrue::mutation
