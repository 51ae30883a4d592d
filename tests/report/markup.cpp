#include "report/markup.hpp"

#include <map>
#include <regex>
#include <set>

std::vector<std::string> faults_of_page(const std::string& html) {
    static const std::set<std::string> empty{"meta", "br", "!doctype"};
    std::vector<std::string> faults, open;
    std::map<std::string, int> ids;
    std::set<std::string> wanted;
    for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
        const std::size_t end = html.find('>', at);
        if (end == std::string::npos) {
            faults.emplace_back("a tag without an end");
            break;
        }
        const std::string tag = html.substr(at + 1, end - at - 1);
        std::string name = tag.substr(tag.starts_with("/") ? 1 : 0);
        name = name.substr(0, name.find_first_of(" /\n"));
        for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        if (tag.starts_with("/")) {
            if (open.empty() || open.back() != name) {
                faults.push_back("</" + name + "> closes " + (open.empty() ? "nothing" : open.back()));
                break;
            }
            open.pop_back();
        } else if (!tag.ends_with("/") && !empty.contains(name)) {
            open.push_back(name);
        }
        static const std::regex attribute(R"re( (id|href|aria-controls)="([^"]*)")re");
        for (std::sregex_iterator it(tag.begin(), tag.end(), attribute), last; it != last; ++it) {
            const std::string key = (*it)[1], value = (*it)[2];
            if (key == "id") {
                ++ids[value];
            } else if (key == "href" && !value.starts_with("#")) {
                faults.push_back("a reference to " + value);
            } else {
                wanted.insert(key == "href" ? value.substr(1) : value);
            }
        }
        // Nothing within a script or a style sheet is a tag.
        if (!tag.starts_with("/") && (name == "script" || name == "style")) at = html.find("</" + name, at) - 1;
    }
    for (const std::string& name : open) faults.push_back("<" + name + "> is not closed");
    for (const auto& [id, count] : ids) {
        if (count > 1) faults.push_back("the id " + id + " is given twice");
    }
    for (const std::string& id : wanted) {
        if (!ids.contains(id)) faults.push_back("nothing has the id " + id);
    }
    for (const char* request : {"http:", "https:", "src=", "url(", "@import", "<link"}) {
        if (html.find(request) != std::string::npos) faults.push_back(std::string("it has ") + request);
    }
    return faults;
}
