#include "bittrue/verify/diagnose.hpp"

#include <algorithm>
#include <chrono>
#include <map>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "changes/candidates.hpp"
#include "search/rank.hpp"
#include "search/search.hpp"
#include "search/verdict.hpp"
#include "subject/sides.hpp"
#include "telling/telling.hpp"

namespace bittrue {
namespace diagnose_detail {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::vector<std::int64_t> index_in(const Shape& shape, std::int64_t image, std::int64_t element) {
    std::vector<std::int64_t> index(shape.dims.size());
    for (std::size_t axis = index.size(); axis-- > 0;) {
        index[axis] = element % shape.dims[axis];
        element /= shape.dims[axis];
    }
    index.insert(index.begin(), image);
    return index;
}

std::optional<Mismatch> first_wrong(const Subject& subject) {
    const std::int64_t size = subject.per_image();
    const Format format = subject.last().result.format;
    for (std::size_t i = 0; i < subject.actual.size(); ++i) {
        if (!subject.is_wrong(i)) continue;
        const std::int64_t image = subject.image_numbers[i / static_cast<std::size_t>(size)];
        const std::int64_t element = static_cast<std::int64_t>(i) % size;
        return Mismatch{.flat = image * size + element,
                        .image = image,
                        .index = index_in(subject.last().shape, image, element),
                        .expected = raw_from_word(subject.expected()[i], format),
                        .actual = raw_from_word(subject.actual[i], format)};
    }
    return {};
}

// Hypotheses that the data cannot tell from the best one.
void tell_apart(const Graph& graph, const Subject& subject, const SearchResult& result, const Ranked& ranked,
                const Datapath& datapath, const DiagnoseOptions& options, double seconds_left,
                LayerDiagnosis& diagnosis) {
    std::vector<Contender> contenders;
    for (std::size_t i = 0; i < ranked.hypotheses.size(); ++i) {
        if (ranked.hypotheses[i].group != ranked.hypotheses.front().group) continue;
        Contender contender{.number = i, .changes = {}};
        for (const std::size_t c : ranked.changes[i]) contender.changes.push_back(&result.candidates[c]);
        contenders.push_back(std::move(contender));
    }
    if (contenders.size() < 2) return;
    TellingLimits limits;
    limits.cancel = options.cancel;
    const auto pairs = static_cast<double>(std::min(limits.pairs, contenders.size() - 1));
    limits.seconds = std::clamp(seconds_left / pairs, 0.05, limits.seconds);
    diagnosis.telling = telling_for(graph, subject, contenders, datapath, limits);
}

struct Searched {
    Evidence evidence{};
    SearchResult result{};
    Ranked ranked{};
};

Searched search_subject(const Subject& subject, const Datapath& datapath, const DiagnoseOptions& options,
                        double seconds) {
    Searched searched{.evidence = evidence_of(subject)};
    searched.result = search(subject, searched.evidence, datapath,
                             {.seconds = seconds, .pairs = options.pairs, .cancel = options.cancel});
    searched.ranked = rank(subject, searched.result, datapath, options.keep);
    return searched;
}

bool explains_all(const Searched& searched) {
    if (searched.ranked.hypotheses.empty()) return false;
    const Hypothesis& best = searched.ranked.hypotheses.front();
    return best.explained == searched.result.different && best.spoiled == 0;
}

std::int64_t count_wrong(const Subject& subject) {
    std::int64_t wrong = 0;
    for (std::size_t i = 0; i < subject.actual.size(); ++i) wrong += subject.is_wrong(i) ? 1 : 0;
    return wrong;
}

void keep_subject(Subject& subject, LayerDiagnosis& diagnosis) {
    diagnosis.chain = std::move(subject.chain);
    diagnosis.expected = std::move(subject.answers.back().words);
    diagnosis.actual = std::move(subject.actual);
    diagnosis.masked = std::move(subject.masked);
}

LayerDiagnosis diagnose_case(const Graph& graph, Case& c, const Datapath& datapath, const DiagnoseOptions& options) {
    const Clock::time_point begin = Clock::now();
    LayerDiagnosis diagnosis{.layer = c.layer, .given = c.given, .given_dumped = c.given_dumped};
    diagnosis.given_as = c.given_as;
    diagnosis.ignores_dump = c.ignores_dump;
    diagnosis.why_unknown = c.why_unknown;
    Subject* subject = &c.subject;
    const Evidence evidence = c.why_unknown.empty() ? evidence_of(*subject) : Evidence{};
    diagnosis.words_judged = evidence.words + c.words_ambiguous;
    diagnosis.words_different = evidence.different;
    auto early = judge_without_search(c, evidence);
    if (!early) early = judge_images_ahead(c);
    if (early) {
        diagnosis.verdict = early->verdict;
        diagnosis.sentence = early->sentence;
        if (diagnosis.verdict == Verdict::Unknown && diagnosis.why_unknown.empty())
            diagnosis.why_unknown = diagnosis.sentence.substr(diagnosis.layer.size() + 2);
        if (diagnosis.verdict == Verdict::Moved) diagnosis.first = first_wrong(*subject);
        if (c.why_unknown.empty()) keep_subject(*subject, diagnosis);
        diagnosis.seconds = seconds_since(begin);
        return diagnosis;
    }
    diagnosis.first = first_wrong(*subject);
    const double seconds = c.moved ? options.seconds / 2 : options.seconds;
    Searched searched = search_subject(*subject, datapath, options, seconds);
    std::optional<Judgement> judgement;
    if (c.moved && !explains_all(searched)) {
        // The words stand elsewhere, as diff says: what is wrong then?
        subject = &*c.moved;
        c.is_moved_judged = true;
        diagnosis.words_different = count_wrong(*subject);
        diagnosis.first = first_wrong(*subject);
        if (diagnosis.words_different == 0) {
            judgement = judge_moved(c);
            searched = {};
        } else {
            searched = search_subject(*subject, datapath, options, seconds);
        }
    }
    diagnosis.tried = searched.result.tried;
    diagnosis.pairs_tried = searched.result.pairs_tried;
    diagnosis.out_of_time = searched.result.out_of_time;
    if (options.telling && !searched.ranked.hypotheses.empty()) {
        tell_apart(graph, *subject, searched.result, searched.ranked, datapath, options,
                   options.seconds - seconds_since(begin), diagnosis);
    }
    diagnosis.hypotheses = std::move(searched.ranked.hypotheses);
    keep_subject(*subject, diagnosis);
    if (!judgement) judgement = judge(diagnosis, c, searched.evidence, searched.result.null_bits);
    diagnosis.verdict = judgement->verdict;
    diagnosis.sentence = judgement->sentence;
    diagnosis.seconds = seconds_since(begin);
    return diagnosis;
}

// What is undefined where all that it reads is undefined, too, says nothing of the layer.
void pass_undefined(const std::string& read, LayerDiagnosis& diagnosis) {
    const auto& judged_on = diagnosis.given_dumped;
    const bool was_judged = std::find(judged_on.begin(), judged_on.end(), read) != judged_on.end();
    if (diagnosis.verdict != Verdict::Undefined || was_judged) return;
    diagnosis.verdict = Verdict::Unknown;
    diagnosis.why_unknown =
        fmt::format("its words are undefined (x or z), and so are those of '{}', which it reads", read);
    diagnosis.sentence = fmt::format("{}: cannot be judged: {}", diagnosis.layer, diagnosis.why_unknown);
}

// In which its words may stand in the dump, by what explains them.
std::vector<Format> found_formats(const LayerDiagnosis& diagnosis) {
    std::vector<Format> formats;
    for (const Hypothesis& h : diagnosis.hypotheses) {
        if (h.group == diagnosis.hypotheses.front().group && h.is_network && !h.chain.nodes.empty())
            formats.push_back(h.chain.nodes.back().result.format);
    }
    return formats;
}

}  // namespace
}  // namespace diagnose_detail

