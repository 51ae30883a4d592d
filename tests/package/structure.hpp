// The rules of ARCHITECTURE as data, and the two checks on them: what targets link, and what sources include.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace structure {

// What a folder may see beside the standard library and itself.
struct Allowed {
    std::set<std::string> folders{};          // other folders of ours
    std::set<std::string> public_headers{};   // first path element (or whole name) of foreign headers, anywhere
    std::set<std::string> private_headers{};  // only outside of include/
};
const std::map<std::string, Allowed>& rules();

// Target to the targets and libraries it links directly.
using Links = std::map<std::string, std::set<std::string>>;
// Lines "target: link;link"; "bittrue::x" becomes "bittrue_x", also where it stands inside a generator expression.
Links parse_links(const std::string& text);
// A sentence for each way a library reaches a folder that its rule does not allow ("bittrue_a -> b -> bittrue_c").
std::vector<std::string> forbidden_links(const Links& links);

// A sentence for each #include in `source` that the folder's rule does not allow.
std::vector<std::string> forbidden_includes(const std::string& folder, const std::string& file,
                                            const std::string& source, bool is_public);
// The same for every source of root/folder.
std::vector<std::string> forbidden_includes(const std::filesystem::path& root, const std::string& folder);

// Sources and headers below a folder, sorted.
std::vector<std::filesystem::path> sources_of(const std::filesystem::path& folder);
std::string read(const std::filesystem::path& file);

}  // namespace structure
