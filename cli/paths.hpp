// The files that a command reads and writes, compared before any work: no output may destroy an input or an output.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "inputs.hpp"

namespace bittrue::cli {

// InputError for the first option of the command that was given an empty value: in a script, a variable that is unset.
void refuse_empty_values(const CLI::App& command);

struct InputPath {
    std::string option{};  // as messages name it: "NET", "--input"
    std::string path{};    // empty: not given
};

enum class OutputKind {
    FileOrStdout,  // "-" is standard output
    File,
    Folder,       // files are put into it
    WholeFolder,  // replaced as a whole, so nothing else may lie within
};

struct OutputPath {
    std::string option{};
    std::string path{};  // empty: not given
    OutputKind kind = OutputKind::FileOrStdout;
};

// The file of an --input, --labels or the like; empty for digits and for nothing.
[[nodiscard]] std::string image_file(const std::string& source);

// The .npz that goes beside a network file.
[[nodiscard]] OutputPath numbers_of(const std::string& network);

// InputError naming both options where an output is the file of an input or of another output, however its path is
// written. Devices and pipes are nobody's file.
void check_paths(const std::vector<OutputPath>& outputs, const std::vector<InputPath>& inputs);

// The files behind NET (with its weights), --input and --labels.
[[nodiscard]] std::vector<InputPath> input_paths(const std::string& network, const InputOptions& input = {});

}  // namespace bittrue::cli