DiagnosisReport diagnose(const Graph& graph, const VectorSet& expected, const VectorSet& actual,
                         const DiffReport& report, const Datapath& datapath, const DiagnoseOptions& options) {
    using namespace diagnose_detail;
    Sides sides(graph, expected, actual, datapath);
    // Layers are read in the order of the graph, and told in that of the report.
    std::map<std::string, std::size_t> wanted;
    for (std::size_t i = 0; i < report.layers.size(); ++i) {
        const std::string tensor = sides.tensor_of(report.layers[i].name);
        if (!tensor.empty()) wanted.emplace(tensor, i);
    }
    std::map<std::size_t, LayerDiagnosis> diagnoses;
    for (const Node& node : graph.nodes) {
        const auto at = wanted.find(node.name);
        if (at == wanted.end()) continue;
        if (options.cancel != nullptr && *options.cancel) throw Interrupted();
        if (options.progress) options.progress(node.name);
        Case c = sides.next(node.name, report.layers[at->second]);
        LayerDiagnosis diagnosis = diagnose_case(graph, c, datapath, options);
        for (const std::string& name : node.inputs) {
            const auto read = wanted.find(name);
            if (read != wanted.end() && report.layers[read->second].words_undefined > 0)
                pass_undefined(name, diagnosis);
        }
        for (const Format& format : found_formats(diagnosis)) sides.stands_as(node.name, format);
        diagnoses.emplace(at->second, std::move(diagnosis));
    }
    DiagnosisReport result;
    for (std::size_t i = 0; i < report.layers.size(); ++i) {
        if (const auto at = diagnoses.find(i); at != diagnoses.end()) {
            result.layers.push_back(std::move(at->second));
        } else if (!wanted.contains(graph.input.name) || wanted[graph.input.name] != i) {
            LayerDiagnosis unknown{.layer = report.layers[i].name};
            unknown.why_unknown = "the network has no layer of that name";
            unknown.sentence = unknown.layer + ": cannot be judged: " + unknown.why_unknown;
            result.layers.push_back(std::move(unknown));
        }
    }
    return result;
}

}  // namespace bittrue
