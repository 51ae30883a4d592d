#include "fit.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "grid_choice.hpp"

namespace bittrue::explore {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;

constexpr std::size_t kMostProducts = std::size_t{1} << 31;  // multiplications a Gram matrix may cost
constexpr int kPasses = 40;                                  // over the words of an output, once they are rounded
constexpr std::size_t kBlock = 256;                          // rows that are multiplied at once

// Sums over the rows X of the windows and the targets Y: X'X, X'Y, and the sums of both.
struct Moments {
    Matrix gram{}, cross{};
    Vector inputs{}, targets{};
    double rows = 0;
};

Moments moments_of(const FitTask& task, std::size_t group) {
    const Windows& w = task.windows;
    const std::size_t in_size = task.inputs.size() / task.images, out_size = task.targets.size() / task.images;
    const std::size_t all = task.images * w.positions();
    const std::size_t affordable =
        std::max<std::size_t>(512, kMostProducts / (w.columns() * (w.columns() + w.outputs())));
    const std::size_t step = std::max<std::size_t>(1, (all + affordable - 1) / affordable);
    const auto columns = static_cast<Eigen::Index>(w.columns()), outputs = static_cast<Eigen::Index>(w.outputs());
    Moments m{.gram = Matrix::Zero(columns, columns),
              .cross = Matrix::Zero(columns, outputs),
              .inputs = Vector::Zero(columns),
              .targets = Vector::Zero(outputs)};
    Matrix x(static_cast<Eigen::Index>(kBlock), columns), y(static_cast<Eigen::Index>(kBlock), outputs);
    for (std::size_t first = 0; first < all; first += step * kBlock) {
        Eigen::Index rows = 0;
        for (std::size_t i = first; i < std::min(all, first + step * kBlock); i += step, ++rows) {
            const std::size_t image = i / w.positions(), position = i % w.positions();
            w.row(task.inputs.subspan(image * in_size, in_size), position, group, x.row(rows).data());
            for (std::size_t o = 0; o < w.outputs(); ++o)
                y(rows, static_cast<Eigen::Index>(o)) = task.targets[image * out_size + w.output(position, group, o)];
        }
        const auto xs = x.topRows(rows);
        const auto ys = y.topRows(rows);
        m.gram.selfadjointView<Eigen::Lower>().rankUpdate(xs.transpose());
        m.cross.noalias() += xs.transpose() * ys;
        m.inputs += xs.colwise().sum().transpose();
        m.targets += ys.colwise().sum().transpose();
        m.rows += static_cast<double>(rows);
    }
    m.gram = Matrix(m.gram.selfadjointView<Eigen::Lower>()) / m.rows;
    m.cross /= m.rows;
    m.inputs /= m.rows;
    m.targets /= m.rows;
    return m;
}

// The inputs by their mean square, the largest first: what they do wrong the others can still make up for.
std::vector<Eigen::Index> order_of(const Matrix& gram) {
    std::vector<Eigen::Index> order(static_cast<std::size_t>(gram.rows()));
    std::iota(order.begin(), order.end(), Eigen::Index{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](Eigen::Index a, Eigen::Index b) { return gram(a, a) > gram(b, b); });
    return order;
}

// The rounding of one group of a layer.
class Rounder {
public:
    Rounder(const Moments& moments, double ridge, bool settles)
        : moments_(moments), order_(order_of(moments.gram)), settles_(settles) {
        const Eigen::Index n = moments.gram.rows();
        ridge_ = ridge * moments.gram.trace() / static_cast<double>(n) + 1e-12;
        Matrix a(n, n);
        for (Eigen::Index r = 0; r < n; ++r)
            for (Eigen::Index c = 0; c < n; ++c) a(r, c) = moments.gram(at(r), at(c)) + (r == c ? ridge_ : 0);
        solver_.compute(a);
        curvature_ = a;
        const Matrix inverse = solver_.solve(Matrix::Identity(n, n));
        // Row k of the transposed factor of the inverse says how inputs behind k make up for an error in k.
        factor_ = Eigen::LLT<Matrix>(inverse).matrixU();
    }

    // Rounded weights (columns x outputs) for these trained ones and biases.
    [[nodiscard]] Matrix round(const Matrix& trained, const Vector& bias, const WordFormat& grid) const {
        const Eigen::Index n = trained.rows(), outputs = trained.cols();
        Matrix wanted(n, outputs);
        for (Eigen::Index r = 0; r < n; ++r) {
            wanted.row(r) =
                moments_.cross.row(at(r)) - moments_.inputs(at(r)) * bias.transpose() + ridge_ * trained.row(at(r));
        }
        const Matrix best = solver_.solve(wanted);
        Matrix left = best;
        Matrix rounded(n, outputs);
        for (Eigen::Index k = 0; k < n; ++k) {
            for (Eigen::Index o = 0; o < outputs; ++o) rounded(at(k), o) = value_on(grid, left(k, o));
            const Eigen::RowVectorXd error = (left.row(k) - rounded.row(at(k))) / factor_(k, k);
            for (Eigen::Index j = k + 1; j < n; ++j) left.row(j) -= factor_(k, j) * error;
        }
        if (settles_)
            for (Eigen::Index o = 0; o < outputs; ++o) settle(rounded, best, o, grid);
        return rounded;
    }

private:
    // One word after the other moves to where it is best beside all others, until none moves: rounding in order could
    // not know what the words behind would become.
    void settle(Matrix& rounded, const Matrix& best, Eigen::Index o, const WordFormat& grid) const {
        const Eigen::Index n = best.rows();
        Vector off(n);
        for (Eigen::Index k = 0; k < n; ++k) off(k) = rounded(at(k), o) - best(k, o);
        Vector slope = curvature_ * off;
        bool moved = true;
        for (int pass = 0; moved && pass < kPasses; ++pass) {
            moved = false;
            for (Eigen::Index k = 0; k < n; ++k) {
                double& word = rounded(at(k), o);
                const double to = value_on(grid, word - slope(k) / curvature_(k, k));
                const double by = to - word;
                // A tie must not send a word to and fro.
                if (by == 0 || by * (2 * slope(k) + by * curvature_(k, k)) >= 0) continue;
                word = to;
                slope += by * curvature_.col(k);
                moved = true;
            }
        }
    }

