#include "bittrue/model/atomic_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bittrue/model/error.hpp"
#include "import/file_kind.hpp"

namespace bittrue {

namespace {

constexpr std::size_t kChunk = std::size_t{1} << 20;

std::string remedy(int code) {
    switch (code) {
        case ENOENT: return "the file or its folder does not exist; check the path";
        case EACCES:
        case EPERM: return "permission denied; check the rights of the file and its folder";
        case EROFS: return "the file system is read-only; write elsewhere";
        case ENOSPC:
        case EDQUOT: return "no space is left; free some or write elsewhere";
        case ENOTDIR: return "a part of the path is a file, not a folder";
        case EISDIR: return "it is a folder; give a file name";
        case ELOOP: return "its symbolic link leads back to itself";
        case ENAMETOOLONG: return "the name is too long";
        default: return std::strerror(code);
    }
}

struct Descriptor {
    int fd;
    explicit Descriptor(int f) : fd(f) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd >= 0) ::close(fd);
    }
};

mode_t mode_of_new_file() {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    return static_cast<mode_t>(0666) & ~mask;
}

// What a symbolic link to a file that does not exist yet points to; the path itself when it is no link.
std::filesystem::path behind_links(const std::filesystem::path& path) {
    namespace fs = std::filesystem;
    constexpr int kMostLinks = 40;  // as Linux
    fs::path at = path;
    std::error_code no_link;
    for (int i = 0; i < kMostLinks; ++i) {
        const fs::path next = fs::read_symlink(at, no_link);
        if (no_link) break;
        at = at.parent_path() / next;
    }
    return at;
}

}  // namespace

std::string detail::read_head(const std::string& path, std::size_t bytes) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat info {};
    if (file.fd < 0 || ::fstat(file.fd, &info) != 0) throw InputError(path, "cannot be read: " + remedy(errno));
    if (S_ISDIR(info.st_mode)) throw InputError(path, "cannot be read: " + remedy(EISDIR));
    if (!S_ISREG(info.st_mode)) return "";
    std::string head(bytes, '\0');
    const ssize_t got = ::read(file.fd, head.data(), bytes);
    if (got < 0) throw InputError(path, "cannot be read: " + remedy(errno));
    head.resize(static_cast<std::size_t>(got));
    return head;
}

std::string read_file(const std::string& path, std::uint64_t max_bytes) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.fd < 0) throw InputError(path, "cannot be read: " + remedy(errno));
    struct stat info {};
    if (::fstat(file.fd, &info) != 0) throw InputError(path, "cannot be read: " + remedy(errno));
    if (S_ISDIR(info.st_mode)) throw InputError(path, "cannot be read: " + remedy(EISDIR));
    const auto too_large = [&] {
        return InputError(path, fmt::format("is larger than the {} bytes that such a file may have", max_bytes));
    };
    std::string bytes;
    if (S_ISREG(info.st_mode)) {
        if (static_cast<std::uint64_t>(info.st_size) > max_bytes) throw too_large();
        bytes.reserve(static_cast<std::size_t>(info.st_size));
    }
    std::string chunk(kChunk, '\0');
    for (;;) {
        const ssize_t got = ::read(file.fd, chunk.data(), chunk.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw InputError(path, "cannot be read: " + remedy(errno));
        if (got == 0) return bytes;
        bytes.append(chunk, 0, static_cast<std::size_t>(got));
        if (bytes.size() > max_bytes) throw too_large();
    }
}

AtomicFile::AtomicFile(const std::string& path) : path_(path) {
    namespace fs = std::filesystem;
    struct stat info {};
    const bool exists = ::stat(path.c_str(), &info) == 0;
    if (!exists && errno != ENOENT) fail("cannot be written", errno);
    std::error_code failed;
    const fs::path resolved = fs::weakly_canonical(exists ? fs::path(path) : behind_links(path), failed);
    target_ = failed || resolved.empty() ? path : resolved.string();
    if (path.empty() || path.back() == '/' || (exists && S_ISDIR(info.st_mode)))
        fail("cannot be written", path.empty() ? ENOENT : EISDIR);
    if (exists && !S_ISREG(info.st_mode)) {
        descriptor_ = ::open(target_.c_str(), O_WRONLY | O_CLOEXEC);
        if (descriptor_ < 0) fail("cannot be written", errno);
        return;
    }
    if (exists && ::access(target_.c_str(), W_OK) != 0) fail("cannot be written", errno);
    // A short name of its own: the target's may already be as long as a name can be.
    temporary_ = (fs::path(target_).parent_path() / ".bittrue-XXXXXX").string();
    descriptor_ = ::mkostemp(temporary_.data(), O_CLOEXEC);
    if (descriptor_ < 0) {
        const int code = errno;
        temporary_.clear();
        fail("cannot be written", code);
    }
    if (::fchmod(descriptor_, exists ? info.st_mode & 07777U : mode_of_new_file()) != 0)
        fail("cannot be written", errno);
}

AtomicFile::~AtomicFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::fail(const char* what, int code) {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
    temporary_.clear();
    throw InputError(path_, fmt::format("{}: {}", what, remedy(code)));
}

void AtomicFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t put = ::write(descriptor_, bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) fail("cannot be written", errno);
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
}

void AtomicFile::commit() {
    const int descriptor = std::exchange(descriptor_, -1);
    if (::close(descriptor) != 0) fail("cannot be written", errno);
    if (temporary_.empty()) return;
    if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail("cannot be written", errno);
    temporary_.clear();
}

void write_file(const std::string& path, std::string_view bytes) {
    AtomicFile file(path);
    file.write(bytes);
    file.commit();
}

}  // namespace bittrue
