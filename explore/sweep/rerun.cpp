#include "sweep/rerun.hpp"

#include <algorithm>
#include <numeric>

#include "sweep/tally.hpp"

namespace bittrue::explore {

namespace {

constexpr std::uint8_t kInputsChanged = 1;  // an input of the node differs from the base pass
constexpr std::uint8_t kLeaves = 2;         // the same inputs, but a sum leaves the accumulator

class Rerun {
public:
    Rerun(const BlockNetwork& network, const Family& family, const std::vector<MacLimits>& limits,
          const ChunkBase& base, RerunRoom& room)
        : n_(network),
          family_(family),
          limits_(limits),
          base_(base),
          r_(room),
          images_(static_cast<std::size_t>(base.images)),
          o_(empty_outcome(network.layers)) {}

    Outcome run(const WideWords& wide, std::span<const int> labels) {
        clear(r_.changed[0]);
        r_.touched.assign(images_, 0);
        for (const BlockNetwork::NodePlan& node : n_.nodes) one(node);
        o_.touched = static_cast<std::uint64_t>(std::count(r_.touched.begin(), r_.touched.end(), 1));
        for (std::size_t i = 0; i < images_; ++i) score(i, wide, labels);
        return std::move(o_);
    }

private:
    void clear(Changed& c) const {
        c.images.clear();
        c.lane_of.assign(images_, -1);
        c.compact = true;
    }

    void one(const BlockNetwork::NodePlan& node) {
        mark(node);
        Changed& out = r_.changed[node.output];
        clear(out);
        if (r_.images.empty()) {
            if (node.mac) count_touched(node, false);
            return;
        }
        const auto count = static_cast<int>(r_.images.size());
        r_.inputs.clear();
        r_.gathered.resize(std::max(r_.gathered.size(), node.inputs.size()));
        for (std::size_t k = 0; k < node.inputs.size(); ++k)
            r_.inputs.push_back(&gather(node.inputs[k], r_.gathered[k]));
        if (node.mac) {
            const bool asks = std::find(r_.marks.begin(), r_.marks.end(), kInputsChanged) != r_.marks.end();
            const Block& in = *r_.inputs.front();
            out.block.reset(n_.elements[node.output], in.lanes());
            r_.left.reset(1, in.lanes());
            std::fill_n(r_.left.plane(0), in.lanes(), 0);
            run_mac(*family_.macs[node.number], Want::Limit, &limits_[node.number], in, out.block, nullptr,
                    asks ? r_.left.plane(0) : nullptr, r_.mac);
            count_touched(node, asks);
        } else {
            node.stage->run(r_.inputs, count, out.block);
        }
        out.images = r_.images;
        for (int i = 0; i < count; ++i)
            out.lane_of[static_cast<std::size_t>(r_.images[static_cast<std::size_t>(i)])] = i;
        if (n_.kept[node.output]) drop_equal(node.output, out);
    }

    // Which images the node has to run again.
    void mark(const BlockNetwork::NodePlan& node) {
        r_.marks.assign(images_, 0);
        for (const std::size_t in : node.inputs) {
            for (const std::int32_t image : r_.changed[in].images)
                r_.marks[static_cast<std::size_t>(image)] = kInputsChanged;
        }
        if (node.mac) {
            const Ranges& ranges = base_.ranges[node.number];
            const MacLimits& limits = limits_[node.number];
            for (std::size_t i = 0; i < images_; ++i) {
                const bool fits = ranges.low[i] >= limits.range_lo && ranges.high[i] <= limits.range_hi;
                if (!fits && r_.marks[i] == 0) r_.marks[i] = kLeaves;
            }
        }
        r_.images.clear();
        for (std::size_t i = 0; i < images_; ++i) {
            if (r_.marks[i] != 0) r_.images.push_back(static_cast<std::int32_t>(i));
        }
    }

    // Of images with the same inputs the range tells, of others the run has.
    void count_touched(const BlockNetwork::NodePlan& node, bool asked) {
        const bool always = family_.macs[node.number]->bias_cast_overflows();
        std::size_t lane = 0;
        for (std::size_t i = 0; i < images_; ++i) {
            bool left = always;
            if (r_.marks[i] != 0) {
                left = left || r_.marks[i] == kLeaves || (asked && r_.left.plane(0)[lane] != 0);
                ++lane;
            }
            if (!left) continue;
            ++o_.layers_touched[node.number];
            r_.touched[i] = 1;
        }
    }

