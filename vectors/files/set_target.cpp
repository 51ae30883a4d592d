#include "set_target.hpp"

#include <set>
#include <system_error>

#include <unistd.h>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/vectors/vector_files.hpp"
#include "manifest.hpp"
#include "staged_directory.hpp"

namespace bittrue {
namespace fs = std::filesystem;

void check_replaceable(const std::string& where, const fs::path& target) {
    std::error_code error;
    if (!fs::exists(target, error) || fs::is_empty(target, error)) return;
    if (!fs::exists(target / kManifestName, error)) {
        throw InputError(where, "exists and is not a vector set (it has no manifest.json); choose another directory");
    }
    std::set<std::string> known;
    try {
        known = manifest_files(parse_manifest(read_file((target / kManifestName).string()), kManifestName));
    } catch (const InputError& problem) {
        throw InputError(
            where, std::string("exists and is not a vector set (") + problem.what() + "); choose another directory");
    }
    std::set<std::string> folders{kParametersFolder};
    for (const std::string& file : known) {
        for (std::size_t slash = file.find('/'); slash != std::string::npos; slash = file.find('/', slash + 1)) {
            folders.insert(file.substr(0, slash));
        }
    }
    for (auto entry = fs::recursive_directory_iterator(target, error);
         !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
        const std::string name = entry->path().lexically_relative(target).generic_string();
        if (!known.contains(name) && !folders.contains(name)) {
            throw InputError(
                where,
                "holds '" + name + "', which is not part of its vector set; move it away or choose another directory");
        }
    }
    if (error) {
        throw InputError(where, "cannot list the directory: " + error.message() + "; choose another directory");
    }
    folders.insert("");
    for (const std::string& name : folders) {
        const fs::path folder = name.empty() ? target : target / name;
        if (fs::exists(folder, error) && ::access(folder.c_str(), W_OK | X_OK) != 0) {
            throw InputError(
                where, "the vector set there cannot be replaced: permission denied; choose a folder you may write");
        }
    }
}

void check_vector_directory(const std::string& directory) {
    const StagedDirectory staged(directory);
    check_replaceable(directory, staged.target());
}

}  // namespace bittrue
