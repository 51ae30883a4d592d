#include "gradient.hpp"

#include <algorithm>
#include <cmath>

#include "flatten_sources.hpp"
#include "moves.hpp"

namespace bittrue::corner {
namespace {

class Backward {
public:
    explicit Backward(NetworkProbe& probe) : probe_(probe), graph_(probe.graph()) {
        slopes_.resize(graph_.nodes.size() + 1);
        slopes_[0].assign(static_cast<std::size_t>(graph_.input.shape.count()), 0);
        for (std::size_t k = 0; k < graph_.nodes.size(); ++k)
            slopes_[k + 1].assign(static_cast<std::size_t>(graph_.nodes[k].shape.count()), 0);
    }

    std::vector<double> run(std::size_t node, std::int64_t output) {
        probe_.layer(node).accumulating()->spread(output, 1.0, slopes_in(node));
        for (std::size_t k = node; k-- > 0;) {
            const auto& s = slopes_[k + 1];
            if (std::all_of(s.begin(), s.end(), [](double x) { return x == 0; })) continue;
            through(k);
        }
        return slopes_[0];
    }

private:
    [[nodiscard]] int input_of(std::size_t node, std::size_t which = 0) const {
        return node_index(graph_, graph_.nodes[node].inputs[which]);
    }
    [[nodiscard]] std::vector<double>& slopes_in(std::size_t node, std::size_t which = 0) {
        return slopes_[static_cast<std::size_t>(input_of(node, which) + 1)];
    }
    [[nodiscard]] int frac_in(std::size_t node, std::size_t which = 0) const {
        return type_of(graph_, graph_.nodes[node].inputs[which]).format.frac();
    }

    void through(std::size_t k) {
        const Node& node = graph_.nodes[k];
        const std::vector<double>& out = slopes_[k + 1];
        Probe& layer = probe_.layer(k);
        if (Accumulating* sums = layer.accumulating()) {
            for (std::int64_t o = 0; o < sums->outputs(); ++o) {
                const double slope = out[static_cast<std::size_t>(sums->place(o))];
                if (slope == 0) continue;
                double scale = std::ldexp(1.0, node.result.format.frac() - sums->product_frac());
                if (const auto* pool = std::get_if<AveragePool>(&node.op)) scale /= pool->pool[0] * pool->pool[1];
                sums->spread(o, slope * scale, slopes_in(k));
            }
            return;
        }
        if (const auto* pool = std::get_if<MaxPool>(&node.op)) return through_max_pool(k, *pool);
        const std::vector<Moved> moves = moves_of(node, shapes_in(k));
        if (!moves.empty()) return through_moves(k, moves);
        if (has_no_slope(node.op)) return;
        const Tensor* const factors = std::holds_alternative<Affine>(node.op) ? scale_of(node) : nullptr;
        for (std::size_t which = 0; which < node.inputs.size(); ++which) {
            const double scale = std::ldexp(1.0, node.result.format.frac() - frac_in(k, which));
            std::vector<double>& in = slopes_in(k, which);
            const std::vector<i128>& x = probe_.words_of(input_of(k, which));
            const std::vector<std::size_t> sources = flatten_sources(node, shape_of(graph_, node.inputs[which]));
            for (std::size_t i = 0; i < out.size(); ++i)
                in[sources[i]] += out[i] * scale * opened(node.op, x[sources[i]], out[i]) *
                                  (factors == nullptr ? 1 : factor(*factors, node.shape, i));
        }
    }

    // What jumps, or has a slope that depends on other numbers.
    static bool has_no_slope(const Operation& op) {
        return std::holds_alternative<Lookup>(op) || std::holds_alternative<Softmax>(op) ||
               std::holds_alternative<Threshold>(op) || std::holds_alternative<Multiply>(op) ||
               std::holds_alternative<Requantize>(op);
    }

    [[nodiscard]] std::vector<Shape> shapes_in(std::size_t k) const {
        std::vector<Shape> shapes;
        for (const std::string& input : graph_.nodes[k].inputs) shapes.push_back(shape_of(graph_, input));
        return shapes;
    }
    void through_moves(std::size_t k, const std::vector<Moved>& moves) {
        for (std::size_t i = 0; i < moves.size(); ++i) {
            const Moved& m = moves[i];
            if (m.element < 0) continue;
            const double scale = std::ldexp(1.0, graph_.nodes[k].result.format.frac() - frac_in(k, m.input));
            slopes_in(k, m.input)[static_cast<std::size_t>(m.element)] += slopes_[k + 1][i] * scale;
        }
    }

    [[nodiscard]] const Tensor* scale_of(const Node& node) const {
        for (const ParameterWords& p : probe_.parameters())
            if (p.layer == node.name && p.role == "scale") return &p.tensor;
        return nullptr;
    }
    static double factor(const Tensor& factors, const Shape& shape, std::size_t element) {
        const std::int64_t c = factors.words.size() == 1 ? 0 : shape.channel_of(static_cast<std::int64_t>(element));
        return value_of(raw_from_word(factors.words[static_cast<std::size_t>(c)], factors.format),
                        factors.format.frac());
    }

    // How much of a slope passes: a rectifier that is shut passes some where opening it would help.
    static double opened(const Operation& op, i128 x, double slope) {
        const bool rectifies = std::holds_alternative<Relu>(op) || std::holds_alternative<ClippedRelu>(op);
        if (!rectifies || x > 0) return 1;
        return slope > 0 ? 0.3 : 0;
    }

    void through_max_pool(std::size_t k, const MaxPool& pool) {
        const Node& node = graph_.nodes[k];
        const Shape& shape = shape_of(graph_, node.inputs.front());
        const std::vector<i128>& x = probe_.words_of(input_of(k));
        const double scale = std::ldexp(1.0, node.result.format.frac() - frac_in(k));
        for (std::int64_t c = 0; c < node.shape.channels(); ++c) {
            for (std::int64_t row = 0; row < node.shape.height(); ++row) {
                for (std::int64_t column = 0; column < node.shape.width(); ++column) {
                    const double slope = slopes_[k + 1][static_cast<std::size_t>(node.shape.index(c, row, column))];
                    if (slope == 0) continue;
                    std::int64_t best = -1;
                    for (int r = 0; r < pool.pool[0]; ++r) {
                        for (int s = 0; s < pool.pool[1]; ++s) {
                            const std::int64_t y = row * pool.stride[0] - pool.padding.top + r;
                            const std::int64_t at = column * pool.stride[1] - pool.padding.left + s;
                            if (y < 0 || y >= shape.height() || at < 0 || at >= shape.width()) continue;
                            const std::int64_t i = shape.index(c, y, at);
                            if (best < 0 || x[static_cast<std::size_t>(i)] > x[static_cast<std::size_t>(best)])
                                best = i;
                        }
                    }
                    if (best >= 0) slopes_in(k)[static_cast<std::size_t>(best)] += slope * scale;
                }
            }
        }
    }

    NetworkProbe& probe_;
    const Graph& graph_;
    std::vector<std::vector<double>> slopes_{};  // per tensor: of the sum by each of its raws
};

}  // namespace

std::vector<double> gradient_of(NetworkProbe& probe, std::size_t node, std::int64_t output) {
    return Backward(probe).run(node, output);
}

}  // namespace bittrue::corner
