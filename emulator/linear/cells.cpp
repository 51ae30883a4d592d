#include "cells.hpp"

#include <algorithm>
#include <tuple>

namespace bittrue::emulator::linear {

std::size_t elements_of(CellKind kind) {
    switch (kind) {
        case CellKind::QuadU8: return 4;
        case CellKind::PairS16:
        case CellKind::PairU8: return 2;
        case CellKind::SingleS16: return 1;
    }
    return 1;
}

std::size_t bytes_of(CellKind kind) {
    const bool wide = kind == CellKind::QuadU8 || kind == CellKind::PairS16;
    return static_cast<std::size_t>(kLanes) * (wide ? 4 : 2);
}

bool CellFormat::holds(LaneType type) const {
    const bool bytes = type == LaneType::U8 || type == LaneType::S8;
    switch (kind) {
        case CellKind::QuadU8: return bytes;
        case CellKind::PairU8: return type == LaneType::U8;
        case CellKind::PairS16:
        case CellKind::SingleS16: return bytes || type == LaneType::S16;
    }
    return false;
}

CellMap::CellMap(const LinearTerms& terms, CellFormat format, Isa isa)
    : terms_(terms), format_(format), kernels_(cell_kernels(isa)) {}

CellPlace CellMap::add(const CellElements& elements) {
    CellPlace place{elements.at[0].y, elements.at[0].x, 0};
    CellElements slot = elements;
    for (std::size_t i = 0; i < slot.count; ++i) slot.at[i].y -= place.y, slot.at[i].x -= place.x;
    place.slot = slot_of(slot);
    if (last_place_[place.slot] == place) return place;
    last_place_[place.slot] = place;
    places_.push_back(place);
    return place;
}

std::size_t CellMap::slot_of(const CellElements& elements) {
    const auto mixed = [](std::uint64_t hash, std::int64_t number) {
        return (hash ^ static_cast<std::uint64_t>(number)) * 0x9e3779b97f4a7c15U;
    };
    // The first and the last element mostly tell a cell from all others.
    const auto home = [&](const CellElements& e) {
        const Element& last = e.at[e.count > 0 ? e.count - 1 : 0];
        std::uint64_t hash = mixed(e.count, e.at[0].c);
        for (const std::int64_t part : {last.y, last.x, last.c}) hash = mixed(hash, part);
        return static_cast<std::size_t>(hash >> 32) & (table_.size() - 1);
    };
    if (2 * slots_.size() >= table_.size()) {
        table_.assign(std::max<std::size_t>(64, 4 * table_.size()), 0);
        for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
            std::size_t at = home(slots_[slot]);
            while (table_[at] != 0) at = (at + 1) & (table_.size() - 1);
            table_[at] = static_cast<std::uint32_t>(slot + 1);
        }
    }
    std::size_t at = home(elements);
    for (; table_[at] != 0; at = (at + 1) & (table_.size() - 1)) {
        if (slots_[table_[at] - 1] == elements) return table_[at] - 1;
    }
    slots_.push_back(elements);
    last_place_.push_back({-1, -1, 0});
    table_[at] = static_cast<std::uint32_t>(slots_.size());
    return slots_.size() - 1;
}

std::int64_t CellMap::cell(std::int64_t row, std::int64_t column, std::int64_t group, std::size_t slot) const {
    const auto slots = static_cast<std::int64_t>(slots_.size());
    return ((row * width_ + column) * terms_.groups + group) * slots + static_cast<std::int64_t>(slot);
}

void CellMap::complete() {
    const auto key = [](const CellPlace& p) { return std::tuple(p.y, p.x, p.slot); };
    std::sort(places_.begin(), places_.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
    places_.erase(std::unique(places_.begin(), places_.end()), places_.end());
    std::int64_t right = 0;
    for (const CellPlace& p : places_) reach_ = std::max(reach_, p.y + 1), right = std::max(right, p.x + 1);
    height_ = (terms_.out_height - 1) * terms_.stride_y + reach_;
    width_ = (terms_.out_width - 1) * terms_.stride_x + right;

    const auto cells = static_cast<std::size_t>(cell(height_, 0, 0, 0));
    std::vector<bool> used(cells);
    for (std::int64_t y = 0; y < terms_.out_height; ++y)
        for (std::int64_t x = 0; x < terms_.out_width; ++x)
            for (const CellPlace& p : places_)
                for (std::int64_t g = 0; g < terms_.groups; ++g)
                    used[static_cast<std::size_t>(
                        cell(y * terms_.stride_y + p.y, x * terms_.stride_x + p.x, g, p.slot))] = true;

    std::size_t number = 0;
    for (std::int64_t row = 0; row < height_; ++row) {
        row_begin_.push_back(builds_.size());
        for (std::int64_t column = 0; column < width_; ++column) {
            for (std::int64_t g = 0; g < terms_.groups; ++g) {
                for (const CellElements& slot : slots_) {
                    CellBuild build{static_cast<std::int64_t>(number), {-1, -1, -1, -1}};
                    for (std::size_t i = 0; i < slot.count; ++i) {
                        build.planes[i] = terms_.plane_at(row - terms_.pad_top + slot.at[i].y,
                                                          column - terms_.pad_left + slot.at[i].x, g, slot.at[i].c);
                    }
                    if (used[number++]) builds_.push_back(build);
                }
            }
        }
    }
    row_begin_.push_back(builds_.size());
}

std::uint32_t CellMap::offset(const CellPlace& place) const {
    return static_cast<std::uint32_t>(static_cast<std::size_t>(cell(place.y, place.x, 0, place.slot)) *
                                      bytes_of(format_.kind));
}

std::size_t CellMap::column_bytes() const {
    return static_cast<std::size_t>(cell(0, terms_.stride_x, 0, 0)) * bytes_of(format_.kind);
}

const std::byte* CellMap::window(std::int64_t y, std::int64_t x, std::int64_t group, const Planes& in,
                                 CellRoom& room) const {
    const std::size_t bytes = bytes_of(format_.kind);
    std::byte* const cells = room.cells.get(static_cast<std::size_t>(cell(height_, 0, 0, 0)) * bytes);
    const std::int64_t rows = y * terms_.stride_y + reach_;
    if (room.rows < rows) {
        const std::size_t first = row_begin_[static_cast<std::size_t>(room.rows)];
        const std::size_t end = row_begin_[static_cast<std::size_t>(rows)];
        kernels_.build(format_, builds_.data() + first, end - first, in, cells);
        room.rows = rows;
    }
    return cells + static_cast<std::size_t>(cell(y * terms_.stride_y, x * terms_.stride_x, group, 0)) * bytes;
}

}  // namespace bittrue::emulator::linear
