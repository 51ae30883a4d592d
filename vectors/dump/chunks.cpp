#include "dump/chunks.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bittrue/model/error.hpp"

namespace bittrue::dump {
namespace {

constexpr std::size_t kFirstBuffer = std::size_t{1} << 20;
constexpr std::size_t kMostBuffer = std::size_t{64} << 20;

// std::count, but with sums of bytes within blocks, which vector units add sixteen at a time.
std::uint64_t count_lines(const char* begin, const char* end) {
    constexpr std::ptrdiff_t kBlock = 128;
    std::uint64_t lines = 0;
    for (; end - begin >= kBlock; begin += kBlock) {
        std::uint8_t sum = 0;
        for (std::ptrdiff_t i = 0; i < kBlock; ++i) sum = static_cast<std::uint8_t>(sum + (begin[i] == '\n' ? 1 : 0));
        lines += sum;
    }
    return lines + static_cast<std::uint64_t>(std::count(begin, end, '\n'));
}

}  // namespace

Chunks::Chunks(const std::string& path, const DumpOptions& options) : path_(path), options_(options) {
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor_ < 0) {
        const int code = errno;
        throw InputError(path, std::string("cannot be read (") + std::strerror(code) + "); check the path");
    }
    struct stat info {};
    if (::fstat(descriptor_, &info) == 0) {
        if (S_ISDIR(info.st_mode)) {
            ::close(descriptor_);
            throw InputError(path, "is a folder; give a file");
        }
        if (S_ISREG(info.st_mode)) size_ = static_cast<std::uint64_t>(info.st_size);
    }
    buffer_.resize(std::min<std::size_t>(kFirstBuffer, size_ > 0 ? size_ + 1 : kFirstBuffer) + kPadding);
    read_more();
}

Chunks::~Chunks() {
    ::close(descriptor_);
}

void Chunks::read_more() {
    while (!exhausted_ && filled_ + kPadding < buffer_.size()) {
        const ssize_t got = ::read(descriptor_, buffer_.data() + filled_, buffer_.size() - kPadding - filled_);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw InputError(path_, std::string("cannot be read: ") + std::strerror(errno));
        if (got == 0) exhausted_ = true;
        filled_ += static_cast<std::size_t>(got);
        done_ += static_cast<std::uint64_t>(got);
    }
    std::fill_n(buffer_.begin() + static_cast<std::ptrdiff_t>(filled_), kPadding, '\0');
    if (options_.progress) options_.progress(done_, std::max(size_, done_));
}

void Chunks::refill(const char* rest) {
    if (options_.cancel != nullptr && options_.cancel->load()) throw Interrupted();
    const auto dropped = static_cast<std::size_t>(rest - buffer_.data());
    if (dropped > filled_) throw std::logic_error("refill behind the buffer's end");
    lines_ += count_lines(begin(), rest);
    std::memmove(buffer_.data(), rest, filled_ - dropped);
    filled_ -= dropped;
    if (filled_ + kPadding >= buffer_.size()) {
        if (buffer_.size() > kMostBuffer) {
            throw InputError(where(begin()), "a single line or value is longer than 64 MiB; this is no dump");
        }
        buffer_.resize(2 * buffer_.size());
    }
    read_more();
}

std::uint64_t Chunks::line(const char* place) const {
    return lines_ + 1 + count_lines(begin(), place);
}

std::string Chunks::where(const char* place) const {
    return path_ + ":" + std::to_string(line(place));
}

bool Lines::next(std::string_view& line) {
    for (;;) {
        const auto left = static_cast<std::size_t>(chunks_.end() - next_);
        const void* found = left == 0 ? nullptr : std::memchr(next_, '\n', left);
        if (found == nullptr && !chunks_.last()) {
            chunks_.refill(next_);
            next_ = chunks_.begin();
            continue;
        }
        if (found == nullptr && left == 0) return false;
        const char* stop = found == nullptr ? chunks_.end() : static_cast<const char*>(found);
        line = {next_, static_cast<std::size_t>(stop - next_)};
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        next_ = found == nullptr ? stop : stop + 1;
        ++number_;
        return true;
    }
}

}  // namespace bittrue::dump
