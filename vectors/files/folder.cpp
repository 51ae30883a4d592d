#include "bittrue/vectors/folder.hpp"

#include <system_error>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"
#include "staged_directory.hpp"

namespace bittrue {
namespace fs = std::filesystem;
namespace {

void check_contents(const std::string& directory, const fs::path& target, const std::string& mark) {
    std::error_code error;
    if (!fs::exists(target, error) || fs::is_empty(target, error) || fs::is_regular_file(target / mark, error)) return;
    throw InputError(directory, "holds other files, no '" + mark + "'; give an empty folder or the name of a new one");
}

}  // namespace

void check_folder(const std::string& directory, const std::string& mark) {
    const StagedDirectory staged(directory);
    check_contents(directory, staged.target(), mark);
}

void write_folder(const std::string& directory, const std::vector<SetFile>& files, const std::string& mark) {
    StagedDirectory staged(directory);
    check_contents(directory, staged.target(), mark);
    for (const SetFile& file : files) {
        const fs::path path = staged.path() / file.path;
        std::error_code error;
        fs::create_directories(path.parent_path(), error);
        if (error) throw InputError(directory, "cannot be written: " + error.message() + "; choose another folder");
        write_file(path.string(), file.bytes);
        constexpr auto kExecute = fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;
        if (file.executable) fs::permissions(path, kExecute, fs::perm_options::add, error);
        if (error) throw InputError(directory, "cannot be written: " + error.message() + "; choose another folder");
    }
    staged.commit();
}

}  // namespace bittrue
