// Checks a certificate of `bittrue bounds`: every number is computed again from the network, in unbounded integers and
// by the rules of docs/numerics.md, without a line of the program that made it.
#pragma once

#include <cstdint>
#include <string>

#include "bittrue/model/graph.hpp"

namespace bittrue::golden {

struct CertificateCheck {
    std::string difference{};  // one sentence: what is wrong where; empty: everything is right
    std::string condition{};   // what it is about: "the raws of 'input' lie within 0..255"
    std::size_t layers = 0, channels = 0;
    std::size_t safe_layers = 0;
};

// `text` is the certificate, `where` its name in messages. Only the declared input range and the choice of layers are
// taken from it; all else must be what this network gives. InputError: not JSON, not a certificate of this version, a
// declared range or a layer that the network cannot have.
[[nodiscard]] CertificateCheck check_certificate(const Graph& graph, const std::string& text, const std::string& where);

}  // namespace bittrue::golden