    [[nodiscard]] Eigen::Index at(Eigen::Index k) const { return order_[static_cast<std::size_t>(k)]; }

    const Moments& moments_;
    std::vector<Eigen::Index> order_;
    bool settles_ = false;
    double ridge_ = 0;
    Eigen::LLT<Matrix> solver_{};
    Matrix factor_{};
    Eigen::MatrixXd curvature_{};  // in the order
};

Matrix nearest(const Matrix& trained, const WordFormat& grid) {
    return trained.unaryExpr([&](double w) { return value_on(grid, w); });
}

Vector rounded(const Vector& bias, const WordFormat& grid) {
    return bias.unaryExpr([&](double b) { return value_on(grid, b); });
}

// Words of a group, as values.
struct Rounded {
    Matrix weights{};  // columns x outputs
    Vector bias{};
};

Vector correct_bias(const Moments& m, const Matrix& weights, const WordFormat& format) {
    return rounded(m.targets - weights.transpose() * m.inputs, format);
}

// Mean squared error of an output, but for what does not depend on the words.
double error_of(const Moments& m, const Rounded& r, Eigen::Index o) {
    const Vector w = r.weights.col(o);
    const double b = r.bias(o);
    return w.dot(m.gram * w) - 2 * w.dot(m.cross.col(o)) + b * (b + 2 * w.dot(m.inputs) - 2 * m.targets(o));
}

Rounded round_group(const Moments& moments, const Rounded& trained, const FitTask& task, const LayerFormats& choice) {
    const bool corrects = task.correct_bias && bias_of(task.op)->has_value();
    Rounded result{.weights = nearest(trained.weights, choice.weight), .bias = trained.bias};
    if (corrects) result.bias = correct_bias(moments, result.weights, choice.bias);
    if (!task.fit || task.windows.columns() > kMostColumns) return result;
    const Rounder rounder(moments, task.ridge, task.settle);
    Rounded fitted{.weights = rounder.round(trained.weights, trained.bias, choice.weight), .bias = trained.bias};
    if (corrects) {
        fitted.weights =
            rounder.round(trained.weights, correct_bias(moments, fitted.weights, choice.bias), choice.weight);
        fitted.bias = correct_bias(moments, fitted.weights, choice.bias);
    }
    // Where the inputs have little in common there is nothing to make up for, and the nearest words are the best.
    for (Eigen::Index o = 0; o < result.weights.cols(); ++o) {
        if (error_of(moments, fitted, o) >= error_of(moments, result, o)) continue;
        result.weights.col(o) = fitted.weights.col(o);
        result.bias(o) = fitted.bias(o);
    }
    return result;
}

}  // namespace

LayerWords fit_words(const FitTask& task, const LayerFormats& choice) {
    LayerWords words = nearest_words(task.op, choice);
    const bool has_bias = !words.bias.empty();
    const Parameter& weights = *weights_of(task.op);
    const Windows& w = task.windows;
    const std::size_t channels = w.outputs() * w.groups();
    const auto columns = static_cast<Eigen::Index>(w.columns()), outputs = static_cast<Eigen::Index>(w.outputs());
    for (std::size_t group = 0; group < w.groups(); ++group) {
        const auto channel = [&](Eigen::Index o) { return group * w.outputs() + static_cast<std::size_t>(o); };
        const auto weight = [&](Eigen::Index c, Eigen::Index o) {
            return static_cast<std::size_t>(c) * channels + channel(o);
        };
        Rounded trained{.weights = Matrix(columns, outputs), .bias = Vector::Zero(outputs)};
        for (Eigen::Index o = 0; o < outputs; ++o) {
            for (Eigen::Index c = 0; c < columns; ++c) trained.weights(c, o) = weights.real[weight(c, o)];
            if (has_bias) trained.bias(o) = value_on(choice.bias, (*bias_of(task.op))->real[channel(o)]);
        }
        const Rounded result = round_group(moments_of(task, group), trained, task, choice);
        for (Eigen::Index o = 0; o < outputs; ++o) {
            for (Eigen::Index c = 0; c < columns; ++c)
                words.weights[weight(c, o)] = raw_on(choice.weight, result.weights(c, o));
            if (has_bias) words.bias[channel(o)] = raw_on(choice.bias, result.bias(o));
        }
    }
    return words;
}

}  // namespace bittrue::explore
