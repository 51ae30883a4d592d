// A wrong bit in a table of a softmax: sought among the entries that the wrong vectors read.
#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "changes/arrangement.hpp"
#include "changes/entry_changes.hpp"
#include "changes/faulty_softmax.hpp"

namespace bittrue::diagnose_detail {

namespace {

constexpr std::size_t kEntries = 6, kWrongVectors = 24, kRightVectors = 8, kOffered = 3;

class SoftmaxEntries {
public:
    SoftmaxEntries(const Maker& maker, std::size_t node)
        : maker_(maker),
          subject_(maker.subject),
          node_(node),
          layer_(subject_.chain.nodes[node]),
          input_(subject_.tensor(layer_.inputs[0])),
          softmax_(layer_, input_, maker.datapath, {}),
          count_(input_.shape.count()) {}

    void add() {
        for (std::uint32_t image = 0; image < subject_.images; ++image) {
            FaultySoftmax::Used used;
            (void)words_of(softmax_, image, &used);
            used_.push_back(std::move(used));
            (is_wrong(image) ? wrong_ : right_).push_back(image);
        }
        for (const bool exponentials : {true, false}) add_table(exponentials);
    }

private:
    [[nodiscard]] std::vector<std::int64_t> words_of(const FaultySoftmax& softmax, std::uint32_t image,
                                                     FaultySoftmax::Used* used = nullptr) const {
        const std::int64_t* in = input_.words.data() + image * count_;
        std::vector<std::int64_t> words(static_cast<std::size_t>(count_));
        softmax.run(in, count_, largest_of(in, count_, input_.type.format), words.data(), used);
        return words;
    }
    [[nodiscard]] bool is_wrong(std::uint32_t image) const {
        for (std::int64_t i = 0; i < count_; ++i) {
            if (subject_.is_wrong(static_cast<std::size_t>(image * count_ + i))) return true;
        }
        return false;
    }

    // Those that wrong vectors read and right ones do not come first.
    [[nodiscard]] std::vector<std::size_t> suspects(bool exponentials) const {
        std::map<std::size_t, std::int64_t> score;
        const auto count = [&](const std::vector<std::uint32_t>& images, std::int64_t by) {
            for (const std::uint32_t image : images) {
                std::vector<std::size_t> read{used_[image].inverse};
                if (exponentials) read = used_[image].exponentials;
                std::sort(read.begin(), read.end());
                read.erase(std::unique(read.begin(), read.end()), read.end());
                for (const std::size_t entry : read) score[entry] += by;
            }
        };
        count(wrong_, 2);
        count(right_, -1);
        std::vector<std::size_t> entries;
        for (const auto& [entry, points] : score) {
            if (points > 0) entries.push_back(entry);
        }
        std::stable_sort(entries.begin(), entries.end(),
                         [&](std::size_t a, std::size_t b) { return score[a] > score[b]; });
        if (entries.size() > kEntries) entries.resize(kEntries);
        return entries;
    }

    // Words of some vectors that the dump has.
    [[nodiscard]] int hits(const FaultySoftmax& softmax) const {
        int hits = 0;
        const auto judge = [&](const std::vector<std::uint32_t>& images, std::size_t most) {
            for (std::size_t n = 0; n < std::min(most, images.size()); ++n) {
                const std::uint32_t image = images[n * images.size() / std::min(most, images.size())];
                const std::vector<std::int64_t> words = words_of(softmax, image);
                const auto actual = subject_.actual.begin() + image * count_;
                for (std::int64_t i = 0; i < count_; ++i)
                    hits += words[static_cast<std::size_t>(i)] == actual[i] ? 1 : 0;
            }
        };
        judge(wrong_, kWrongVectors);
        judge(right_, kRightVectors);
        return hits;
    }

    struct Flip {
        std::size_t entry = 0;
        std::int64_t word = 0;
        int bit = 0, hits = 0;
    };

    void add_table(bool exponentials) {
        const auto& op = std::get<Softmax>(layer_.op);
        const Format format = (exponentials ? op.exp_table : op.inv_table).entries.type.format;
        const int own = hits(softmax_);
        std::vector<Flip> flips;
        FaultySoftmax changed = softmax_;
        std::vector<std::int64_t>& table = exponentials ? changed.exponentials : changed.inverses;
        for (const std::size_t entry : suspects(exponentials)) {
            const std::int64_t stored = table[entry];
            for (int bit = 0; bit < format.width; ++bit) {
                const std::uint64_t pattern = pattern_from_word(stored, format) ^ std::uint64_t{1} << bit;
                table[entry] = word_from_pattern(pattern, format);
                const Flip flip{entry, table[entry], bit, hits(changed)};
                if (flip.hits > own) flips.push_back(flip);
            }
            table[entry] = stored;
        }
        std::stable_sort(flips.begin(), flips.end(), [](const Flip& a, const Flip& b) { return a.hits > b.hits; });
        if (flips.size() > kOffered) flips.resize(kOffered);
        for (const Flip& flip : flips) offer(exponentials, flip, table, format);
    }

    void offer(bool exponentials, const Flip& flip, const std::vector<std::int64_t>& table, Format format) {
        Candidate candidate;
        const std::string role = exponentials ? "exp_table" : "inv_table";
        candidate.change = {
            .cause = Cause::TableContents,
            .node = layer_.name,
            .setting = role,
            .expected = fmt::format("{}", table[flip.entry]),
            .found = fmt::format("{}", flip.word),
            .text =
                fmt::format("bit {} of entry {} of its {} is wrong: {} (raw) where the network has {}", flip.bit,
                            flip.entry, exponentials ? "exponentials" : "reciprocals", flip.word, table[flip.entry])};
        candidate.bits =
            4 + std::log2(static_cast<double>(table.size())) + std::log2(static_cast<double>(format.width));
        candidate.priority = 40;
        candidate.slot = fmt::format("{}.{}.{}", layer_.name, role, flip.entry);
        candidate.apply = [node = node_, exponentials, role, entry = flip.entry, word = flip.word,
                           input = layer_.inputs[0], subject = &subject_,
                           datapath = &maker_.datapath](Variant& variant) {
            Node& changed = variant.chain.nodes[node];
            auto* op = std::get_if<Softmax>(&changed.op);
            if (op == nullptr || op->kind == SoftmaxKind::Argmax) return false;
            Parameter& entries = (exponentials ? op->exp_table : op->inv_table).entries;
            make_raw(entries, changed, role, subject->tensor(input), *datapath);
            if (entry >= entries.raw.size()) return false;
            entries.raw[entry] = word;
            return true;
        };
        maker_.candidates.push_back(std::move(candidate));
    }

    const Maker& maker_;
    const Subject& subject_;
    std::size_t node_;
    const Node& layer_;
    const TensorWords& input_;
    FaultySoftmax softmax_;
    std::int64_t count_;
    std::vector<FaultySoftmax::Used> used_{};  // by image
    std::vector<std::uint32_t> wrong_{}, right_{};
};

}  // namespace

void add_softmax_entries(const Maker& maker, std::size_t node) {
    const Node& layer = maker.subject.chain.nodes[node];
    const auto* op = std::get_if<Softmax>(&layer.op);
    if (op == nullptr || node + 1 != maker.subject.chain.nodes.size()) return;
    if (op->kind == SoftmaxKind::Stable || op->kind == SoftmaxKind::Latency) SoftmaxEntries(maker, node).add();
}

}  // namespace bittrue::diagnose_detail
