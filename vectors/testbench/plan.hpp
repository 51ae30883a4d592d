// Everything a testbench needs to know about a vector set and the design, worked out once for all languages.
#pragma once

#include <string>
#include <vector>

#include "bittrue/vectors/testbench.hpp"
#include "files/packer.hpp"

namespace bittrue::testbench {

// A boundary: the network's input, or a layer.
struct Boundary {
    std::string original{};  // name in the set
    std::string name{};      // as messages show it
    std::string stem{};      // of its file of vectors
    std::string id{};        // in names of the testbench: letters, digits and '_'; unique, also where case is ignored
    std::string where{};     // for errors: "layer 'conv'"
    bool is_input = false;
    bool is_output = false;  // the design's output: the testbench gives `ready`
    bool is_checked = false;

    std::int64_t images = 0;
    Packing packing{};
    PackingPlan plan{};
    Format format{};
    std::int64_t stride = 1;          // distance in storage of elements that follow each other; 1: the order of storage
    std::vector<std::string> axes{};  // "image", "row", ...; empty: unknown
    Dims dims{};                      // of an image, at most 3

    // Names in the design; empty: it has no such signal.
    std::string data{}, valid{}, ready{}, last{}, keep{}, address{}, enable{};
    int address_bits = 1;

    [[nodiscard]] std::int64_t packed_words() const { return images * plan.words; }
    [[nodiscard]] bool is_reversed() const { return packing.reverse_bits || packing.reverse_bytes; }
};

struct Plan {
    TestbenchOptions options{};  // names filled in
    std::string network{};
    std::int64_t images = 0;
    std::uint64_t timeout = 0;           // clocks in which nothing moves
    std::int64_t runaway = 0;            // beats of all boundaries that a design never makes unless it runs away
    std::vector<Boundary> boundaries{};  // the input first, then those the design shows, in the order of the set

    [[nodiscard]] const Boundary& input() const { return boundaries.front(); }
    [[nodiscard]] const Boundary& output() const;
    [[nodiscard]] std::vector<const Boundary*> checked() const;
    [[nodiscard]] bool any_axis() const;
    [[nodiscard]] bool any_reversed() const;
};

// InputError as make_testbench.
[[nodiscard]] Plan make_plan(const VectorSet& set, const TestbenchOptions& options);

// An inner boundary that is no port of the design: "dut.u_conv.out_data".
[[nodiscard]] bool is_path(const std::string& name);

}  // namespace bittrue::testbench
