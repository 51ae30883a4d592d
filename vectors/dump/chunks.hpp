// A file from front to back through one buffer: memory does not grow with the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bittrue/vectors/dump.hpp"

namespace bittrue::dump {

class Chunks {
public:
    // Zero bytes that always follow end(), so that eight bytes can be loaded from any place of the text.
    static constexpr std::size_t kPadding = 16;

    // InputError when the file is absent, a folder or unreadable.
    Chunks(const std::string& path, const DumpOptions& options);
    Chunks(const Chunks&) = delete;
    Chunks& operator=(const Chunks&) = delete;
    ~Chunks();

    [[nodiscard]] const char* begin() const { return buffer_.data(); }
    [[nodiscard]] const char* end() const { return buffer_.data() + filled_; }
    // Everything behind begin() is all there is.
    [[nodiscard]] bool last() const { return exhausted_; }

    // Drops the text in front of `rest`, which must be within the buffer, and reads more behind it. InputError when a
    // single record fills kMostBuffer; Interrupted when the options say so.
    void refill(const char* rest);

    // Line of a place in the buffer, from 1; "dump.vcd:17" for messages.
    [[nodiscard]] std::uint64_t line(const char* place) const;
    [[nodiscard]] std::string where(const char* place) const;
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::uint64_t bytes_read() const { return done_; }

private:
    void read_more();

    std::string path_;
    const DumpOptions& options_;
    int descriptor_ = -1;
    std::uint64_t size_ = 0;  // 0: unknown
    std::uint64_t done_ = 0;
    std::uint64_t lines_ = 0;  // in front of begin()
    bool exhausted_ = false;
    std::size_t filled_ = 0;
    std::vector<char> buffer_;
};

// Lines of a text, without their ends (LF or CR LF).
class Lines {
public:
    explicit Lines(Chunks& chunks) : chunks_(chunks), next_(chunks.begin()) {}

    // False at the end of the file. The text is valid until the next call.
    bool next(std::string_view& line);
    [[nodiscard]] std::string where() const { return chunks_.path() + ":" + std::to_string(number_); }
    [[nodiscard]] std::uint64_t number() const { return number_; }

private:
    Chunks& chunks_;
    const char* next_;
    std::uint64_t number_ = 0;
};

}  // namespace bittrue::dump
