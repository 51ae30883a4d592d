// Intel HEX: records with addresses and checksums.
#include <algorithm>
#include <array>

#include "bittrue/model/error.hpp"
#include "codecs.hpp"

namespace bittrue {
namespace {

constexpr int kMaxRecord = 255;

class Writer {
public:
    explicit Writer(TextOut& out) : out_(out) {}

    void record(int type, std::uint32_t address, std::string_view data) {
        unsigned sum = 0;
        out_.put(':');
        byte(static_cast<unsigned>(data.size()), sum);
        byte(address >> 8 & 0xffU, sum);
        byte(address & 0xffU, sum);
        byte(static_cast<unsigned>(type), sum);
        for (const char c : data) byte(static_cast<unsigned char>(c), sum);
        unsigned ignored = 0;
        byte((~sum + 1U) & 0xffU, ignored);
        out_.put('\n');
    }

    void data(std::uint64_t address, std::string_view bytes) {
        if (address >> 16 != upper_) {
            upper_ = address >> 16;
            const std::array<char, 2> high{static_cast<char>(static_cast<unsigned char>(upper_ >> 8)),
                                           static_cast<char>(static_cast<unsigned char>(upper_ & 0xffU))};
            record(4, 0, {high.data(), high.size()});
        }
        record(0, static_cast<std::uint32_t>(address & 0xffffU), bytes);
    }

private:
    void byte(unsigned value, unsigned& sum) {
        const std::uint64_t limb = value;
        out_.hex_upper({&limb, 1}, 2);
        sum += value;
    }

    TextOut& out_;
    std::uint64_t upper_ = 0;
};

struct Record {
    std::uint64_t address = 0;
    std::size_t first = 0;  // byte in the order of the file
    std::size_t bytes = 0;
    std::size_t line = 1;
};

class Reader {
public:
    Reader(std::string_view text, const std::string& where) : in_{.text = text, .where = where} {}

    FileWords read(std::optional<int> word_bits) {
        for (in_.skip_spaces(); !in_.at_end(); in_.skip_spaces()) {
            if (ended_) in_.fail("there is more behind the end record");
            record();
        }
        if (!ended_) in_.fail("the end record :00000001FF is missing");
        std::stable_sort(records_.begin(), records_.end(),
                         [](const Record& a, const Record& b) { return a.address < b.address; });
        return words(word_bits);
    }

private:
    unsigned byte() {
        const int high = digit_value(in_.peek());
        const int low = in_.position + 1 < in_.text.size() ? digit_value(in_.text[in_.position + 1]) : -1;
        if (high < 0 || low < 0) in_.fail("the record ends early or holds something else than hexadecimal digits");
        in_.position += 2;
        return static_cast<unsigned>(16 * high + low);
    }

    void record() {
        if (in_.peek() != ':') in_.fail("a record begins with ':'");
        ++in_.position;
        const unsigned count = byte();
        const unsigned high = byte(), low = byte(), type = byte();
        unsigned sum = count + high + low + type;
        const std::uint64_t address = high << 8 | low;
        const std::size_t first = bytes_.size();
        for (unsigned i = 0; i < count; ++i) {
            const unsigned value = byte();
            sum += value;
            bytes_ += static_cast<char>(static_cast<unsigned char>(value));
        }
        const unsigned expected = (~sum + 1U) & 0xffU;
        if (byte() != expected) {
            std::string digits(2, '0');
            (void)put_hex(digits.data(), expected, 2);
            in_.fail("the checksum of this record is wrong; its bytes sum to " + digits);
        }
        if (!in_.at_end() && !is_space(in_.peek())) in_.fail("the record is longer than it says");
        const std::string_view data = std::string_view(bytes_).substr(first);
        const auto upper = [&] {
            if (data.size() != 2) in_.fail("an address record holds 2 bytes");
            return std::uint64_t{static_cast<unsigned char>(data[0])} << 8 | static_cast<unsigned char>(data[1]);
        };
        switch (type) {
            case 0:
                if (count > 0) {
                    records_.push_back(
                        {.address = base_ + address, .first = first, .bytes = data.size(), .line = in_.line});
                }
                return;
            case 1: ended_ = true; break;
            case 2: base_ = upper() << 4; break;
            case 3:
            case 5: break;  // where a processor starts
            case 4: base_ = upper() << 16; break;
            default: in_.fail("the record has the type " + std::to_string(type) + "; known are 0 to 5");
        }
        bytes_.resize(first);
    }

