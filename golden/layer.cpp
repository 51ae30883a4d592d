#include "layer.hpp"

#include <utility>

#include "bittrue/model/error.hpp"

namespace bittrue::golden {

ResultWriter::ResultWriter(const Shape& shape, const Quantizer& type, LayerEvents& events,
                           const std::atomic<bool>* cancel)
    : map_{.shape = shape, .format = type.format()}, type_(type), events_(events), cancel_(cancel) {
    map_.raws.resize(static_cast<std::size_t>(shape.count()));
}

Events ResultWriter::store(std::size_t index, Quantized word) {
    if (cancel_ != nullptr && cancel_->load(std::memory_order_relaxed)) throw Interrupted();
    map_.raws[index] = std::move(word.raw);
    return word.events;
}

void ResultWriter::put(std::size_t index, const Dyadic& value) {
    events_.result.add(store(index, type_(value)));
}

void ResultWriter::put_rounded(std::size_t index, const Rounded& rounded) {
    events_.result.add(store(index, type_.ranged(rounded)));
}

void ResultWriter::put(std::size_t index, const Dyadic& value, std::int64_t channel, ChannelEvents made) {
    made.result.add(store(index, type_(value)));
    const auto c = static_cast<std::size_t>(channel);
    events_.channels[c] += made;
    events_.product += made.product;
    events_.accumulator += made.accumulator;
    events_.result += made.result;
}

}  // namespace bittrue::golden
