#include "bittrue/emulator/stages.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "idle.hpp"
#include "program.hpp"
#include "row_words.hpp"
#include "word_check.hpp"

namespace bittrue::emulator {
namespace {

// Names the first word that the tensor cannot have.
[[noreturn]] void refuse(const WordBatch& words, std::size_t tensor, std::span<const std::uint32_t> images,
                         const Preparation& preparation, const WordCheck& check) {
    const auto size = static_cast<std::size_t>(preparation.shape_of(tensor).count());
    const Format format = preparation.type_of(tensor).format;
    for (const std::uint32_t image : images) {
        for (std::size_t e = 0; e < size; ++e) {
            const std::int64_t word = words.word(image * size + e, format);
            if (check.passes(word)) continue;
            if (tensor == 0) throw outside_input(preparation.graph().input, image, e, raw_from_word(word, format));
            throw std::logic_error("known tensor " + std::to_string(tensor) + " has a word that its layer never gives");
        }
    }
    throw std::logic_error("a word outside the range of tensor " + std::to_string(tensor) + " was not found again");
}

// Where kernels rely on a range, all words lie in it, those of the lanes behind the last image, too.
void planes_of_images(const WordBatch& words, std::size_t tensor, std::span<const std::uint32_t> images,
                      const Preparation& preparation, const LaneKernels& kernels, const Planes& planes) {
    const Format format = preparation.type_of(tensor).format;
    const WordCheck check(format, preparation.range_of(tensor));
    std::array<const std::byte*, kLanes> starts{};
    const auto stride = static_cast<std::size_t>(planes.elements) * static_cast<std::size_t>(words.bytes);
    for (std::size_t l = 0; l < kLanes; ++l) starts[l] = words.data.data() + images[l < images.size() ? l : 0] * stride;
    planes_of_narrow({starts.data(), check.is_needed() ? std::size_t{kLanes} : images.size()}, words.bytes, format,
                     planes.elements, kernels, planes);
    if (!check.pass(planes, static_cast<int>(images.size()), kernels))
        refuse(words, tensor, images, preparation, check);
}

// Words of one tensor that a caller gives: InputErrors of users are found before, these are ours.
void check_words(const WordBatch& words, std::size_t tensor, const Preparation& preparation,
                 std::span<const std::uint32_t> images) {
    const std::size_t bytes =
        static_cast<std::size_t>(preparation.shape_of(tensor).count()) * static_cast<std::size_t>(words.bytes);
    const bool fits =
        words.bytes == word_bytes(preparation.type_of(tensor).format) && words.data.size() == words.images * bytes;
    if (!fits) throw std::logic_error("known tensor " + std::to_string(tensor) + " has other words");
    for (const std::uint32_t image : images) {
        if (image < words.images) continue;
        throw std::logic_error("image " + std::to_string(image) + " of " + std::to_string(words.images));
    }
}

class BlockPart final : public Part {
public:
    BlockPart(const Preparation& preparation, const PartRequest& request)
        : preparation_(preparation), request_(request), program_(preparation, program_request(preparation, request)) {}

    [[nodiscard]] PartResult run(std::span<const WordBatch* const> known,
                                 std::span<const std::uint32_t> images) const override {
        check(known, images);
        PartResult result = prepare(images.size());
        auto room = idle_.take([this] { return program_.make_room(); });
        Block& block = room->block;
        for (LayerEvents& events : block.events) events = {};
        auto& overflowed = result.overflowed;
        for (std::size_t first = 0; first < images.size(); first += kLanes) {
            const std::size_t many = std::min<std::size_t>(kLanes, images.size() - first);
            block.images = static_cast<int>(many);
            for (std::size_t k = 0; k < known.size(); ++k)
                fill(request_.known[k], *known[k], images.subspan(first, many), block);
            std::fill(block.overflowed.begin(), block.overflowed.end(), 0);
            program_.run(*room);
            for (std::size_t tensor = 0; tensor < overflowed.size(); ++tensor) {
                std::vector<std::uint8_t>& bits = overflowed[tensor];
                for (std::size_t l = 0; l < many && !bits.empty(); ++l)
                    bits[first + l] = static_cast<std::uint8_t>(block.overflowed[tensor] >> l & 1);
            }
            for (std::size_t k = 0; k < result.wanted.size(); ++k)
                store(request_.wanted[k], first, block, result.wanted[k]);
        }
        add_events(block, result.events);
        idle_.give_back(std::move(room));
        return result;
    }

private:
    static ProgramRequest program_request(const Preparation& preparation, const PartRequest& request) {
        ProgramRequest r{.count_events = request.count_events, .known = request.known, .wanted = request.wanted};
        for (const auto& [node, spec] : request.replaced)
            r.replaced.emplace(node, preparation.replaced(node, spec, request.count_events));
        return r;
    }

    [[nodiscard]] std::size_t size_of(std::size_t tensor) const {
        return static_cast<std::size_t>(preparation_.shape_of(tensor).count());
    }

    void check(std::span<const WordBatch* const> known, std::span<const std::uint32_t> images) const {
        if (known.size() != request_.known.size()) {
            throw std::logic_error("a part with " + std::to_string(request_.known.size()) + " known tensors got " +
                                   std::to_string(known.size()));
        }
        for (std::size_t k = 0; k < known.size(); ++k) check_words(*known[k], request_.known[k], preparation_, images);
    }

