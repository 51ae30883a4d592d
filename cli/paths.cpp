#include "paths.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/vectors/digits.hpp"
#include "network_text.hpp"

namespace bittrue::cli {

namespace fs = std::filesystem;

namespace {

// Absolute, without links and dots, whether it exists or not: a link to a file that is not there yet leads to it.
fs::path real(const std::string& path) {
    constexpr int kMostLinks = 40;  // as the kernel follows
    std::error_code error;
    fs::path at = fs::absolute(path, error);
    for (int i = 0; i < kMostLinks && fs::is_symlink(at, error); ++i) {
        const fs::path to = fs::read_symlink(at, error);
        if (error) break;
        at = at.parent_path() / to;
    }
    const fs::path canonical = fs::weakly_canonical(at, error);
    at = error ? at.lexically_normal() : canonical;
    return at.has_filename() ? at : at.parent_path();
}

bool is_special(const std::string& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

bool is_same(const std::string& a, const std::string& b) {
    if (is_special(a) || is_special(b)) return false;
    std::error_code error;
    return real(a) == real(b) || fs::equivalent(a, b, error);
}

bool is_within(const std::string& path, const std::string& folder) {
    if (is_special(path)) return false;
    const fs::path inner = real(path), outer = real(folder);
    return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

// The words between the two options, or nothing where the paths are apart.
std::string relation(const OutputPath& a, const std::string& b) {
    if (is_same(a.path, b)) return "names the same file as";
    return a.kind == OutputKind::WholeFolder && is_within(b, a.path) ? "is replaced as a whole, and within lies" : "";
}

void check_stdout(const std::vector<OutputPath>& outputs) {
    const OutputPath* taken = nullptr;
    for (const OutputPath& o : outputs) {
        if (o.path != "-") continue;
        if (o.kind != OutputKind::FileOrStdout)
            throw InputError(o.option, fmt::format("it cannot go to standard output ('-'); give the name of a {}",
                                                   o.kind == OutputKind::File ? "file" : "folder"));
        if (taken != nullptr)
            throw InputError(o.option, fmt::format("standard output ('-') is taken by {}; give one of the two a file",
                                                   taken->option));
        taken = &o;
    }
}

}  // namespace

void refuse_empty_values(const CLI::App& command) {
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& value : option->results()) {
            if (value.empty())
                throw InputError(option->get_name(), "its value is empty; give one or leave the option out");
        }
    }
}

std::string image_file(const std::string& source) {
    if (source.empty() || is_digits_request(source)) return {};
    std::error_code error;
    const auto colon = source.rfind(':');  // FILE.npz:KEY
    return colon == std::string::npos || fs::exists(source, error) ? source : source.substr(0, colon);
}

OutputPath numbers_of(const std::string& network) {
    OutputPath numbers{.option = "the .npz beside --output", .path = {}, .kind = OutputKind::File};
    if (network.ends_with(".toml")) numbers.path = network.substr(0, network.size() - 4) + "npz";
    return numbers;
}

void check_paths(const std::vector<OutputPath>& outputs, const std::vector<InputPath>& inputs) {
    check_stdout(outputs);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const OutputPath& a = outputs[i];
        if (a.path.empty() || a.path == "-") continue;
        for (const InputPath& in : inputs) {
            if (in.path.empty()) continue;
            if (const std::string how = relation(a, in.path); !how.empty())
                throw InputError(a.option, fmt::format("'{}' {} {}, which would be lost; give it a name of its own",
                                                       a.path, how, in.option));
        }
        for (std::size_t k = 0; k < outputs.size(); ++k) {
            const OutputPath& b = outputs[k];
            if (k == i || b.path.empty() || b.path == "-") continue;
            if (const std::string how = relation(a, b.path); !how.empty())
                throw InputError(a.option,
                                 fmt::format("'{}' {} {}; two outputs need two names", a.path, how, b.option));
        }
    }
}

std::vector<InputPath> input_paths(const std::string& network, const InputOptions& input) {
    std::vector<InputPath> paths{
        {"NET", network}, {"--input", image_file(input.source)}, {"--labels", image_file(input.labels)}};
    std::error_code error;
    if (!fs::is_regular_file(network, error)) return paths;  // a pipe can be read once only
    try {
        for (const std::string& file : weights_files(read_file(network), network))
            paths.push_back({"the weights of NET", file});
    } catch (const InputError&) {
        return paths;  // load_network says what is wrong
    }
    return paths;
}

}  // namespace bittrue::cli
