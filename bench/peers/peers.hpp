// The peers: each computes the words of a network's output in its own way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "network.hpp"

namespace bench::peers {

class Peer {
public:
    Peer() = default;
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    virtual ~Peer() = default;

    // out: `count` times network.outputs words.
    virtual void run(const std::uint8_t* images, std::size_t count, std::int32_t* out) = 0;
};

// Integer loops as one writes them by hand, the output channel innermost: compiled for the baseline without vectors,
// and for this machine with all that the compiler makes of it. The network must outlive the peer.
[[nodiscard]] std::unique_ptr<Peer> make_plain(const Network& network);
[[nodiscard]] std::unique_ptr<Peer> make_plain_vector(const Network& network);

// sc_fixed or sc_fixed_fast for weights, words and accumulator; casts and pools in integers. Only with BENCH_SYSTEMC.
[[nodiscard]] std::unique_ptr<Peer> make_systemc(const Network& network, bool fast);

// int8 convolutions and inner products with a sum of 32 bits: accumulator "wide" only, one thread, `batch` images at a
// time. Only with BENCH_ONEDNN.
[[nodiscard]] std::unique_ptr<Peer> make_onednn(const Network& network, std::size_t batch);

}  // namespace bench::peers
