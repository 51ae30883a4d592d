// Fewer images, layers, channels and input elements.
#include <algorithm>

#include "bittrue/golden/golden.hpp"
#include "block/shrink_moves.hpp"

namespace bittrue::testing {
namespace {

// Images first .. first + count - 1.
void keep_images(Failing& f, std::size_t first, std::size_t count) {
    const std::size_t size = f.batch.values.size() / f.batch.images;
    const auto begin = f.batch.values.begin() + static_cast<std::ptrdiff_t>(first * size);
    f.batch.values = {begin, begin + static_cast<std::ptrdiff_t>(count * size)};
    f.batch.images = count;
}

// Whoever read node `i` reads what it read.
void leave_out(Graph& graph, std::size_t i) {
    const Node gone = graph.nodes[i];
    graph.nodes.erase(graph.nodes.begin() + static_cast<std::ptrdiff_t>(i));
    for (Node& node : graph.nodes)
        for (std::string& input : node.inputs)
            if (input == gone.name) input = gone.inputs.front();
    if (graph.output == gone.name) graph.output = gone.inputs.front();
}

// Gives every dense layer as many rows of weights as its input has elements: the last ones go, or zeros come.
void fit_rows(Graph& graph) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        auto* const dense = std::get_if<Dense>(&graph.nodes[i].op);
        if (dense == nullptr) continue;
        const std::string& input = graph.nodes[i].inputs.front();
        std::int64_t rows = graph.input.shape.count();
        if (input != graph.input.name) {
            Graph before = graph;
            before.nodes.resize(i);
            before.output = input;
            validate(before);
            rows = shape_of(before, input).count();
        }
        Parameter& weights = dense->weights;
        const auto size = static_cast<std::size_t>(rows * weights.dims[1]);
        weights.dims[0] = rows;
        weights.is_raw() ? weights.raw.resize(size) : weights.real.resize(size);
    }
}

// The result of node `i` becomes the network's input.
void begin_at(Failing& f, std::size_t i) {
    const RunResult run = golden::make_engine(f.graph)->run(f.batch, {.keep_layers = true});
    const LayerResult& tensor = run.layers[i + 1];
    f.batch = {.images = f.batch.images, .dims = tensor.shape.dims};
    const Format format = tensor.type.format;
    for (const std::int64_t word : tensor.words)
        f.batch.values.push_back(value_of(raw_from_word(word, format), format.frac()));
    f.graph.input = {.name = tensor.name, .shape = tensor.shape, .type = tensor.type};
    std::vector<std::string> known{tensor.name};
    std::vector<Node> nodes;
    for (const Node& node : f.graph.nodes) {
        const bool runs = node.name != tensor.name && std::all_of(node.inputs.begin(), node.inputs.end(), [&](auto& n) {
                              return std::find(known.begin(), known.end(), n) != known.end();
                          });
        if (!runs) continue;
        nodes.push_back(node);
        known.push_back(node.name);
    }
    f.graph.nodes = nodes;
}

// The parameter without the elements whose index along `axis` is in [first, first + count).
void drop(Parameter& p, std::size_t axis, std::int64_t first, std::int64_t count) {
    std::int64_t inner = 1;
    for (std::size_t d = axis + 1; d < p.dims.size(); ++d) inner *= p.dims[d];
    const std::int64_t size = p.dims[axis];
    const auto filter = [&](auto& numbers) {
        auto kept = numbers;
        kept.clear();
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            const std::int64_t at = static_cast<std::int64_t>(i) / inner % size;
            if (at < first || at >= first + count) kept.push_back(numbers[i]);
        }
        numbers = kept;
    };
    filter(p.raw);
    filter(p.real);
    p.dims[axis] -= count;
}

enum class Axis : std::uint8_t { Channel, Row, Column };

// Elements that a tensor loses.
struct Removal {
    Axis axis = Axis::Channel;
    std::int64_t first = 0, count = 0;
    std::vector<bool> gone{};  // by storage order
    bool is_axis = true;       // false: `gone` alone says which

    Removal(const Shape& shape, Axis along, std::int64_t from, std::int64_t many)
        : axis(along), first(from), count(many), gone(static_cast<std::size_t>(shape.count())) {
        for (std::int64_t c = 0; c < shape.channels(); ++c)
            for (std::int64_t y = 0; y < shape.height(); ++y)
                for (std::int64_t x = 0; x < shape.width(); ++x) {
                    const std::int64_t at = axis == Axis::Channel ? c : axis == Axis::Row ? y : x;
                    gone[static_cast<std::size_t>(shape.index(c, y, x))] = at >= first && at < first + count;
                }
    }
};

void drop_rows(Parameter& p, const std::vector<bool>& gone) {
    for (std::size_t row = gone.size(); row-- > 0;)
        if (gone[row]) drop(p, 0, static_cast<std::int64_t>(row), 1);
}

// Whoever reads the tensor makes do without the elements; where that cannot be, the network is not valid any more.
void follow(Graph& graph, const std::string& tensor, const Removal& removal) {
    for (Node& node : graph.nodes) {
        if (node.inputs.front() != tensor) continue;
        if (auto* dense = std::get_if<Dense>(&node.op)) {
            drop_rows(dense->weights, removal.gone);
        } else if (auto* conv = std::get_if<Conv2d>(&node.op)) {
            if (conv->groups == 1 && removal.is_axis && removal.axis == Axis::Channel)
                drop(conv->weights, 2, removal.first, removal.count);
        } else if (std::holds_alternative<MaxPool>(node.op) || std::holds_alternative<AveragePool>(node.op)) {
            if (removal.is_axis && removal.axis == Axis::Channel)
                follow(graph, node.name, {node.shape, removal.axis, removal.first, removal.count});
        } else if (!std::holds_alternative<Reshape>(node.op)) {
            Removal further = removal;
            if (std::holds_alternative<Flatten>(node.op)) further.is_axis = false;
            follow(graph, node.name, further);
        }
    }
}

