// The slope of the site scalars by the positions, in one pass over the atoms.
//
// A block is as many atoms as a vector has lanes. All of it, from the vectors to the neighbours to
// the slopes by them, stays in cache: no array of edges is ever in memory.
#include "site.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "atom_network.hpp"

namespace longstride {

namespace {

template <class T>
class Kernel final : public SiteKernel {
  public:
    explicit Kernel(const SiteNetwork& n)
        : net_(n), radial_(n.radial), network_(net_) {}

    void slope(const PairList& pairs, const int64_t* species, int number, Pool& pool,
               double* slope) override {
        const int64_t n_atoms = pairs.n_atoms();
        while (int(workspaces_.size()) < pool.size())
            workspaces_.push_back(std::make_unique<Workspace>(network_));
        for (auto& work : workspaces_) work->force.resize(n_atoms);
        pool.each([&](int k) {
            auto& force = workspaces_[k]->force;
            std::memset(force.data(), 0, force.size() * sizeof(force[0]));
        });
        pool.share(n_atoms, L, [&](int k, int64_t first, int64_t last) {
            for (int64_t begin = first; begin < last; begin += L)
                block(pairs, species, number, begin, int(std::min<int64_t>(L, last - begin)),
                      *workspaces_[k]);
        });
        pool.share(n_atoms, 1, [&](int, int64_t first, int64_t last) {
            for (int64_t i = first; i < last; ++i)
                for (int x = 0; x < 3; ++x) {
                    double sum = 0.0;
                    for (int k = 0; k < pool.size(); ++k) sum += workspaces_[k]->force[i][x];
                    slope[3 * i + x] = sum;
                }
        });
    }

  private:
    static constexpr int L = lanes<T>;
    using V = Vec<T>;
    using Row = std::array<T, 4>;

    // Arrays of one thread, with atoms in the lanes.
    struct Workspace {
        explicit Workspace(const AtomNetwork<T>& network)
            : moments(network.channels() * COMPONENTS), given(moments.size()), atoms(network) {}

        void widen(size_t slots) {
            if (owner.size() >= slots * L) return;
            owner.resize(slots * L);
            for (auto& part : vector) part.resize(slots);
        }
        std::vector<Row> force;
        std::vector<int32_t> near;            // images inside the cutoff of one atom
        std::vector<int32_t> owner;           // (slot, lane) second atom of the pair
        std::array<std::vector<V>, 3> vector; // to it in Å, then the slope by it
        std::vector<V> moments, given;
        typename AtomNetwork<T>::Workspace atoms;
    };

    void block(const PairList& pairs, const int64_t* species, int number, int64_t begin, int size,
               Workspace& w) {
        const int slots = gather(pairs, begin, size, w);
        sum_moments(species, slots, w);
        network_.slopes(w.moments.data(), species, number, begin, size, w.atoms, w.given.data());
        pair_slopes(species, slots, w);
        scatter(begin, size, slots, w);
    }

    // Vectors to the neighbours inside the cutoff; returns the number of slots in use. A lane with
    // fewer neighbours is filled with its own atom beyond the cutoff, which adds exactly nothing
    // (at the cutoff it would add denormal numbers, which take hundreds of cycles each).
    int gather(const PairList& pairs, int64_t begin, int size, Workspace& w) {
        const Images& images = pairs.images();
        const double* place = images.place.data();
        // Single precision decides what is looked at; a pair just beyond the cutoff adds nothing.
        const float square = float(1.0001 * net_.radial.cutoff * net_.radial.cutoff);
        int filled[L] = {}, most = 0;
        for (int lane = 0; lane < size; ++lane) {
            int count, near = 0;
            const int32_t* candidates = pairs.pairs_of(begin + lane, count);
            if (int(w.near.size()) <= count) w.near.resize(count + 1);
            const int32_t self = images.self[begin + lane];
            const Rough center = images.rough[self];
            for (int s = 0; s < count; ++s) {
                const Rough d = images.rough[candidates[s]] - center;
                w.near[near] = candidates[s];
                near += d[0] * d[0] + d[1] * d[1] + d[2] * d[2] < square;
            }
            w.widen(std::max(most, near));
            T* out[3];
            for (int c = 0; c < 3; ++c) out[c] = reinterpret_cast<T*>(w.vector[c].data()) + lane;
            for (int s = 0; s < near; ++s) {
                const int64_t e = w.near[s];
                for (int c = 0; c < 3; ++c) out[c][s * L] = T(place[3 * e + c] - place[3 * self + c]);
                w.owner[s * L + lane] = images.owner[e];
            }
            filled[lane] = near;
            most = std::max(most, near);
        }
        for (int lane = 0; lane < L; ++lane)
            for (int s = filled[lane]; s < most; ++s) {
                w.vector[0][s][lane] = T(1.01 * net_.radial.cutoff);
                w.vector[1][s][lane] = w.vector[2][s][lane] = T(0);
                w.owner[s * L + lane] = int32_t(begin);
            }
        return most;
    }

    // One where the neighbour is of this species.
    V of_species(const int64_t* species, int which, int slot, const Workspace& w) const {
        V mask;
        for (int lane = 0; lane < L; ++lane)
            mask[lane] = species[w.owner[slot * L + lane]] == which ? T(1) : T(0);
        return mask;
    }

    // Geometry of one slot's pairs.
    struct Edge {
        V length, inverse, unit[3], component[COMPONENTS];
    };

