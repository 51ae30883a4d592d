#include "telling_files.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/vectors/vector_files.hpp"

namespace bittrue::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* kMadeTo = "made to tell explanations of ";  // "input" of every set's manifest
constexpr const char* kExpected = "expected";

VectorLayer layer_of(const std::string& name, const Shape& shape, const FixedType& type,
                     const std::vector<std::int64_t>& words) {
    VectorLayer layer{.name = name, .type = type, .words = words, .stored = type.format};
    if (shape.layout != Layout::Vector) layer.layout = shape.layout;
    layer.dims = {1};
    layer.dims.insert(layer.dims.end(), shape.dims.begin(), shape.dims.end());
    return layer;
}

void write_set(const std::string& directory, const LayerDiagnosis& diagnosis, const TellingVector& telling,
               const std::vector<std::int64_t>& words, const std::string& says) {
    VectorSet set{.network = says, .input = kMadeTo + diagnosis.layer + " apart"};
    for (const TensorWords& given : telling.given)
        set.layers.push_back(layer_of(given.name, given.shape, given.type, given.words));
    const Node& node = diagnosis.chain.nodes.back();
    set.layers.push_back(layer_of(node.name, node.shape, node.result, words));
    for (const TensorWords& given : telling.given) set.layers.back().inputs.push_back(given.name);
    write_vector_set(directory, set);
}

std::string text_of(const Hypothesis& hypothesis) {
    std::string text;
    for (const Change& change : hypothesis.changes) text += (text.empty() ? "" : "; ") + change.text;
    return text;
}

bool is_telling_set(const fs::path& directory) {
    std::ifstream in(directory / "manifest.json", std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return text.find(kMadeTo) != std::string::npos;
}

// What an earlier run left must not pass for this one's answer: its sets, and no other file.
void remove_earlier(const fs::path& directory) {
    std::error_code error;
    std::vector<fs::path> pairs;
    for (const auto& entry : fs::directory_iterator(directory, error)) {
        if (entry.is_directory(error) && is_telling_set(entry.path() / kExpected)) pairs.push_back(entry.path());
    }
    for (const fs::path& pair : pairs) {
        std::vector<fs::path> sets;
        for (const auto& entry : fs::directory_iterator(pair, error)) {
            if (is_telling_set(entry.path())) sets.push_back(entry.path());
        }
        for (const fs::path& set : sets) {
            fs::remove_all(set, error);
            if (error) throw InputError(set.string(), "is an earlier run's and cannot be removed: " + error.message());
        }
        fs::remove(pair, error);  // where nothing else is in it
    }
}

}  // namespace

void check_telling(const std::string& directory) {
    std::error_code error;
    for (fs::path at = fs::absolute(directory, error); !at.empty(); at = at.parent_path()) {
        if (fs::is_directory(at, error)) return;
        if (fs::exists(at, error))
            throw InputError("--telling", fmt::format("'{}' is a file; give the name of a folder", at.string()));
        if (!at.has_relative_path()) return;
    }
}

std::size_t write_telling(const std::string& directory, const DiagnosisReport& report) {
    remove_earlier(directory);
    std::vector<std::string> names;
    for (const LayerDiagnosis& diagnosis : report.layers) names.push_back(diagnosis.layer);
    const std::vector<std::string> stems = file_stems(names);
    std::size_t written = 0;
    for (std::size_t i = 0; i < report.layers.size(); ++i) {
        const LayerDiagnosis& diagnosis = report.layers[i];
        for (const TellingVector& telling : diagnosis.telling) {
            if (!telling.found) continue;
            const std::string folder =
                fmt::format("{}/{}-{}-{}", directory, stems[i], telling.first + 1, telling.second + 1);
            std::error_code error;
            std::filesystem::create_directories(folder, error);
            if (error) throw InputError(folder, fmt::format("cannot be made: {}", error.message()));
            const auto write = [&](const std::string& name, const std::vector<std::int64_t>& words,
                                   const std::string& says) {
                write_set(folder + "/" + name, diagnosis, telling, words, says);
            };
            const auto hypothesis = [&](std::size_t number) { return fmt::format("hypothesis-{}", number + 1); };
            write(kExpected, telling.words_expected, "the network");
            write(hypothesis(telling.first), telling.words_by_first, text_of(diagnosis.hypotheses.at(telling.first)));
            write(hypothesis(telling.second), telling.words_by_second,
                  text_of(diagnosis.hypotheses.at(telling.second)));
            ++written;
        }
    }
    return written;
}

}  // namespace bittrue::cli
