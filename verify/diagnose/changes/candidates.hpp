// The single changes that are tried for a subject. One function per family; each looks at every node of the subject's
// chain and adds what applies to it.
#pragma once

#include <vector>

#include "search/variant.hpp"
#include "subject/evidence.hpp"

namespace bittrue::diagnose_detail {

struct Maker {
    const Subject& subject;
    const Evidence& evidence;
    const Datapath& datapath;
    std::vector<Candidate>& candidates;
};

// Settings of the network file.
void add_cast_changes(const Maker& maker);         // rounding, overflow, format of every type of every node; dialect
void add_accumulator_changes(const Maker& maker);  // product cast, schedule, quantise at, term order
void add_bias_changes(const Maker& maker);         // missing, doubled, misaligned, last, other channel's
void add_window_changes(const Maker& maker);       // stride, offset, dilation, padding and its value, pool rule
void add_activation_changes(const Maker& maker);   // missing, before the pool, relu and cast exchanged, bounds, slope
void add_requantize_changes(const Maker& maker);   // shift, multiplier, single or double rounding, zero point
void add_table_changes(const Maker& maker);        // index rule, offset, size, contents; softmax
// Arrangement of numbers.
void add_weight_order_changes(const Maker& maker);  // transposed, flipped, channels exchanged
void add_input_changes(const Maker& maker);         // layout, flatten order, addresses off by one, sign, image before
void add_output_changes(const Maker& maker);        // order of the result's words, image before, stuck bits
// Faults of hardware, and contents fitted to the dump.
void add_channel_changes(const Maker& maker);  // weights or bias of one channel
void add_mac_faults(const Maker& maker);  // stuck bit of a multiplier lane, terms left out, accumulator not cleared

// All but the faults inside accumulations, which are found by computing many sums.
void add_quick_changes(const Maker& maker);

}  // namespace bittrue::diagnose_detail
