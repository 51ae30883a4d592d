#include "package/structure.hpp"

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace structure {

const std::map<std::string, Allowed>& rules() {
    // Atomic output needs the system's own calls: files that appear whole or not at all.
    static const std::map<std::string, Allowed> table = {
        {"model",
         {{},
          {"fmt"},
          {"zlib.h", "zip.h", "hdf5.h", "openssl", "nlohmann", "onnx", "toml++", "fcntl.h", "stdlib.h", "sys",
           "unistd.h"}}},
        {"emulator", {{"model"}, {"fmt"}, {"tbb", "oneapi", "hwy", "immintrin.h"}}},
        {"golden", {{"model"}, {"fmt"}, {"boost", "tbb", "oneapi", "nlohmann"}}},
        {"vectors",
         {{"model"},
          {"fmt"},
          {"zlib.h", "zip.h", "openssl", "nlohmann", "toml++", "fcntl.h", "stdlib.h", "sys", "unistd.h"}}},
        {"verify", {{"model", "vectors"}, {"fmt"}, {"nlohmann"}}},
        {"explore",
         {{"model", "emulator"},
          {"fmt"},
          {"nlohmann", "Eigen", "boost", "tbb", "oneapi", "fcntl.h", "sys", "unistd.h"}}},
        {"capi", {{"model", "emulator", "vectors", "verify"}, {"stdint.h"}, {"fmt"}}},
    };
    return table;
}

std::string read(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + file.string());
    return {std::istreambuf_iterator<char>(in), {}};
}

Links parse_links(const std::string& text) {
    static const std::regex ours("bittrue(?:::|_)([a-z_]+)");
    Links links;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const auto colon = line.find(": ");
        if (colon == std::string::npos) continue;
        auto& out = links[line.substr(0, colon)];
        std::istringstream items(line.substr(colon + 2));
        for (std::string item; std::getline(items, item, ';');) {
            if (!item.starts_with("$<")) out.insert(item.starts_with("bittrue::") ? "bittrue_" + item.substr(9) : item);
            for (std::sregex_iterator it(item.begin(), item.end(), ours), end; it != end; ++it)
                out.insert("bittrue_" + (*it)[1].str());
        }
    }
    return links;
}

std::vector<std::string> forbidden_links(const Links& links) {
    std::vector<std::string> found;
    for (const auto& [folder, allowed] : rules()) {
        const std::string start = "bittrue_" + folder;
        std::set<std::string> seen{start};
        const std::function<void(const std::string&, const std::string&)> walk = [&](const std::string& at,
                                                                                     const std::string& path) {
            const auto out = links.find(at);
            if (out == links.end()) return;
            for (const std::string& next : out->second) {
                if (!seen.insert(next).second) continue;
                const std::string way = path + " -> " + next;
                const std::string other = next.starts_with("bittrue_") ? next.substr(8) : "";
                if (rules().contains(other) && !allowed.folders.contains(other))
                    found.push_back(folder + " must not reach " + other + ": " + way);
                walk(next, way);
            }
        };
        walk(start, start);
    }
    return found;
}

std::vector<std::string> forbidden_includes(const std::string& folder, const std::string& file,
                                            const std::string& source, bool is_public) {
    static const std::regex directive(R"(^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">])", std::regex::multiline);
    const Allowed& allowed = rules().at(folder);
    std::vector<std::string> found;
    for (std::sregex_iterator it(source.begin(), source.end(), directive), end; it != end; ++it) {
        const std::string header = (*it)[2];
        const std::string first = header.substr(0, header.find('/'));
        const bool quoted = (*it)[1] == "\"";
        bool good = false;
        if (first == "bittrue") {
            const std::string rest = header.substr(header.find('/') + 1);
            const std::string other = rest.substr(0, rest.find('/'));
            good = other == folder || allowed.folders.contains(other);
        } else if (quoted) {
            good = !is_public && header.find("..") == std::string::npos;  // a private header of the same folder
        } else if (header.find_first_of("./") == std::string::npos) {
            good = true;  // the standard library
        } else {
            good = allowed.public_headers.contains(first) || (!is_public && allowed.private_headers.contains(first));
        }
        if (!good) found.push_back(file + " includes " + header);
    }
    return found;
}

std::vector<std::filesystem::path> sources_of(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        const auto extension = entry.path().extension();
        const bool is_source = extension == ".cpp" || extension == ".hpp" || extension == ".h";
        if (entry.is_regular_file() && is_source) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<std::string> forbidden_includes(const std::filesystem::path& root, const std::string& folder) {
    std::vector<std::string> found;
    const std::filesystem::path include = root / folder / "include";
    for (const auto& file : sources_of(root / folder)) {
        const bool is_public = file.string().starts_with(include.string() + "/");
        for (auto& sentence : forbidden_includes(folder, file.lexically_relative(root).string(), read(file), is_public))
            found.push_back(std::move(sentence));
    }
    return found;
}

}  // namespace structure
