// A plain text table: numbers right, words left, one header line.
#pragma once

#include <string>
#include <vector>

namespace bittrue::cli {

enum class Align { Left, Right };

class Table {
public:
    struct Column {
        std::string title;
        Align align = Align::Right;
    };
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    // As many cells as columns.
    void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    [[nodiscard]] std::string text() const;

private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace bittrue::cli
