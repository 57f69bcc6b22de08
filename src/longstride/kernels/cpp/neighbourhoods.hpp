// The pairs inside the cutoff of as many atoms as a vector has lanes: slot s holds the s-th
// neighbour of every one of them. Vectors come out of the list here, and slopes go back to atoms.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>
#include <vector>

#include "pairs.hpp"
#include "selection.hpp"
#include "simd.hpp"
#include "transposition.hpp"

namespace longstride {

// Sums of slopes by the positions of atoms, padded to four numbers.
template <class T>
using Forces = std::vector<std::array<T, 4>>;

template <class T>
class Neighbourhoods {
  public:
    explicit Neighbourhoods(double cutoff)
        : square_(float(1.0001 * cutoff * cutoff)), beyond_(T(1.01 * cutoff)) {}

    // Fills the slots for `size` atoms from `begin` on; returns how many are in use. A lane with
    // fewer neighbours is filled with its block's first atom beyond the cutoff, which adds exactly
    // nothing (at the cutoff it would add denormal numbers, which take hundreds of cycles each).
    int find(const PairList& pairs, int64_t begin, int size) {
        begin_ = begin;
        size_ = size;
        int filled[L] = {}, most = 0;
        for (int lane = 0; lane < size; ++lane) {
            int count;
            const int32_t* candidates = pairs.pairs_of(begin + lane, count);
            reserve(count);
            filled[lane] = find_one(pairs, begin + lane, candidates, count, lane);
            most = std::max(most, filled[lane]);
        }
        for (int lane = 0; lane < L; ++lane)
            for (int s = filled[lane]; s < most; ++s) {
                row(0, lane)[s] = beyond_;
                row(1, lane)[s] = row(2, lane)[s] = T(0);
                owner_row(lane)[s] = int32_t(begin);
            }
        for (int first = 0; first < most; first += L) {
            for (int x = 0; x < 3; ++x)
                transpose<T>(row(x, 0) + first, capacity_, &vector[x][first]);
            transpose<int32_t, L>(owner_row(0) + first, capacity_, &owner[first * L]);
        }
        return most;
    }

    // A pair pulls its second atom by the slope of this slot.
    void pull(int slot, const Vec<T>* slope, Forces<T>& forces) const {
        alignas(64) std::array<T, 4> rows[L];
        rows_of<T>(slope, rows);
        const int32_t* atoms = owner.data() + slot * L;
        for (int lane = 0; lane < L; ++lane) {
            auto& force = forces[atoms[row_order<T>(lane)]];
            for (int x = 0; x < 4; ++x) force[x] += rows[lane][x];
        }
    }

    // And its first atom by the sum of them, the other way.
    void push(const Vec<T>* sum, Forces<T>& forces) const {
        for (int lane = 0; lane < size_; ++lane)
            for (int x = 0; x < 3; ++x) forces[begin_ + lane][x] -= sum[x][lane];
    }

    std::array<std::vector<Vec<T>>, 3> vector;  // (slot) to the second atom of the pair, Å
    std::vector<int32_t> owner;                 // (slot, lane) this atom

  private:
    static constexpr int L = lanes<T>;

    T* row(int x, int lane) { return rows_[x].data() + lane * capacity_; }
    int32_t* owner_row(int lane) { return owners_.data() + lane * capacity_; }

    // Room for `count` neighbours of each atom; what is there is kept.
    void reserve(int count) {
        const int64_t needed = (count + L - 1) / L * L + L;
        if (needed <= capacity_) return;
        for (auto& part : rows_) widen(part, needed);
        widen(owners_, needed);
        for (auto& part : vector) part.resize(needed);
        owner.resize(needed * L);
        capacity_ = needed;
    }

    template <class U>
    void widen(std::vector<U>& part, int64_t needed) {
        std::vector<U> wider(needed * L);
        for (int lane = 0; lane < L && capacity_ > 0; ++lane)
            std::copy_n(part.data() + lane * capacity_, capacity_, wider.data() + lane * needed);
        part.swap(wider);
    }

    // Pairs of one atom inside the cutoff, into the rows of its lane; returns how many. What is
    // looked at is decided in single precision: a pair just beyond the cutoff adds nothing.
    int find_one(const PairList& pairs, int64_t atom, const int32_t* candidates, int count,
                 int lane) {
        const Images& images = pairs.images();
        const int32_t self = images.self[atom];
        T* out[3] = {row(0, lane), row(1, lane), row(2, lane)};
        int32_t* owners = owner_row(lane);
        if constexpr (std::is_same_v<T, float>)
            return select_near(images.fixed.data(), candidates, count, images.fixed[self],
                               float(FIXED), square_, out, owners);
        const Fixed center = images.fixed[self];
        int near = 0;
        for (int s = 0; s < count; ++s) {
            const int32_t e = candidates[s];
            const Fixed d = images.fixed[e] - center;
            const float x = float(int32_t(d[0])) * float(FIXED);
            const float y = float(int32_t(d[1])) * float(FIXED);
            const float z = float(int32_t(d[2])) * float(FIXED);
            if constexpr (std::is_same_v<T, double>) {
                for (int c = 0; c < 3; ++c)
                    out[c][near] = images.place[3 * e + c] - images.place[3 * self + c];
            } else {
                out[0][near] = x;
                out[1][near] = y;
                out[2][near] = z;
            }
            owners[near] = int32_t(images.fixed[e][3]);
            near += x * x + y * y + z * z < square_;
        }
        return near;
    }

    const float square_;
    const T beyond_;
    int64_t begin_ = 0, capacity_ = 0;
    int size_ = 0;
    std::array<std::vector<T>, 3> rows_;  // (lane, neighbour)
    std::vector<int32_t> owners_;         // (lane, neighbour)
};

}  // namespace longstride
