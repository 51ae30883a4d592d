#include "error_measure.hpp"

#include <algorithm>
#include <cmath>

namespace bittrue::explore {
namespace {

double log_sum(const double* scores, std::size_t n) {
    const double most = *std::max_element(scores, scores + n);
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += std::exp(scores[i] - most);
    return most + std::log(sum);
}

// Divergence of softmax(got) from softmax(wanted).
double divergence(const double* wanted, const double* got, std::size_t n) {
    const double w = log_sum(wanted, n), g = log_sum(got, n);
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const double log_p = wanted[i] - w;
        sum += std::exp(log_p) * (log_p - (got[i] - g));
    }
    return sum;
}

}  // namespace

ErrorMeasure::ErrorMeasure(Objective objective, std::vector<double> wanted, std::size_t images)
    : objective_(objective), wanted_(std::move(wanted)), images_(images) {}

double ErrorMeasure::operator()(const std::vector<double>& got) const {
    const std::size_t n = wanted_.size() / images_;
    double error = 0;
    if (objective_ == Objective::Kl) {
        for (std::size_t i = 0; i < images_; ++i) error += divergence(&wanted_[i * n], &got[i * n], n);
        return error / static_cast<double>(images_);
    }
    double size = 0;
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
        error += (got[i] - wanted_[i]) * (got[i] - wanted_[i]);
        size += wanted_[i] * wanted_[i];
    }
    return size > 0 ? error / size : error;
}

}  // namespace bittrue::explore
