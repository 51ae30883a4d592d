// A directory that appears whole or not at all.
#pragma once

#include <filesystem>
#include <string>

namespace bittrue {

// A new directory beside the target; commit() puts it in the target's place in one step, destruction without commit
// removes it. The target must not exist, be empty, or be one that the caller has checked and wants replaced.
class StagedDirectory {
public:
    // InputError when the parent does not exist or is not writable, or the target is no directory.
    explicit StagedDirectory(const std::string& target);
    StagedDirectory(const StagedDirectory&) = delete;
    StagedDirectory& operator=(const StagedDirectory&) = delete;
    ~StagedDirectory();

    [[nodiscard]] const std::filesystem::path& target() const { return target_; }  // symbolic links resolved
    [[nodiscard]] const std::filesystem::path& path() const { return staged_; }
    void commit();

private:
    std::string where_;
    std::filesystem::path target_;
    std::filesystem::path staged_;  // empty after commit
};

}  // namespace bittrue
