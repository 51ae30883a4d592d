// Runs the diagnosis on a dump and says whether it named what is wrong.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fault.hpp"

namespace bittrue::mutation {

enum class Kind { Single, Double, Noise, Equal };
enum class Outcome {
    First,   // the true cause is ranked first
    Tied,    // first, together with others that give the same words: the data cannot tell
    Third,   // second or third
    Lower,   // further down
    Missed,  // not listed
    False,   // another layer or setting is accused although it is right
    Unseen,  // the fault changes no word: not counted
    Right,   // noise, undefined or equal words, and called so
};
[[nodiscard]] std::string outcome_name(Outcome outcome);

struct Row {
    Kind kind = Kind::Single;
    std::string fault{}, network{}, accumulator{}, layer{};
    Outcome outcome = Outcome::Missed;
    int rank = 0;  // 1: nothing that gives other words stands before the true cause; 0: not listed
    std::string verdict{};
    std::string named{};  // what was ranked first
    std::int64_t explained = 0, wrong = 0;
    std::int64_t tried = 0;
    double seconds = 0;  // of the whole diagnosis
    std::string remark{};
    std::vector<std::string> listed{};  // every hypothesis: group, causes, words explained and spoiled
};

// Of one layer: which hypothesis is the true one.
struct Found {
    Outcome outcome = Outcome::Missed;
    int rank = 0;
};
[[nodiscard]] bool matches(const Change& change, const Truth& truth);
[[nodiscard]] Found find_truths(const LayerDiagnosis& layer, const std::vector<Truth>& truths);

// One line: what a layer's diagnosis says.
[[nodiscard]] std::string first_named(const LayerDiagnosis& layer);

// Layers that are accused of a cause (explained, partly), but those in `except`.
[[nodiscard]] std::vector<std::string> accused(const DiagnosisReport& report, const std::vector<std::string>& except);

// Seconds that a layer's diagnosis may take (DiagnoseOptions::seconds). Tests give more than users have, because other
// tests may run beside them.
void set_seconds(double seconds);
[[nodiscard]] DiagnosisReport diagnose_dump(const Graph& graph, const VectorSet& expected, const VectorSet& actual,
                                            const DiffReport& report);

[[nodiscard]] Row judge(const Fault& fault);

}  // namespace bittrue::mutation