    Edge edge_at(int slot, const Workspace& w) const {
        Edge e;
        const V x = w.vector[0][slot], y = w.vector[1][slot], z = w.vector[2][slot];
        e.length = square_root<T>(x * x + y * y + z * z);
        e.inverse = T(1) / e.length;
        e.unit[0] = x * e.inverse;
        e.unit[1] = y * e.inverse;
        e.unit[2] = z * e.inverse;
        components<T>(e.unit, e.component);
        return e;
    }

    // Slots that are worked on together, and share what is loaded for them.
    static constexpr int PAIR = 2;

    void sum_moments(const int64_t* species, int slots, Workspace& w) {
        const int n = radial_.n;
        std::memset(w.moments.data(), 0, w.moments.size() * sizeof(V));
        for (int slot = 0; slot < slots; slot += PAIR) {
            Edge edge[PAIR];
            V value[PAIR][MAX_RADIAL];
            for (int s = 0; s < PAIR; ++s) {
                edge[s] = edge_at(std::min(slot + s, slots - 1), w);
                radial_(edge[s].length, value[s]);
                if (slot + s == slots) std::memset(value[s], 0, n * sizeof(V));
            }
            for (int which = 0; which < net_.species; ++which) {
                V mask[PAIR];
                for (int s = 0; s < PAIR; ++s)
                    mask[s] = net_.species == 1
                                  ? broadcast<T>(T(1))
                                  : of_species(species, which, std::min(slot + s, slots - 1), w);
                V* moment = w.moments.data() + which * n * COMPONENTS;
                for (int k = 0; k < n; ++k, moment += COMPONENTS) {
                    const V first = value[0][k] * mask[0], second = value[1][k] * mask[1];
                    moment[0] += first + second;
#pragma GCC unroll 16
                    for (int c = 1; c < COMPONENTS; ++c)
                        moment[c] += first * edge[0].component[c] + second * edge[1].component[c];
                }
            }
        }
    }

    // Slopes by the vectors to the neighbours, in their place.
    void pair_slopes(const int64_t* species, int slots, Workspace& w) {
        const int n = radial_.n;
        for (int slot = 0; slot < slots; slot += PAIR) {
            Edge edge[PAIR];
            V value[PAIR][MAX_RADIAL], slope[PAIR][MAX_RADIAL];
            for (int s = 0; s < PAIR; ++s) {
                edge[s] = edge_at(std::min(slot + s, slots - 1), w);
                radial_(edge[s].length, value[s], slope[s]);
            }
            V along[PAIR] = {}, by[PAIR][COMPONENTS] = {};
            if (net_.species == 1) {
                pull(w.given.data(), edge, value, slope, along, by);
            } else {
                for (int which = 0; which < net_.species; ++which) {
                    V own[PAIR][MAX_RADIAL], own_slope[PAIR][MAX_RADIAL];
                    for (int s = 0; s < PAIR; ++s) {
                        const V mask = of_species(species, which, std::min(slot + s, slots - 1), w);
                        for (int k = 0; k < n; ++k) {
                            own[s][k] = value[s][k] * mask;
                            own_slope[s][k] = slope[s][k] * mask;
                        }
                    }
                    pull(w.given.data() + which * n * COMPONENTS, edge, own, own_slope, along, by);
                }
            }
            for (int s = 0; s < PAIR && slot + s < slots; ++s) {
                const Edge& e = edge[s];
                V by_u[3];
                component_slopes<T>(e.unit, by[s], by_u);
                const V turning = by_u[0] * e.unit[0] + by_u[1] * e.unit[1] + by_u[2] * e.unit[2];
                const V radial = along[s] - turning * e.inverse;
                for (int x = 0; x < 3; ++x)
                    w.vector[x][slot + s] = radial * e.unit[x] + by_u[x] * e.inverse;
            }
        }
    }

    // Adds the slopes of one species' channels: by the length, and by the components.
    void pull(const V* given, const Edge* edge, const V (*value)[MAX_RADIAL],
              const V (*slope)[MAX_RADIAL], V* along, V (*by)[COMPONENTS]) const {
        for (int k = 0; k < radial_.n; ++k, given += COMPONENTS) {
            V sum[PAIR];
            for (int s = 0; s < PAIR; ++s) sum[s] = given[0];
#pragma GCC unroll 16
            for (int c = 1; c < COMPONENTS; ++c) {
                const V g = given[c];
                for (int s = 0; s < PAIR; ++s) {
                    sum[s] += g * edge[s].component[c];
                    by[s][c] += g * value[s][k];
                }
            }
            for (int s = 0; s < PAIR; ++s) along[s] += sum[s] * slope[s][k];
        }
    }

    // A pair pulls its second atom by its slope, and its first the other way.
    void scatter(int64_t begin, int size, int slots, Workspace& w) const {
        const T* slope[3];
        for (int x = 0; x < 3; ++x) slope[x] = reinterpret_cast<const T*>(w.vector[x].data());
        for (int lane = 0; lane < size; ++lane) {
            Row own = {};
            for (int s = 0; s < slots; ++s) {
                const int at = s * L + lane;
                Row& other = w.force[w.owner[at]];
                for (int x = 0; x < 3; ++x) {
                    other[x] += slope[x][at];
                    own[x] -= slope[x][at];
                }
            }
            for (int x = 0; x < 3; ++x) w.force[begin + lane][x] += own[x];
        }
    }

    const SiteNetwork net_;
    const Radial<T> radial_;
    const AtomNetwork<T> network_;
    std::vector<std::unique_ptr<Workspace>> workspaces_;
};

}  // namespace

std::unique_ptr<SiteKernel> site_kernel(const SiteNetwork& network, bool single) {
    if (single) return std::make_unique<Kernel<float>>(network);
    return std::make_unique<Kernel<double>>(network);
}

}  // namespace longstride