// Halves, quarters, ... single ones of 0 .. size - 1, as long as the attempts leave that many.
template <class Size, class Try>
void in_chunks(Size size, Try attempt) {
    for (std::int64_t chunk = size() / 2; chunk >= 1; chunk = chunk / 2) {
        for (std::int64_t first = 0; first + chunk <= size() && size() > chunk;)
            if (!attempt(first, chunk)) first += chunk;
    }
}

std::int64_t extent(const Shape& shape, Axis axis) {
    switch (axis) {
        case Axis::Channel: return shape.channels();
        case Axis::Row: return shape.height();
        case Axis::Column: return shape.width();
    }
    return 0;
}

// The input without some of its channels, rows or columns.
void crop(Failing& f, Axis axis, std::int64_t first, std::int64_t count) {
    const Shape old = f.graph.input.shape;
    const std::int64_t channels = old.channels() - (axis == Axis::Channel ? count : 0);
    const std::int64_t rows = old.height() - (axis == Axis::Row ? count : 0);
    const std::int64_t columns = old.width() - (axis == Axis::Column ? count : 0);
    const Shape shape = make_map(old.layout, channels, rows, columns);
    const auto from = [&](Axis a, std::int64_t i) { return a == axis && i >= first ? i + count : i; };
    InputBatch batch{.images = f.batch.images, .dims = shape.dims};
    const auto size = static_cast<std::size_t>(shape.count()), old_size = static_cast<std::size_t>(old.count());
    batch.values.resize(batch.images * size);
    for (std::size_t image = 0; image < batch.images; ++image)
        for (std::int64_t c = 0; c < channels; ++c)
            for (std::int64_t y = 0; y < rows; ++y)
                for (std::int64_t x = 0; x < columns; ++x)
                    batch.values[image * size + static_cast<std::size_t>(shape.index(c, y, x))] =
                        f.batch.values[image * old_size +
                                       static_cast<std::size_t>(old.index(from(Axis::Channel, c), from(Axis::Row, y),
                                                                          from(Axis::Column, x)))];
    f.batch = batch;
    f.graph.input.shape = shape;
    follow(f.graph, f.graph.input.name, {old, axis, first, count});
}

}  // namespace

void fewer_images(const Failing& now, const Attempt& attempt) {
    for (std::size_t count = now.batch.images / 2; count >= 1; count /= 2)
        for (std::size_t first = 0; first + count <= now.batch.images && count < now.batch.images; first += count)
            if (attempt([&](Failing& f) { keep_images(f, first, count); })) break;
}

void fewer_layers(const Failing& now, const Attempt& attempt) {
    for (std::size_t last = 0; last + 1 < now.graph.nodes.size(); ++last) {
        attempt([&](Failing& f) {
            f.graph.nodes.resize(last + 1);
            f.graph.output = f.graph.nodes.back().name;
        });
    }
    for (std::size_t i = now.graph.nodes.size(); i-- > 0;)
        if (i + 1 < now.graph.nodes.size()) attempt([&](Failing& f) { begin_at(f, i); });
    for (std::size_t i = 0; i < now.graph.nodes.size();)
        if (!attempt([&](Failing& f) { leave_out(f.graph, i), fit_rows(f.graph); })) ++i;
}

void fewer_channels(const Failing& now, const Attempt& attempt) {
    for (std::size_t i = 0; i < now.graph.nodes.size(); ++i) {
        const auto weights = [&](const Failing& f) {
            Node node = f.graph.nodes[i];
            const Parameter* p = weights_of(node.op);
            return p != nullptr ? p->dims.back() : 1;
        };
        in_chunks([&] { return weights(now); },
                  [&](std::int64_t first, std::int64_t count) {
                      return attempt([&](Failing& f) {
                          Operation& op = f.graph.nodes[i].op;
                          drop(*weights_of(op), weights_of(op)->dims.size() - 1, first, count);
                          if (*bias_of(op)) drop(**bias_of(op), 0, first, count);
                          const Node& node = f.graph.nodes[i];
                          follow(f.graph, node.name, {node.shape, Axis::Channel, first, count});
                      });
                  });
    }
}

void smaller_inputs(const Failing& now, const Attempt& attempt) {
    attempt([](Failing& f) {
        f.graph.input.shape = make_map(Layout::Vector, f.graph.input.shape.count(), 1, 1);
        f.batch.dims = f.graph.input.shape.dims;
    });
    for (const Axis axis : {Axis::Row, Axis::Column, Axis::Channel})
        in_chunks([&] { return extent(now.graph.input.shape, axis); },
                  [&](std::int64_t first, std::int64_t count) {
                      return attempt([&](Failing& f) { crop(f, axis, first, count); });
                  });
    for (std::size_t i = 0; i < now.graph.nodes.size(); ++i)
        for (const std::size_t axis : {0U, 1U}) {
            const auto size = [&] {
                const auto* conv = std::get_if<Conv2d>(&now.graph.nodes[i].op);
                return conv != nullptr ? conv->weights.dims[axis] : 1;
            };
            in_chunks(size, [&](std::int64_t first, std::int64_t count) {
                return attempt(
                    [&](Failing& f) { drop(std::get<Conv2d>(f.graph.nodes[i].op).weights, axis, first, count); });
            });
        }
}

}  // namespace bittrue::testing
