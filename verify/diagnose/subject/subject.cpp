#include "subject/subject.hpp"

#include <algorithm>
#include <stdexcept>

namespace bittrue::diagnose_detail {

const TensorWords& Subject::tensor(const std::string& name) const {
    const auto named = [&name](const TensorWords& t) { return t.name == name; };
    const auto given = std::find_if(chain.given.begin(), chain.given.end(), named);
    if (given != chain.given.end()) return *given;
    const auto answer = std::find_if(answers.begin(), answers.end(), named);
    if (answer == answers.end()) throw std::logic_error("no tensor '" + name + "' in the chain");
    return *answer;
}

}  // namespace bittrue::diagnose_detail
