// L19 to L21: every element is converted where it stands afterwards.
#include <map>

#include "moves.hpp"
#include "probe.hpp"

namespace bittrue::corner {
namespace {

class MoveProbe : public ProbeOf<MoveProbe> {
public:
    explicit MoveProbe(const ProbeSetup& setup) : from_(moves_of(setup.node, setup.input_shapes)) {
        const std::vector<std::string>& names = setup.node.inputs;
        std::map<std::string, std::size_t> known;
        for (std::size_t k = 0; k < names.size(); ++k) {
            const auto [it, is_new] = known.emplace(names[k], sites.size());
            site_.push_back(it->second);
            if (!is_new) continue;
            sites.push_back(make_site(names.size() == 1 ? "result" : "result of " + names[k], EventClass::Result,
                                      {.to = setup.node.result, .frac = setup.input_types[k].format.frac()}));
        }
    }
    template <class D>
    void run(D& d, Inputs<D> inputs, Values<D>& out) {
        out.clear();
        for (const Moved& m : from_) {
            const auto x = m.element < 0 ? D::number(0) : (*inputs[m.input])[static_cast<std::size_t>(m.element)];
            out.push_back(d.convert(sites[site_[m.input]], x));
        }
    }

private:
    std::vector<Moved> from_;
    std::vector<std::size_t> site_{};  // by input
};

}  // namespace

ProbePtr probe_of(const ProbeSetup& setup, const Concat& /*op*/) {
    return std::make_unique<MoveProbe>(setup);
}

ProbePtr probe_of(const ProbeSetup& setup, const Transpose& /*op*/) {
    return std::make_unique<MoveProbe>(setup);
}

ProbePtr probe_of(const ProbeSetup& setup, const Pad& /*op*/) {
    return std::make_unique<MoveProbe>(setup);
}

}  // namespace bittrue::corner
