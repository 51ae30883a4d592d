#include "suite.hpp"

#include <algorithm>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "noise.hpp"

namespace bittrue::mutation {

namespace {

bool passes(const std::string& filter, const std::string& name, const std::string& network) {
    return (network + " " + name).find(filter) != std::string::npos;
}

const char* kind_name(Kind kind) {
    switch (kind) {
        case Kind::Single: return "single";
        case Kind::Double: return "double";
        case Kind::Noise: return "noise";
        case Kind::Equal: return "equal";
    }
    return "";
}

double percent(std::size_t part, std::size_t whole) {
    return whole == 0 ? 100 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

std::vector<Row> run_suite(const std::string& filter, const std::function<void(const Row&)>& done, unsigned workers) {
    std::vector<std::function<Row()>> jobs;
    for (const Fault& fault : all_faults())
        if (passes(filter, fault.name, fault.stand)) jobs.emplace_back([fault] { return judge(fault); });
    for (const auto& trials : {equal_trials(), noise_trials()})
        for (const Trial& trial : trials)
            if (passes(filter, trial.name, "")) jobs.push_back(trial.run);
    return run_jobs(jobs, done, workers);
}

std::vector<Row> run_jobs(const std::vector<std::function<Row()>>& jobs, const std::function<void(const Row&)>& done,
                          unsigned workers) {
    std::vector<std::optional<Row>> rows(jobs.size());
    std::mutex mutex;
    std::size_t next = 0, shown = 0;
    std::exception_ptr failure;
    const auto work = [&] {
        while (true) {
            std::size_t job = 0;
            {
                const std::scoped_lock lock(mutex);
                if (next == jobs.size() || failure) return;
                job = next++;
            }
            try {
                Row row = jobs[job]();
                const std::scoped_lock lock(mutex);
                rows[job] = std::move(row);
                for (; shown < rows.size() && rows[shown]; ++shown)
                    if (done) done(*rows[shown]);
            } catch (...) {
                const std::scoped_lock lock(mutex);
                failure = std::current_exception();
            }
        }
    };
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 0; i < workers; ++i) threads.emplace_back(work);
    }
    if (failure) std::rethrow_exception(failure);
    std::vector<Row> all;
    for (std::optional<Row>& row : rows) all.push_back(std::move(*row));
    return all;
}

Summary summarize(const std::vector<Row>& rows) {
    Summary s;
    for (const Row& r : rows) {
        s.seconds += r.seconds;
        s.slowest = std::max(s.slowest, r.seconds);
        const bool named = r.outcome == Outcome::First || r.outcome == Outcome::Tied;
        if (r.outcome == Outcome::Unseen) {
            ++s.unseen;
            continue;
        }
        s.accused += r.outcome == Outcome::False ? 1 : 0;
        switch (r.kind) {
            case Kind::Single:
                ++s.singles;
                s.tied += r.outcome == Outcome::Tied ? 1 : 0;
                s.first += r.outcome == Outcome::First ? 1 : 0;
                s.third += r.outcome == Outcome::First || r.outcome == Outcome::Third ? 1 : 0;
                break;
            case Kind::Double:
                ++s.doubles;
                s.doubles_first += named ? 1 : 0;
                s.doubles_tied += r.outcome == Outcome::Tied ? 1 : 0;
                break;
            case Kind::Noise:
            case Kind::Equal:
                ++s.without_cause;
                s.without_cause_right += r.outcome == Outcome::Right ? 1 : 0;
                break;
        }
    }
    return s;
}

std::vector<std::string> missed_limits(const Summary& s) {
    std::vector<std::string> missed;
    const std::size_t told = s.singles - s.tied;
    if (s.first * 100 < told * 95) missed.push_back("fewer than 95 % of the single causes are ranked first");
    if (s.third != told) missed.push_back("a single cause that the data can tell is not among the first three");
    if (s.doubles_first * 100 < s.doubles * 80) missed.push_back("fewer than 80 % of the double faults are named");
    if (s.accused != 0) missed.push_back("something that is right is accused");
    if (s.without_cause_right != s.without_cause)
        missed.push_back("an equal, noisy or undefined dump is not called what it is");
    if (s.unseen != 0) missed.push_back("a fault changes no word, so it tests nothing");
    return missed;
}

std::string print_head() {
    return fmt::format("{:<7} {:<14} {:<19} {:<74} {:>4} {:<7} {:<11} {:>13} {:>6}\n", "kind", "network", "accumulator",
                       "fault", "rank", "result", "verdict", "explained", "s");
}

std::string print_row(const Row& r) {
    std::string line =
        fmt::format("{:<7} {:<14} {:<19} {:<74} {:>4} {:<7} {:<11} {:>6}/{:<6} {:>6.2f}\n", kind_name(r.kind),
                    r.network, r.accumulator, r.fault, r.rank == 0 ? "-" : std::to_string(r.rank),
                    outcome_name(r.outcome), r.verdict, r.explained, r.wrong, r.seconds);
    const bool good = r.outcome == Outcome::First || r.outcome == Outcome::Right || r.outcome == Outcome::Unseen;
    if (!good)
        line += fmt::format("        ranked first: {}{}\n", r.named, r.remark.empty() ? "" : " (" + r.remark + ")");
    return line;
}

std::string print_summary(const Summary& s) {
    const std::size_t told = s.singles - s.tied;
    std::string text = fmt::format(
        "{} single causes, {} of them undistinguishable from others; of the other {} ranked first {} ({:.1f} %), among "
        "the first three {} ({:.1f} %)\n",
        s.singles, s.tied, told, s.first, percent(s.first, told), s.third, percent(s.third, told));
    text += fmt::format("{} double faults, both named {} ({:.1f} %), {} of them with others that give the same words\n",
                        s.doubles, s.doubles_first, percent(s.doubles_first, s.doubles), s.doubles_tied);
    text += fmt::format("{} equal, noisy or undefined dumps, {} called so\n", s.without_cause, s.without_cause_right);
    text += fmt::format("{} rows accuse what is right; {} faults change no word\n", s.accused, s.unseen);
    text += fmt::format("{:.1f} s of diagnosis, the longest {:.2f} s\n", s.seconds, s.slowest);
    return text;
}

std::string to_json(const std::vector<Row>& rows) {
    nlohmann::json all = nlohmann::json::array();
    for (const Row& r : rows)
        all.push_back({{"kind", kind_name(r.kind)},
                       {"fault", r.fault},
                       {"network", r.network},
                       {"accumulator", r.accumulator},
                       {"layer", r.layer},
                       {"rank", r.rank},
                       {"result", outcome_name(r.outcome)},
                       {"verdict", r.verdict},
                       {"named", r.named},
                       {"listed", r.listed},
                       {"explained", r.explained},
                       {"wrong", r.wrong},
                       {"tried", r.tried},
                       {"seconds", r.seconds},
                       {"remark", r.remark}});
    return all.dump(1) + "\n";
}

}  // namespace bittrue::mutation