    [[nodiscard]] PartResult prepare(std::size_t images) const {
        PartResult result;
        for (const std::size_t tensor : request_.wanted) {
            const int bytes = word_bytes(preparation_.type_of(tensor).format);
            result.wanted.push_back(
                {.images = images,
                 .dims = preparation_.shape_of(tensor).dims,
                 .bytes = bytes,
                 .data = std::vector<std::byte>(images * size_of(tensor) * static_cast<std::size_t>(bytes))});
        }
        result.events.resize(preparation_.tensors());
        if (!request_.count_events) return result;
        result.overflowed.resize(preparation_.tensors());
        for (const std::size_t node : program_.linear_nodes()) result.overflowed[node + 1].resize(images);
        return result;
    }

    void fill(std::size_t tensor, const WordBatch& words, std::span<const std::uint32_t> images, Block& block) const {
        const Planes& planes = block.tensors[tensor];
        if (planes.data != nullptr) planes_of_images(words, tensor, images, preparation_, *block.kernels, planes);
    }

    void store(std::size_t tensor, std::size_t first, const Block& block, WordBatch& words) const {
        std::array<std::byte*, kLanes> starts{};
        const std::size_t stride = size_of(tensor) * static_cast<std::size_t>(words.bytes);
        const auto many = static_cast<std::size_t>(block.images);
        for (std::size_t l = 0; l < many; ++l) starts[l] = words.data.data() + (first + l) * stride;
        const Planes& planes = block.tensors[tensor];
        narrow_of_planes(planes, planes.elements, words.bytes, *block.kernels, {starts.data(), many});
    }

    void add_events(const Block& block, std::vector<LayerEvents>& events) const {
        for (std::size_t tensor = 1; tensor < events.size(); ++tensor) {
            if (request_.count_events) events[tensor] = block.events[tensor];
            events[tensor].weights = preparation_.parameters(tensor - 1).events();
        }
    }

    const Preparation& preparation_;
    PartRequest request_;
    Program program_;
    mutable IdlePool<ProgramRoom> idle_{};
};

class BlockSumRange final : public SumRange {
    struct Memory {
        AlignedBytes planes{};
        std::unique_ptr<LinearRoom> linear{};
    };

public:
    BlockSumRange(const Preparation& preparation, std::size_t node, std::unique_ptr<PrefixRange> range, int up)
        : preparation_(preparation), tensor_(preparation.inputs_of(node).front()), range_(std::move(range)), up_(up) {}

    [[nodiscard]] std::vector<Extent> run(const WordBatch& input, std::span<const std::uint32_t> images,
                                          std::optional<Extent> ends) const override {
        check_words(input, tensor_, preparation_, images);
        const Format format = preparation_.type_of(tensor_).format;
        Planes planes{.type = lane_type(format), .elements = preparation_.shape_of(tensor_).count()};
        auto memory = idle_.take([this] { return std::make_unique<Memory>(Memory{{}, range_->make_room()}); });
        planes.data = memory->planes.get(static_cast<std::size_t>(planes.elements * kLanes * bytes_of(planes.type)));
        std::vector<Extent> extents(images.size());
        for (std::size_t first = 0; first < images.size(); first += kLanes) {
            const std::size_t many = std::min<std::size_t>(kLanes, images.size() - first);
            planes_of_images(input, tensor_, images.subspan(first, many), preparation_,
                             lane_kernels(preparation_.isa()), planes);
            std::array<std::int32_t, kLanes> low{}, high{};
            LaneExtents lanes{.low = low.data(), .high = high.data(), .images = static_cast<int>(many)};
            if (ends) {
                lanes.lowest = narrow(-(-i128{ends->low} >> up_));
                lanes.highest = narrow(ends->high >> up_);
            }
            range_->widen(planes, lanes, *memory->linear);
            for (std::size_t l = 0; l < many; ++l)
                extents[first + l] = {std::int64_t{low[l]} << up_, std::int64_t{high[l]} << up_};
        }
        idle_.give_back(std::move(memory));
        return extents;
    }

private:
    static std::int32_t narrow(i128 raw) {
        return static_cast<std::int32_t>(
            std::clamp<i128>(raw, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
    }

    const Preparation& preparation_;
    std::size_t tensor_;
    std::unique_ptr<PrefixRange> range_;
    int up_;  // from the raws of the range to those of the accumulator
    mutable IdlePool<Memory> idle_{};
};

class BlockStages final : public Stages {
public:
    BlockStages(Graph graph, Isa isa) : preparation_(std::move(graph), isa) {}

    [[nodiscard]] std::unique_ptr<Part> part(const PartRequest& request) const override {
        return std::make_unique<BlockPart>(preparation_, request);
    }

    [[nodiscard]] std::unique_ptr<SumRange> sum_range(std::size_t node, const AccumulatorSpec& spec) const override {
        auto range = preparation_.prefix_range(node, spec);
        if (!range) return nullptr;
        const int up = spec.type.format.frac() - range->frac();
        if (up > kMostUp) return nullptr;
        return std::make_unique<BlockSumRange>(preparation_, node, std::move(range), up);
    }

    [[nodiscard]] std::vector<ParameterWords> parameters() const override {
        std::vector<ParameterWords> all;
        for (std::size_t node = 0; node + 1 < preparation_.tensors(); ++node) {
            const auto& words = preparation_.parameters(node).words();
            all.insert(all.end(), words.begin(), words.end());
        }
        return all;
    }

private:
    static constexpr int kMostUp = 31;  // 31-bit sums stay within 62 bits

    Preparation preparation_;
};

}  // namespace

std::unique_ptr<Stages> make_stages(Graph graph, Isa isa) {
    return std::make_unique<BlockStages>(std::move(graph), isa);
}

}  // namespace bittrue::emulator
