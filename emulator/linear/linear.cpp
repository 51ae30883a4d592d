#include "linear.hpp"

#include <algorithm>

#include "select.hpp"

namespace bittrue::emulator {
namespace {

using namespace linear;

class LinearLayer : public Linear {
public:
    LinearLayer(LinearTerms terms, const LinearOptions& options) : terms_(std::move(terms)) {
        for (Selected& s : select_kernels(terms_, options)) {
            sum_range_.low = std::min(sum_range_.low, s.sums.low);
            sum_range_.high = std::max(sum_range_.high, s.sums.high);
            groups_.push_back(std::move(s.group));
            kernels_.push_back(std::move(s.kernel));
        }
    }

    [[nodiscard]] const std::vector<ChannelGroup>& groups() const override { return groups_; }
    [[nodiscard]] LaneType sum_type(std::size_t group) const override { return kernels_[group]->sum_type(); }

    [[nodiscard]] InputRange sum_range() const override { return sum_range_; }

    [[nodiscard]] std::unique_ptr<LinearRoom> make_room() const override {
        auto room = std::make_unique<Workspace>();
        room->cells.resize(2 * groups_.size());
        return room;
    }

    void begin(const Planes& in, LinearRoom& room) const override {
        auto& work = static_cast<Workspace&>(room);
        work.in = in;
        work.key = {};
        for (CellRoom& cells : work.cells) cells.rows = 0;
    }

    void sums(std::size_t group, std::int64_t y, std::int64_t x, void* out, LinearRoom& room, int images,
              ChannelCounts* counts) const override {
        kernels_[group]->sums(y, x, out, static_cast<Workspace&>(room), images, counts);
    }
    void sums_along(std::size_t group, const PositionRun& run, void* out, LinearRoom& room, int images,
                    ChannelCounts* counts) const override {
        kernels_[group]->sums_along(run, groups_[group].channels.size(), out, static_cast<Workspace&>(room), images,
                                    counts);
    }
    [[nodiscard]] AccumulationCounts known(std::size_t group, std::size_t i) const override {
        return kernels_[group]->known(i);
    }

private:
    LinearTerms terms_;
    InputRange sum_range_{};
    std::vector<ChannelGroup> groups_{};
    std::vector<std::unique_ptr<GroupKernel>> kernels_{};
};

template <class Op>
std::unique_ptr<Linear> make(const LayerSetup& setup, const Op& op, const LinearOptions& options,
                             LayerParameters& parameters) {
    LinearTerms terms = terms_of(setup, op, parameters);
    if (ordered_lane_bits(terms) == 0) return nullptr;
    return std::make_unique<LinearLayer>(std::move(terms), options);
}

}  // namespace

std::unique_ptr<Linear> make_linear(const LayerSetup& setup, const Dense& op, const LinearOptions& options,
                                    LayerParameters& parameters) {
    return make(setup, op, options, parameters);
}
std::unique_ptr<Linear> make_linear(const LayerSetup& setup, const Conv2d& op, const LinearOptions& options,
                                    LayerParameters& parameters) {
    return make(setup, op, options, parameters);
}

}  // namespace bittrue::emulator
