// The page of a training run.
#include <cmath>

#include <fmt/format.h>

#include "bittrue/explore/chart.hpp"
#include "bittrue/explore/train_report.hpp"

namespace bittrue::explore {

namespace {

std::string percent(double share) {
    return fmt::format("{:.2f} %", 100 * share);
}

class Page {
public:
    explicit Page(const TrainReport& r) : r_(r), n_(*r.network), epochs_(r.log->epochs) {}

    [[nodiscard]] std::string html() const {
        std::string page = summary();
        page += "<h2>Loss and accuracy</h2>\n" + accuracy_chart() + loss_chart();
        page +=
            "<h2>Weights at the end of their range</h2>\n<p class=\"soft\">Share of a layer's stored weights that "
            "stand at "
            "an end of what " +
            fmt::format("{} bits hold, after each epoch.</p>\n", n_.bits.gradients) + saturated_chart();
        page +=
            "<h2>Dead tensors</h2>\n<p class=\"soft\">Tensors of zeros have no scale (rule H11). A unit is constant "
            "when its "
            "output is the same for all images of the epoch's first batch; a layer is dead when all its outputs "
            "are equal.</p>\n" +
            zero_chart() + constant_chart();
        page +=
            "<h2>Scales</h2>\n<p class=\"soft\">Exponents k of the power of two nearest to the largest magnitude, mean "
            "over the batches of an epoch.</p>\n" +
            scale_chart("Scale of the errors (H6)", &LayerLog::errors) +
            scale_chart("Scale of the gradients (H10)", &LayerLog::gradients);
        page += "<h2>Words that became others</h2>\n" + changed_chart();
        page += "<h2>All epochs</h2>\n" + table();
        page += "<div id=\"tip\" role=\"status\"></div>\n<script>\n" + chart_script() + "\n</script>\n";
        return html_page(fmt::format("Training of {}", n_.name), page);
    }

private:
    [[nodiscard]] std::string summary() const {
        std::string html;
        if (const auto best = r_.log->best()) {
            html += fmt::format("<p>{} epochs; best test accuracy {} after epoch {}.</p>\n", epochs_.size(),
                                percent(epochs_[*best].test_accuracy()), epochs_[*best].epoch);
        }
        if (r_.log->nan) html += "<p><strong>NaN:</strong> " + escaped(text_of(*r_.log->nan, n_)) + ".</p>\n";
        std::string schedule;
        for (const RateChange& c : r_.options->schedule)
            schedule += fmt::format("{}{} from epoch {}", schedule.empty() ? "" : ", ",
                                    std::ldexp(c.rate.raw, -c.rate.frac), c.epoch);
        html += fmt::format(
            "<p class=\"soft\">Bits of weights, activations, gradients, errors and randomiser: {}. Batches of {}; "
            "learning rate "
            "{}; seed {}; stored weights {}; a tensor of zeros: {}. Data: {}. {}</p>\n",
            print_training_bits(n_.bits), r_.options->batch, schedule, r_.options->seed, print_weight_store(n_.store),
            print_zero_scale(n_.zero_scale), escaped(r_.data), escaped(r_.version));
        return html;
    }

    [[nodiscard]] Chart chart(const std::string& title, const std::string& y) const {
        return {.title = title, .x_title = "epoch", .y_title = y, .whole_x = true, .series = {}};
    }

    // A series over the epochs; NaN leaves its epoch out.
    template <class Value>
    void add(Chart& c, const std::string& name, const std::string& unit, Value value) const {
        ChartSeries s{.name = name, .style = static_cast<int>(c.series.size()) % kStyles, .line = true, .points = {}};
        for (const EpochLog& e : epochs_) {
            const double y = value(e);
            if (!std::isfinite(y)) continue;
            s.points.push_back({.x = static_cast<double>(e.epoch),
                                .y = y,
                                .text = fmt::format("{}\nepoch {}: {:.6g}{}", name, e.epoch, y, unit)});
        }
        c.series.push_back(std::move(s));
    }

    template <class Value>
    [[nodiscard]] std::string by_layer(const std::string& title, const std::string& y, const std::string& unit,
                                       Value value) const {
        std::string html;
        for (std::size_t first = 0; first < n_.layers.size(); first += kStyles) {
            const std::size_t end = std::min<std::size_t>(first + kStyles, n_.layers.size());
            Chart c = chart(title, y);
            for (std::size_t l = first; l < end; ++l)
                add(c, n_.layers[l].name, unit, [&](const EpochLog& e) { return value(e.layers[l], n_.layers[l]); });
            html += line_chart(c);
        }
        return html;
    }

