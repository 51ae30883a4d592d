// What goes through a socket between two processes of one program: numbers and texts, as they are in memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bittrue::detail {

// The other end is gone.
struct WireCut {};

class Wire {
public:
    explicit Wire(int socket) : socket_(socket) {}

    void send(const void* bytes, std::size_t size) const;
    void receive(void* bytes, std::size_t size) const;

    void send_number(std::uint64_t number) const { send(&number, sizeof number); }
    [[nodiscard]] std::uint64_t number() const;
    [[nodiscard]] std::size_t size() const;  // a number that can be a size; of another the sender is out of its mind
    void send_text(const std::string& text) const;
    [[nodiscard]] std::string text() const;
    template <class Element>
    void send_elements(const std::vector<Element>& elements) const {
        send_number(elements.size());
        send(elements.data(), elements.size() * sizeof(Element));
    }
    template <class Element>
    void receive_elements(std::vector<Element>& elements) const {
        elements.resize(size());
        receive(elements.data(), elements.size() * sizeof(Element));
    }

private:
    int socket_;
};

}  // namespace bittrue::detail
