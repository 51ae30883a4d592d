#include "bittrue/emulator/stages.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "idle.hpp"
#include "program.hpp"
#include "row_words.hpp"

namespace bittrue::emulator {
namespace {

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
        for (std::size_t first = 0; first < images.size(); first += kLanes) {
            const std::size_t many = std::min<std::size_t>(kLanes, images.size() - first);
            block.images = static_cast<int>(many);
            for (std::size_t k = 0; k < known.size(); ++k)
                fill(request_.known[k], *known[k], images.subspan(first, many), block);
            program_.run(*room);
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
        for (std::size_t k = 0; k < known.size(); ++k) {
            const std::size_t bytes = size_of(request_.known[k]) * static_cast<std::size_t>(known[k]->bytes);
            const bool fits = known[k]->bytes == word_bytes(preparation_.type_of(request_.known[k]).format) &&
                              known[k]->data.size() == known[k]->images * bytes;
            if (!fits) throw std::logic_error("known tensor " + std::to_string(request_.known[k]) + " has other words");
            for (const std::uint32_t image : images) {
                if (image < known[k]->images) continue;
                throw std::logic_error("image " + std::to_string(image) + " of " + std::to_string(known[k]->images));
            }
        }
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
        return result;
    }

    void fill(std::size_t tensor, const WordBatch& words, std::span<const std::uint32_t> images, Block& block) const {
        const Planes& planes = block.tensors[tensor];
        if (planes.data == nullptr) return;
        std::array<const std::byte*, kLanes> starts{};
        const std::size_t stride = size_of(tensor) * static_cast<std::size_t>(words.bytes);
        for (std::size_t l = 0; l < images.size(); ++l) starts[l] = words.data.data() + images[l] * stride;
        planes_of_narrow({starts.data(), images.size()}, words.bytes, preparation_.type_of(tensor).format,
                         planes.elements, *block.kernels, planes);
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

class BlockStages final : public Stages {
public:
    BlockStages(const Graph& graph, Isa isa) : preparation_(graph, isa) {}

    [[nodiscard]] std::unique_ptr<Part> part(const PartRequest& request) const override {
        return std::make_unique<BlockPart>(preparation_, request);
    }

private:
    Preparation preparation_;
};

}  // namespace

std::unique_ptr<Stages> make_stages(const Graph& graph, Isa isa) {
    return std::make_unique<BlockStages>(graph, isa);
}

}  // namespace bittrue::emulator
