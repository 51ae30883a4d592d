// Fills in a text: placeholders between two @ signs, sections for conditions and lists.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bittrue::testbench {

// What the names of a template stand for. Inside a list the item's names hide those around it.
struct Fields {
    std::map<std::string, std::string> texts{};
    std::map<std::string, bool> flags{};
    std::map<std::string, std::vector<Fields>> lists{};
};

//   @name@                          the text
//   @if name@ ... @end@             only if the flag is set (or the list is not empty); @unless name@ is the reverse
//   @each name@ ... @end@           once per item; @between TEXT@ inside stands for TEXT except in the last item
// Names are small letters, digits and '_'. A directive that is alone in its line takes the line with it. The texts are
// put in as they are. A name that `fields` does not have is a std::logic_error: templates are ours.
[[nodiscard]] std::string fill_in(std::string_view text, const Fields& fields);

}  // namespace bittrue::testbench
