#include "layer.hpp"

#include <utility>

#include "bittrue/model/error.hpp"

namespace bittrue::golden {

ResultWriter::ResultWriter(const Shape& shape, const Quantizer& type, LayerEvents& events,
                           const std::atomic<bool>* cancel)
    : map_{.shape = shape, .format = type.format()}, type_(type), events_(events), cancel_(cancel) {
    map_.raws.resize(static_cast<std::size_t>(shape.count()));
}

Events ResultWriter::convert(std::size_t index, const Dyadic& value) {
    if (cancel_ != nullptr && cancel_->load(std::memory_order_relaxed)) throw Interrupted();
    Quantized q = type_(value);
    map_.raws[index] = std::move(q.raw);
    return q.events;
}

void ResultWriter::put(std::size_t index, const Dyadic& value) {
    events_.result.add(convert(index, value));
}

void ResultWriter::put(std::size_t index, const Dyadic& value, std::int64_t channel, ChannelEvents made) {
    made.result.add(convert(index, value));
    const auto c = static_cast<std::size_t>(channel);
    events_.channels[c] += made;
    events_.product += made.product;
    events_.accumulator += made.accumulator;
    events_.result += made.result;
}

}  // namespace bittrue::golden
