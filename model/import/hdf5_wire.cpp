#include "import/hdf5_wire.hpp"

#include <cerrno>

#include <sys/socket.h>

namespace bittrue::detail {

void Wire::send(const void* bytes, std::size_t size) const {
    const char* at = static_cast<const char*>(bytes);
    while (size > 0) {
        const ssize_t sent = ::send(socket_, at, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) throw WireCut{};
        at += sent, size -= static_cast<std::size_t>(sent);
    }
}

void Wire::receive(void* bytes, std::size_t size) const {
    char* at = static_cast<char*>(bytes);
    while (size > 0) {
        const ssize_t received = ::recv(socket_, at, size, 0);
        if (received < 0 && errno == EINTR) continue;
        if (received <= 0) throw WireCut{};
        at += received, size -= static_cast<std::size_t>(received);
    }
}

std::uint64_t Wire::number() const {
    std::uint64_t number = 0;
    receive(&number, sizeof number);
    return number;
}

std::size_t Wire::size() const {
    constexpr std::uint64_t kMost = std::uint64_t{1} << 28;
    const std::uint64_t size = number();
    if (size > kMost) throw WireCut{};
    return size;
}

void Wire::send_text(const std::string& text) const {
    send_number(text.size());
    send(text.data(), text.size());
}

std::string Wire::text() const {
    std::string text(size(), '\0');
    receive(text.data(), text.size());
    return text;
}

}  // namespace bittrue::detail