    // Whether the records follow each other without a hole where `unit` bytes have one address.
    [[nodiscard]] bool contiguous(std::size_t unit) const {
        for (std::size_t i = 0; i < records_.size(); ++i) {
            if (records_[i].bytes % unit != 0) return false;
            if (i > 0 && records_[i].address != records_[i - 1].address + records_[i - 1].bytes / unit) return false;
        }
        return true;
    }

    FileWords words(std::optional<int> word_bits) {
        std::size_t unit = word_bits ? static_cast<std::size_t>((*word_bits + 7) / 8) : 1;
        bool by_word = true;
        if (word_bits && (contiguous(unit) || contiguous(1))) {
            by_word = contiguous(unit);
        } else if (!contiguous(1) && records_.size() > 1) {
            // Packed words say it by their addresses, whatever width was expected.
            const std::uint64_t step = records_[1].address - records_[0].address;
            if (step != 0 && records_[0].bytes % step == 0) unit = records_[0].bytes / step;
        }
        if (!contiguous(unit) && !contiguous(1)) refuse_hole(unit);
        if (bytes_.size() % unit != 0) {
            throw InputError(in_.where, "has " + std::to_string(bytes_.size()) +
                                            " bytes, no whole number of words of " + std::to_string(unit) + " bytes");
        }
        FileWords result;
        result.packed = PackedWords{.bits = static_cast<int>(8 * unit), .limbs = {}};
        PackedWords& packed = *result.packed;
        const std::size_t limbs = packed.limbs_per_word();
        packed.limbs.resize(bytes_.size() / unit * limbs);
        std::size_t position = 0;
        for (const Record& record : records_) {
            for (std::size_t i = 0; i < record.bytes; ++i, ++position) {
                const std::size_t in_word = position % unit, byte = by_word ? unit - 1 - in_word : in_word;
                const std::uint64_t value = static_cast<unsigned char>(bytes_[record.first + i]);
                packed.limbs[position / unit * limbs + byte / 8] |= value << (8 * (byte % 8));
            }
        }
        if (!records_.empty() && records_[0].address != 0) {
            result.notes.push_back(in_.where + ": the first address is " + std::to_string(records_[0].address) +
                                   "; it is taken as word 0");
        }
        if (!by_word) {
            result.notes.push_back(in_.where + ": its addresses count bytes; the lowest one is the low byte of a word");
        }
        return result;
    }

    [[noreturn]] void refuse_hole(std::size_t unit) const {
        for (std::size_t i = 1; i < records_.size(); ++i) {
            const Record& before = records_[i - 1];
            const std::uint64_t expected = before.address + before.bytes / unit;
            if (records_[i].address == expected) continue;
            in_.fail(records_[i].line, "the address of this record is " + std::to_string(records_[i].address) +
                                           ", that behind the record in front of it " + std::to_string(expected) +
                                           ": words are missing or given twice");
        }
        in_.fail("the records do not hold whole words of " + std::to_string(unit) + " bytes");
    }

    TextIn in_;
    std::string bytes_{};
    std::vector<Record> records_{};
    std::uint64_t base_ = 0;
    bool ended_ = false;
};

}  // namespace

std::string intel_hex_reason(const WordFileContext&, const PackingPlan& plan) {
    if (plan.total_bits > 8 * kMaxRecord) {
        return "Intel HEX has records of at most 255 bytes, too short for words of " + std::to_string(plan.total_bits) +
               " bits";
    }
    if (plan.images * plan.words > std::int64_t{1} << 32) return "Intel HEX has addresses of 32 bits, too few";
    return {};
}

void encode_intel_hex(const WordSource& source, TextOut& out) {
    constexpr std::size_t kRow = 16;  // words of a record where a word is a byte
    const auto unit = static_cast<std::size_t>((source.plan().total_bits + 7) / 8);
    Writer writer(out);
    std::string row;
    std::uint64_t first = 0;
    source.each([&](ConstLimbs word, std::int64_t number) {
        if (row.empty()) first = static_cast<std::uint64_t>(number);
        for (std::size_t i = unit; i-- > 0;) {
            row += static_cast<char>(static_cast<unsigned char>(word[i / 8] >> (8 * (i % 8)) & 0xffU));
        }
        if (row.size() < (unit == 1 ? kRow : unit)) return;
        writer.data(first, row);
        row.clear();
    });
    if (!row.empty()) writer.data(first, row);
    writer.record(1, 0, {});
}

FileWords decode_intel_hex(std::string_view bytes, const std::string& where, std::optional<int> word_bits) {
    return Reader(bytes, where).read(word_bits);
}

}  // namespace bittrue
