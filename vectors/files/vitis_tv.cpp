// The test vectors of Vitis HLS co-simulation: a transaction is an image.
#include "codecs.hpp"

namespace bittrue {
namespace {

class Parser {
public:
    Parser(std::string_view text, const std::string& where)
        : in_{.text = text, .where = where}, words_(in_, text.size() / 6) {}

    FileWords parse() {
        expect("[[[runtime]]]", "a file of test vectors begins with [[[runtime]]]");
        for (;;) {
            in_.skip_spaces();
            if (take("[[[/runtime]]]")) break;
            transaction();
        }
        in_.skip_spaces();
        if (!in_.at_end()) in_.fail("there is more behind [[[/runtime]]]");
        FileWords words = words_.finish();
        const auto count = static_cast<std::int64_t>(words.size());
        if (equal_ && transactions_ > 0) {
            words.dims = {transactions_, count / transactions_};
        } else if (!equal_) {
            words.notes.push_back(in_.where + ": its transactions have different numbers of words");
        }
        return words;
    }

private:
    bool take(std::string_view what) {
        if (!in_.at(what)) return false;
        in_.position += what.size();
        return true;
    }
    void expect(std::string_view what, const char* message) {
        in_.skip_spaces();
        if (!take(what)) in_.fail(message);
    }

    void transaction() {
        expect("[[transaction]]", "expected [[transaction]] with its number, or [[[/runtime]]] at the end");
        in_.skip_spaces();
        const std::size_t number = in_.position;
        while (digit_value(in_.peek()) >= 0 && digit_value(in_.peek()) < 10) ++in_.position;
        if (in_.position == number) in_.fail("[[transaction]] has no number");
        const std::size_t before = words_.size();
        for (;;) {
            in_.skip_spaces();
            if (take("[[/transaction]]")) break;
            if (!take("0x") && !take("0X")) in_.fail("expected a word 0x... or [[/transaction]]");
            const std::size_t begin = in_.position;
            while (!in_.at_end() && !is_space(in_.peek())) ++in_.position;
            words_.add_digits(in_.text.substr(begin, in_.position - begin), 16, true);
        }
        const std::size_t count = words_.size() - before;
        equal_ = equal_ && (transactions_ == 0 || count == first_);
        if (transactions_++ == 0) first_ = count;
    }

    TextIn in_;
    WordCollector words_;
    std::int64_t transactions_ = 0;
    std::size_t first_ = 0;
    bool equal_ = true;
};

}  // namespace

void encode_vitis_tv(const WordSource& source, TextOut& out) {
    const int digits = hex_digits(source.plan().total_bits);
    const std::int64_t per_image = source.plan().words;
    out.put("[[[runtime]]]\n");
    source.each([&](ConstLimbs word, std::int64_t number) {
        if (number % per_image == 0) {
            if (number != 0) out.put("[[/transaction]]\n");
            out.put("[[transaction]] ");
            out.decimal(number / per_image);
            out.put('\n');
        }
        out.put("0x");
        out.hex(word, digits);
        out.put('\n');
    });
    if (source.count() != 0) out.put("[[/transaction]]\n");
    out.put("[[[/runtime]]]\n");
}

FileWords decode_vitis_tv(std::string_view bytes, const std::string& where) {
    return Parser(bytes, where).parse();
}

}  // namespace bittrue