    // The tensor's words of the images that run, one behind the other.
    const Block& gather(std::size_t tensor, Block& room) {
        const Changed& c = r_.changed[tensor];
        if (c.compact && c.images.size() == r_.images.size()) return c.block;
        const Block& base = base_.tensors[tensor];
        if (c.images.empty() && r_.images.size() == images_) return base;
        room.reset(n_.elements[tensor], static_cast<int>(r_.images.size()));
        const std::size_t count = r_.images.size();
        const std::int32_t* images = r_.images.data();
        for (std::int64_t e = 0; e < room.elements(); ++e) {
            std::int32_t* to = room.plane(e);
            std::fill(to + count, to + room.lanes(), 0);
            if (c.images.empty()) {
                const std::int32_t* from = base.plane(e);
                for (std::size_t i = 0; i < count; ++i) to[i] = from[images[i]];
                continue;
            }
            const std::int32_t* now = c.block.plane(e);
            for (std::size_t i = 0; i < count; ++i) {
                const std::int32_t lane = c.lane_of[static_cast<std::size_t>(images[i])];
                to[i] = lane >= 0 ? now[lane] : base.plane(e)[images[i]];
            }
        }
        return room;
    }

    // Images whose words are those of the base pass again do not continue.
    void drop_equal(std::size_t tensor, Changed& c) {
        const Block& base = base_.tensors[tensor];
        const std::size_t count = c.images.size();
        r_.different.reset(1, c.block.lanes());
        std::int32_t* different = r_.different.plane(0);
        std::fill_n(different, c.block.lanes(), 0);
        for (std::int64_t e = 0; e < base.elements(); ++e) {
            if (count == images_) {
                compare_lanes(c.block.plane(e), base.plane(e), different, c.block.lanes());
                continue;
            }
            const std::int32_t* now = c.block.plane(e);
            for (std::size_t i = 0; i < count; ++i) different[i] |= now[i] ^ base.plane(e)[c.images[i]];
        }
        std::size_t still = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const std::int32_t image = c.images[i];
            if (different[i] != 0) {
                c.images[still++] = image;
            } else {
                c.lane_of[static_cast<std::size_t>(image)] = -1;
            }
        }
        c.compact = still == count;
        c.images.resize(still);
    }

    void score(std::size_t i, const WideWords& wide, std::span<const int> labels) {
        const std::size_t image = base_.first + i;
        const Changed& output = r_.changed[n_.output];
        std::int64_t best = base_.best[i];
        if (const std::int32_t lane = output.lane_of[i]; lane >= 0) {
            best = argmax(output.block.elements(), [&](std::int64_t e) { return output.block.plane(e)[lane]; });
        }
        if (!labels.empty() && best == labels[image]) ++o_.correct;
        if (best != wide.best[image]) ++o_.flips;
        const Changed& error = r_.changed[n_.error];
        const std::int32_t lane = error.lane_of[i];
        if (lane < 0 && family_.lossless) return;
        const Block& words = lane >= 0 ? error.block : base_.tensors[n_.error];
        const std::size_t at = lane >= 0 ? static_cast<std::size_t>(lane) : i;
        const std::int32_t* expected = wide.row(image);
        for (std::int64_t e = 0; e < wide.elements; ++e) add_error(o_, i128{words.plane(e)[at]} - expected[e]);
    }

    const BlockNetwork& n_;
    const Family& family_;
    const std::vector<MacLimits>& limits_;
    const ChunkBase& base_;
    RerunRoom& r_;
    std::size_t images_;
    Outcome o_;
};

}  // namespace

Outcome rerun(const BlockNetwork& network, const Family& family, const std::vector<MacLimits>& limits,
              const ChunkBase& base, const WideWords& wide, std::span<const int> labels, RerunRoom& room) {
    return Rerun(network, family, limits, base, room).run(wide, labels);
}

}  // namespace bittrue::explore
