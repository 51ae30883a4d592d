// Files for parsers that read a path: in memory where the system has /dev/shm.
#pragma once

#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>

#include <stdlib.h>

#include "fuzz/target.hpp"

namespace bittrue::fuzz {

// A folder of this process, removed when the program ends.
class Scratch {
public:
    Scratch() {
        std::error_code ignored;
        const std::filesystem::path shm = "/dev/shm";
        const bool in_memory = std::filesystem::is_directory(shm, ignored);
        std::string name =
            ((in_memory ? shm : std::filesystem::temp_directory_path()) / "bittrue-fuzz-XXXXXX").string();
        require(::mkdtemp(name.data()) != nullptr, "a temporary folder can be made");
        folder_ = name;
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    [[nodiscard]] std::string file(const std::string& name) const { return (folder_ / name).string(); }

    // Overwrites the file; plainly, because the product's own writer would cost more than the parsers.
    std::string write(const std::string& name, std::string_view bytes) const {
        std::FILE* file = std::fopen(this->file(name).c_str(), "wb");
        require(file != nullptr, "a scratch file can be opened");
        const std::size_t written = bytes.empty() ? 0 : std::fwrite(bytes.data(), 1, bytes.size(), file);
        require(std::fclose(file) == 0 && written == bytes.size(), "a scratch file can be written");
        return this->file(name);
    }

private:
    std::filesystem::path folder_{};
};

}  // namespace bittrue::fuzz
