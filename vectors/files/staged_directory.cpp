#include "staged_directory.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "bittrue/model/error.hpp"

namespace bittrue {
namespace fs = std::filesystem;
namespace {

std::string reason_and_remedy(int code) {
    switch (code) {
        case EACCES:
        case EPERM: return "permission denied; choose a folder you may write";
        case EROFS: return "the file system is read-only; choose another folder";
        case ENOSPC:
        case EDQUOT: return "no space is left; free some or choose another folder";
        case ENAMETOOLONG: return "the name is too long; choose a shorter one";
        default: return std::string(std::strerror(code)) + "; choose another folder";
    }
}

}  // namespace

StagedDirectory::StagedDirectory(const std::string& target) : where_(target) {
    if (target.empty()) throw InputError("the name of the output directory is empty");
    std::error_code error;
    target_ = fs::weakly_canonical(fs::absolute(target, error), error);
    if (target_.filename().empty()) target_ = target_.parent_path();
    if (error) throw InputError(target, "cannot be an output directory: " + reason_and_remedy(error.value()));
    if (target_.empty() || target_.filename().empty()) {
        throw InputError(target, "this cannot be an output directory; give the name of one to create");
    }
    const fs::file_status status = fs::status(target_, error);
    if (status.type() == fs::file_type::none) {
        throw InputError(target, "cannot be an output directory: " + reason_and_remedy(error.value()));
    }
    if (fs::exists(status) && !fs::is_directory(status)) {
        throw InputError(target, "exists and is not a directory; choose another name");
    }
    if (!fs::is_directory(target_.parent_path(), error)) {
        throw InputError(
            target, "the folder '" + target_.parent_path().string() + "' does not exist; create it or choose another");
    }
    // A short name of its own: the target's may already be as long as a name can be.
    std::string pattern = (target_.parent_path() / ".bittrue-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
        throw InputError(target, "the directory cannot be created: " + reason_and_remedy(errno));
    }
    staged_ = pattern;
    const mode_t mask = ::umask(0);
    ::umask(mask);
    ::chmod(staged_.c_str(), 0777 & ~mask);
}

StagedDirectory::~StagedDirectory() {
    std::error_code ignored;
    if (!staged_.empty()) fs::remove_all(staged_, ignored);
}

void StagedDirectory::commit() {
    std::error_code error;
    // rename() itself replaces an empty directory.
    fs::rename(staged_, target_, error);
    if (error) {
        if (::renameat2(AT_FDCWD, staged_.c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) != 0) {
            // A file system that cannot exchange: the old one steps aside first.
            const fs::path aside = staged_.string() + ".old";
            fs::rename(target_, aside, error);
            if (!error) {
                fs::rename(staged_, target_, error);
                std::error_code ignored;
                if (error) {
                    fs::rename(aside, target_, ignored);
                } else {
                    fs::remove_all(aside, ignored);
                }
            }
            if (error)
                throw InputError(where_, "the directory cannot be replaced: " + reason_and_remedy(error.value()));
            staged_.clear();
            return;
        }
        fs::remove_all(staged_, error);  // now the old one
    }
    staged_.clear();
}

}  // namespace bittrue
