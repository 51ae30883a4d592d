// Temporary files and error texts for tests of readers and writers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"

namespace bittrue::test {

// A folder of its own that is removed at the end of the test.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "bittrue_test_XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }
    [[nodiscard]] std::string write(const std::string& name, std::string_view bytes) const {
        write_file(file(name), bytes);
        return file(name);
    }
    [[nodiscard]] std::size_t entries() const {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator(path_), std::filesystem::directory_iterator()));
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_{};
};

// What the InputError of a call says; empty when it threw none. Any other exception passes and fails the test.
template <typename Call>
std::string error_of(Call call) {
    try {
        call();
    } catch (const InputError& e) {
        return e.what();
    }
    return "";
}

inline std::string shared_folder() {
    return BITTRUE_SOURCE_DIR "/../shared";
}

// True when the file of the shared material is there; otherwise the test says that it skips.
inline bool shared_file(const std::string& name, std::string& path) {
    path = shared_folder() + "/" + name;
    if (std::filesystem::exists(path)) return true;
    WARN("SKIPPED: " << path << " absent");
    return false;
}

class SplitMix64 {
public:
    explicit SplitMix64(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15U;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31U);
    }

private:
    std::uint64_t state_;
};

}  // namespace bittrue::test
