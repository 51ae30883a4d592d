#include "layer.hpp"

#include <utility>

#include "bittrue/model/error.hpp"

namespace bittrue::golden {

ResultWriter::ResultWriter(const Shape& shape, const Quantizer& type, LayerEvents& events,
                           const std::atomic<bool>* cancel)
    : map_{.shape = shape, .format = type.format()}, type_(type), events_(events), cancel_(cancel) {
    map_.raws.resize(static_cast<std::size_t>(shape.count()));
}

void ResultWriter::put(std::size_t index, const Dyadic& value) {
    if (cancel_ != nullptr && cancel_->load(std::memory_order_relaxed)) throw Interrupted();
    Quantized q = type_(value);
    events_.result.add(q.events);
    map_.raws[index] = std::move(q.raw);
}

}  // namespace bittrue::golden
