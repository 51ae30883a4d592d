// Several changed settings of one type are together another type, and are told as that.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "search/variant.hpp"

namespace bittrue::diagnose_detail {

// Of a candidate's slot: "dense.accumulator" and "overflow". Empty: no setting of a type.
struct TypeSetting {
    std::string type{};
    std::string_view what{};
};
[[nodiscard]] TypeSetting type_setting(const std::string& slot);

// One change in place of these, which lead to the chain `changed`; nothing where they are not all of one type.
[[nodiscard]] std::optional<Change> as_one_type(const std::vector<const Candidate*>& changes, const Chain& expected,
                                                const Chain& changed);

}  // namespace bittrue::diagnose_detail
