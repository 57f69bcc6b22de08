// The part of a site scalar that works on pairs: from vectors to the neighbours to the moments of the
// atoms, and from slopes by the moments back to slopes by the vectors. A slot is one neighbour of
// each atom in the lanes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "moments.hpp"
#include "neighbourhoods.hpp"

namespace longstride {

template <class T>
class PairTerms {
  public:
    PairTerms(const RadialShape& shape, int species) : radial_(shape), species_(species) {}

    int channels() const { return radial_.n * species_; }

    // Arrays of one thread.
    struct Workspace {
        std::vector<Vec<T>> edges;  // (slot) what both passes over the neighbours need
        std::vector<Vec<T>> kinds;  // (slot) species of the neighbours, where there are several
    };

    // Moments (C, 9) of the atoms in the lanes.
    void sum_moments(const Neighbourhoods<T>& near, const int64_t* species, int slots, Workspace& w,
                     Vec<T>* moments) const {
        if (w.edges.size() < size_t(slots) * edge_size()) w.edges.resize(slots * edge_size());
        if (species_ > 1) find_kinds(near, species, slots, w);
        std::memset(moments, 0, sizeof(V) * channels() * COMPONENTS);
        V mask[BATCH];
        for (int first = 0; first < slots; first += BATCH) {
            const int last = std::min(first + BATCH, slots);
            for (int slot = first; slot < last; ++slot) find_edge(near, slot, w);
            V* moment = moments;
            for (int which = 0; which < species_; ++which) {
                if (species_ > 1)
                    for (int slot = first; slot < last; ++slot)
                        mask[slot - first] = of_species(which, slot, w);
                for (int k = 0; k < radial_.n; k += FUNCTIONS) {
                    const int functions = std::min(FUNCTIONS, radial_.n - k);
                    for (int c = 0; c < COMPONENTS; c += ACROSS) {
                        const Batch batch{k, c, first, last, mask};
                        if (functions == 3) add_moments<3>(batch, w, moment + c);
                        if (functions == 2) add_moments<2>(batch, w, moment + c);
                        if (functions == 1) add_moments<1>(batch, w, moment + c);
                    }
                    moment += functions * COMPONENTS;
                }
            }
        }
    }

    // Calls give(slot, slope) with the slopes by the vectors to the neighbours, from those `given`
    // (C, 9) by the moments; after `sum_moments`.
    template <class Give>
    void pull(int slots, Workspace& w, const Vec<T>* given, Give give) const {
        for (int slot = 0; slot < slots; ++slot) {
            const Edge& e = edge(w, slot);
            V along = {}, by[COMPONENTS] = {};
            for (int which = 0; which < species_; ++which)
                add_slopes(given + which * radial_.n * COMPONENTS, e, of_species(which, slot, w),
                           along, by);
            V by_unit[3], slope[3];
            const V* unit = e.component + 1;
            component_slopes<T>(unit, by, by_unit);
            const V turning = by_unit[0] * unit[0] + by_unit[1] * unit[1] + by_unit[2] * unit[2];
            const V radial = along - turning * e.inverse;
            for (int x = 0; x < 3; ++x) slope[x] = radial * unit[x] + by_unit[x] * e.inverse;
            give(slot, slope);
        }
    }

  private:
    using V = Vec<T>;
    static constexpr int L = lanes<T>;

    // Slots that are worked on together: what they need stays in the nearest cache.
    static constexpr int BATCH = 16;

    // Moments are summed in registers: so many radial functions times so many components at once.
    static constexpr int FUNCTIONS = 3, ACROSS = REGISTERS == 32 ? 9 : 3;

    // What is kept of the pairs of a slot: the components, and the radial functions with their slopes
    // as in ``Radial::steep``.
    struct Edge {
        V component[COMPONENTS], inverse, steepness, value[];
    };

    int edge_size() const { return COMPONENTS + 2 + radial_.n; }
    Edge& edge(Workspace& w, int slot) const {
        return *reinterpret_cast<Edge*>(w.edges.data() + size_t(slot) * edge_size());
    }

    void find_edge(const Neighbourhoods<T>& near, int slot, Workspace& w) const {
        const V x = near.vector[0][slot], y = near.vector[1][slot], z = near.vector[2][slot];
        const V square = x * x + y * y + z * z;
        Edge& e = edge(w, slot);
        e.inverse = inverse_square_root<T>(square);
        const V unit[3] = {x * e.inverse, y * e.inverse, z * e.inverse};
        components<T>(unit, e.component);
        radial_.steep(square * e.inverse, e.value, e.steepness);
    }

    void find_kinds(const Neighbourhoods<T>& near, const int64_t* species, int slots,
                    Workspace& w) const {
        if (w.kinds.size() < size_t(slots)) w.kinds.resize(slots);
        for (int slot = 0; slot < slots; ++slot)
            for (int lane = 0; lane < L; ++lane)
                w.kinds[slot][lane] = T(species[near.owner[slot * L + lane]]);
    }

    // One where the neighbour is of this species.
    V of_species(int which, int slot, const Workspace& w) const {
        if (species_ == 1) return broadcast<T>(T(1));
        return w.kinds[slot] == T(which) ? broadcast<T>(T(1)) : V{};
    }

    // Slots `first` to `last`, and the radial function and component to begin with.
    struct Batch {
        int k, c, first, last;
        const V* mask;
    };

    // Adds a batch to ACROSS components of the moments of N radial functions.
    template <int N>
    void add_moments(const Batch& batch, Workspace& w, V* moment) const {
        V sum[N][ACROSS];
#pragma GCC unroll 3
        for (int n = 0; n < N; ++n)
#pragma GCC unroll 9
            for (int c = 0; c < ACROSS; ++c) sum[n][c] = moment[n * COMPONENTS + c];
        for (int slot = batch.first; slot < batch.last; ++slot) {
            const Edge& e = edge(w, slot);
            V value[N];
#pragma GCC unroll 3
            for (int n = 0; n < N; ++n) {
                value[n] = e.value[batch.k + n];
                if (species_ > 1) value[n] *= batch.mask[slot - batch.first];
            }
#pragma GCC unroll 9
            for (int c = 0; c < ACROSS; ++c) {
                V component = e.component[batch.c + c];
                if (REGISTERS == 32) in_register(component);
#pragma GCC unroll 3
                for (int n = 0; n < N; ++n) sum[n][c] += value[n] * component;
            }
        }
#pragma GCC unroll 3
        for (int n = 0; n < N; ++n)
#pragma GCC unroll 9
            for (int c = 0; c < ACROSS; ++c) moment[n * COMPONENTS + c] = sum[n][c];
    }

    // Adds the slopes of one species' channels: by the length, and by the components.
    void add_slopes(const V* given, const Edge& e, V mask, V& along, V* by) const {
        V sum[COMPONENTS], stretched = along;
#pragma GCC unroll 9
        for (int c = 1; c < COMPONENTS; ++c) sum[c] = by[c];
        for (int k = 0; k < radial_.n; ++k, given += COMPONENTS) {
            V value = e.value[k], part = given[0];
            if (species_ > 1) value *= mask;
#pragma GCC unroll 9
            for (int c = 1; c < COMPONENTS; ++c) {
                V slope = given[c];
                in_register(slope);
                part += slope * e.component[c];
                sum[c] += slope * value;
            }
            stretched += part * (value * (e.steepness + radial_.offset[k]));
        }
        along = stretched;
#pragma GCC unroll 9
        for (int c = 1; c < COMPONENTS; ++c) by[c] = sum[c];
    }

    const Radial<T> radial_;
    const int species_;
};

}  // namespace longstride