    [[nodiscard]] std::string accuracy_chart() const {
        Chart c = chart("Accuracy", "images with the right answer (%)");
        add(c, "training images, before each update", " %", [](const EpochLog& e) { return 100 * e.accuracy(); });
        add(c, "test images, after the epoch", " %", [](const EpochLog& e) { return 100 * e.test_accuracy(); });
        return line_chart(c);
    }
    [[nodiscard]] std::string loss_chart() const {
        Chart c = chart("Loss", "mean of (p - y)^2 over images and classes");
        add(c, "training images, before each update", "", [&](const EpochLog& e) { return loss_of(e, n_); });
        add(c, "test images, after the epoch", "", [&](const EpochLog& e) { return test_loss_of(e, n_); });
        return line_chart(c);
    }
    [[nodiscard]] std::string saturated_chart() const {
        return by_layer(
            "Saturated weights", "of the layer's weights (%)", " %", [](const LayerLog& l, const TrainingLayer& layer) {
                return 100 * static_cast<double>(l.saturated_weights) / static_cast<double>(layer.weight_count());
            });
    }
    // One line: those of layers would often lie on each other, since a tensor of zeros makes others in front of it.
    [[nodiscard]] std::string zero_chart() const {
        Chart c = chart("Tensors of zeros", "error and gradient tensors");
        add(c, "of all layers", "", [](const EpochLog& e) { return static_cast<double>(e.zero_tensors()); });
        std::string html = line_chart(c);
        std::string rows;
        for (std::size_t l = 0; l < n_.layers.size(); ++l) {
            std::uint64_t errors = 0, gradients = 0;
            for (const EpochLog& e : epochs_) {
                errors += e.layers[l].errors.zeros;
                gradients += e.layers[l].gradients.zeros;
            }
            if (errors + gradients > 0)
                rows += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n", escaped(n_.layers[l].name), errors,
                                    gradients);
        }
        if (rows.empty()) return html;
        return html +
               "<div class=\"scroll\"><table>\n<thead><tr><th>tensors of zeros in</th><th>errors</th><th>gradients</th>"
               "</tr></thead>\n<tbody>\n" +
               rows + "</tbody></table></div>\n";
    }
    [[nodiscard]] std::string constant_chart() const {
        return by_layer(
            "Constant units", "of the layer's units (%)", " %", [](const LayerLog& l, const TrainingLayer&) {
                return l.units == 0 ? std::nan("")
                                    : 100 * static_cast<double>(l.constant_units) / static_cast<double>(l.units);
            });
    }
    [[nodiscard]] std::string scale_chart(const std::string& title, ScaleLog LayerLog::*which) const {
        return by_layer(title, "exponent", "", [which](const LayerLog& l, const TrainingLayer&) {
            return (l.*which).count == 0 ? std::nan("") : (l.*which).mean();
        });
    }
    [[nodiscard]] std::string changed_chart() const {
        return by_layer("Weight words that a step changed", "words per epoch", "",
                        [](const LayerLog& l, const TrainingLayer&) { return static_cast<double>(l.changed_words); });
    }

    [[nodiscard]] std::string table() const {
        std::string html =
            "<div "
            "class=\"scroll\"><table>\n<thead><tr><th>epoch</th><th>rate</th><th>loss</th><th>train</th><th>test</"
            "th><th>"
            "seconds</th><th>images/s</th><th>zero tensors</th><th>saturated weights</th><th>dead "
            "layers</th></tr></thead>\n"
            "<tbody>\n";
        const auto best = r_.log->best();
        for (std::size_t i = 0; i < epochs_.size(); ++i) {
            const EpochLog& e = epochs_[i];
            std::string dead;
            for (std::size_t l = 0; l < e.layers.size(); ++l) {
                if (e.layers[l].dead) dead += (dead.empty() ? "" : ", ") + n_.layers[l].name;
            }
            html += fmt::format(
                "<tr{}><td>{}{}</td><td>{}</td><td>{:.5f}</td><td>{}</td><td>{}</td><td>{:.2f}</td><td>{:.0f}</"
                "td><td>{}</td><td>{}</td>"
                "<td>{}</td></tr>\n",
                best == i ? " class=\"front\"" : "", e.epoch, best == i ? " *" : "",
                std::ldexp(e.rate.raw, -e.rate.frac), loss_of(e, n_), percent(e.accuracy()), percent(e.test_accuracy()),
                e.seconds, e.images_per_second(), e.zero_tensors(), e.saturated_weights(), escaped(dead));
        }
        return html + "</tbody></table></div>\n<p class=\"soft\">* Best test accuracy.</p>\n";
    }

    const TrainReport& r_;
    const TrainingNetwork& n_;
    const std::vector<EpochLog>& epochs_;
};

}  // namespace

std::string train_page(const TrainReport& report) {
    return Page(report).html();
}

}  // namespace bittrue::explore
