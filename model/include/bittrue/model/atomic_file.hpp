// Files are read whole and written whole: a reader never meets half a file, a failure leaves nothing behind.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bittrue {

inline constexpr std::uint64_t kMaxFileBytes = std::uint64_t{8} << 30;  // 8 GiB

// The bytes of a regular file (or pipe) of at most `max_bytes`. InputError when it is absent, a folder, unreadable or
// larger.
[[nodiscard]] std::string read_file(const std::string& path, std::uint64_t max_bytes = kMaxFileBytes);

// Writes to a new file in the same folder and renames it to `path` at the end; a symbolic link keeps pointing (also one
// to a file that does not exist yet, which is made), an existing file keeps its mode. InputError (no folder, no
// permission, disk full) names the file and leaves neither a temporary nor a changed `path`. A `path` that is a device
// or a pipe is written directly.
void write_file(const std::string& path, std::string_view bytes);

// The same for output that is made piece by piece: nothing appears at `path` before commit(); destroyed without commit
// the temporary is removed.
class AtomicFile {
public:
    explicit AtomicFile(const std::string& path);
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;
    ~AtomicFile();

    void write(std::string_view bytes);
    void commit();  // once, as the last call

private:
    [[noreturn]] void fail(const char* what, int code);

    std::string path_{};       // as given, for messages
    std::string target_{};     // with symbolic links resolved
    std::string temporary_{};  // empty when `target_` is written directly
    int descriptor_ = -1;
};

}  // namespace bittrue
