// Kicks: the slope of a site scalar by the positions, over the masses, in one pass over the atoms.
//
// A block is as many atoms as a vector has lanes. All of it, from the vectors to the neighbours to
// the slopes by them, stays in cache: no array of edges is ever in memory.
#include "site.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "atom_network.hpp"
#include "neighbourhoods.hpp"

namespace longstride {

namespace {

template <class T>
class Kernel final : public SiteKernel {
  public:
    explicit Kernel(const SiteNetwork& n) : net_(n), radial_(n.radial), network_(net_) {}

    void kick(const PairList& pairs, const int64_t* species, int64_t centres, int number,
              Pool& pool, double* change) override {
        const int64_t n_atoms = pairs.n_atoms();
        prepare(pool);
        for (auto& work : workspaces_) work->forces.resize(n_atoms);
        pool.each([&](int k) {
            auto& forces = workspaces_[k]->forces;
            std::memset(forces.data(), 0, forces.size() * sizeof(forces[0]));
        });
        each_block(pairs, species, centres, number, pool, nullptr, [&](Workspace& w, int slots) {
            V total[3] = {};
            pull(species, slots, w, [&](int slot, const V* slope) {
                for (int x = 0; x < 3; ++x) total[x] += slope[x];
                w.near.pull(slot, slope, w.forces);
            });
            w.near.push(total, w.forces);
        });
        pool.share(n_atoms, 1, [&](int, int64_t first, int64_t last) {
            for (int64_t i = first; i < last; ++i) {
                const double mass = net_.masses[species[i]];
                for (int x = 0; x < 3; ++x) {
                    double slope = 0.0;
                    for (int k = 0; k < pool.size(); ++k) slope += workspaces_[k]->forces[i][x];
                    change[3 * i + x] = -slope / mass;
                }
            }
        });
    }

    void evaluate(const PairList& pairs, const int64_t* species, int64_t centres, int number,
                  Pool& pool, double* values, double* by_strain) override {
        prepare(pool);
        for (auto& work : workspaces_) work->by_strain.fill(0.0);
        each_block(pairs, species, centres, number, pool, values, [&](Workspace& w, int slots) {
            V sum[9] = {};
            pull(species, slots, w, [&](int slot, const V* slope) {
                for (int x = 0; x < 3; ++x)
                    for (int y = 0; y < 3; ++y) sum[3 * x + y] += slope[x] * w.near.vector[y][slot];
            });
            for (int m = 0; m < 9; ++m)
                for (int lane = 0; lane < L; ++lane) w.by_strain[m] += sum[m][lane];
        });
        for (int m = 0; m < 9; ++m) {
            by_strain[m] = 0.0;
            for (int k = 0; k < pool.size(); ++k) by_strain[m] += workspaces_[k]->by_strain[m];
        }
    }

    void survey(const PairList& pairs, const int64_t* species, int number, Pool& pool,
                double* values, double* distances, double* means) override {
        prepare(pool);
        pool.share(pairs.n_atoms(), L, [&](int k, int64_t first, int64_t last) {
            Workspace& w = *workspaces_[k];
            for (int64_t begin = first; begin < last; begin += L) {
                const int size = int(std::min<int64_t>(L, last - begin));
                sum_moments(species, w.near.find(pairs, begin, size), w);
                network_.survey(w.moments.data(), species, number, begin, size, w.atoms, values,
                                distances);
            }
        });
        const double reach = net_.radial.cutoff * net_.radial.cutoff;
        pool.share(pairs.n_atoms(), L, [&](int k, int64_t first, int64_t last) {
            auto& near = workspaces_[k]->near;
            for (int64_t begin = first; begin < last; begin += L) {
                const int size = int(std::min<int64_t>(L, last - begin));
                const int slots = near.find(pairs, begin, size);
                for (int lane = 0; lane < size; ++lane) {
                    double sum = distances[begin + lane];
                    int count = 1;
                    for (int slot = 0; slot < slots; ++slot) {
                        double square = 0.0;
                        for (const auto& axis : near.vector)
                            square += double(axis[slot][lane]) * axis[slot][lane];
                        if (square >= reach) continue;
                        sum += distances[near.owner[slot * L + lane]];
                        ++count;
                    }
                    means[begin + lane] = sum / count;
                }
            }
        });
    }

  private:
    static constexpr int L = lanes<T>;
    using V = Vec<T>;

    // Arrays of one thread, with atoms in the lanes.
    struct Workspace {
        explicit Workspace(const Kernel& kernel)
            : near(kernel.net_.radial.cutoff), moments(kernel.network_.channels() * COMPONENTS),
              given(moments.size()), atoms(kernel.network_) {}

        Forces<T> forces;
        std::array<double, 9> by_strain;
        Neighbourhoods<T> near;
        std::vector<V> edges;  // (slot) what both passes over the neighbours need
        std::vector<V> moments, given;
        typename AtomNetwork<T>::Workspace atoms;
    };

    void prepare(const Pool& pool) {
        while (int(workspaces_.size()) < pool.size())
            workspaces_.push_back(std::make_unique<Workspace>(*this));
    }

    // Calls finish(workspace, slots) for every block of the first `centres` atoms, once its slopes
    // by the moments are known.
    template <class Finish>
    void each_block(const PairList& pairs, const int64_t* species, int64_t centres, int number,
                    Pool& pool, double* values, Finish finish) {
        pool.share(centres, L, [&](int k, int64_t first, int64_t last) {
            Workspace& w = *workspaces_[k];
            for (int64_t begin = first; begin < last; begin += L) {
                const int size = int(std::min<int64_t>(L, last - begin));
                const int slots = w.near.find(pairs, begin, size);
                sum_moments(species, slots, w);
                network_.slopes(w.moments.data(), species, number, begin, size, w.atoms,
                                w.given.data(), values);
                finish(w, slots);
            }
        });
    }

    // What is kept of the pairs of a slot: the components without the first, which is one, and the
    // radial functions with their slopes as in ``Radial::steep``.
    struct Edge {
        V component[COMPONENTS - 1], inverse, steepness, value[];
    };

    int edge_size() const { return COMPONENTS + 1 + radial_.n; }
    Edge& edge(Workspace& w, int slot) const {
        return *reinterpret_cast<Edge*>(w.edges.data() + size_t(slot) * edge_size());
    }

    void find_edge(int slot, Workspace& w) const {
        const auto& vector = w.near.vector;
        const V x = vector[0][slot], y = vector[1][slot], z = vector[2][slot];
        const V square = x * x + y * y + z * z;
        Edge& e = edge(w, slot);
        e.inverse = inverse_square_root<T>(square);
        const V unit[3] = {x * e.inverse, y * e.inverse, z * e.inverse};
        V component[COMPONENTS];
        components<T>(unit, component);
        for (int c = 1; c < COMPONENTS; ++c) e.component[c - 1] = component[c];
        radial_.steep(square * e.inverse, e.value, e.steepness);
    }

    // One where the neighbour is of this species.
    V of_species(const int64_t* species, int which, int slot, const Workspace& w) const {
        V mask;
        for (int lane = 0; lane < L; ++lane)
            mask[lane] = species[w.near.owner[slot * L + lane]] == which ? T(1) : T(0);
        return mask;
    }

    // Slots that are worked on together: what they need stays in the nearest cache.
    static constexpr int BATCH = 16;

    void sum_moments(const int64_t* species, int slots, Workspace& w) {
        if (w.edges.size() < size_t(slots) * edge_size()) w.edges.resize(slots * edge_size());
        std::memset(w.moments.data(), 0, w.moments.size() * sizeof(V));
        V mask[BATCH];
        for (int first = 0; first < slots; first += BATCH) {
            const int last = std::min(first + BATCH, slots);
            for (int slot = first; slot < last; ++slot) find_edge(slot, w);
            V* moment = w.moments.data();
            for (int which = 0; which < net_.species; ++which) {
                if (net_.species > 1)
                    for (int slot = first; slot < last; ++slot)
                        mask[slot - first] = of_species(species, which, slot, w);
                for (int k = 0; k < radial_.n;) {
                    const int left = radial_.n - k;
                    const int group = left >= 5 || left == 3 ? 3 : std::min(left, 2);
                    if (group == 3) add_moments<3>(k, first, last, mask, w, moment);
                    if (group == 2) add_moments<2>(k, first, last, mask, w, moment);
                    if (group == 1) add_moments<1>(k, first, last, mask, w, moment);
                    moment += group * COMPONENTS;
                    k += group;
                }
            }
        }
    }

    // Adds a batch to the moments of GROUP radial functions, which stay in registers.
    template <int GROUP>
    void add_moments(int k, int first, int last, const V* mask, Workspace& w, V* moment) const {
        V sum[GROUP * COMPONENTS];
#pragma GCC unroll 32
        for (int m = 0; m < GROUP * COMPONENTS; ++m) sum[m] = moment[m];
        for (int slot = first; slot < last; ++slot) {
            const Edge& e = edge(w, slot);
            V value[GROUP];
#pragma GCC unroll 3
            for (int g = 0; g < GROUP; ++g) {
                value[g] = e.value[k + g];
                if (net_.species > 1) value[g] *= mask[slot - first];
                sum[g * COMPONENTS] += value[g];
            }
#pragma GCC unroll 8
            for (int c = 1; c < COMPONENTS; ++c) {
                const V component = e.component[c - 1];
#pragma GCC unroll 3
                for (int g = 0; g < GROUP; ++g) sum[g * COMPONENTS + c] += value[g] * component;
            }
        }
#pragma GCC unroll 32
        for (int m = 0; m < GROUP * COMPONENTS; ++m) moment[m] = sum[m];
    }

    // Calls give(slot, slope) with the slopes by the vectors to the neighbours.
    template <class Give>
    void pull(const int64_t* species, int slots, Workspace& w, Give give) const {
        for (int slot = 0; slot < slots; ++slot) {
            const Edge& e = edge(w, slot);
            V along = {}, by[COMPONENTS] = {};
            if (net_.species == 1) {
                add_slopes(w.given.data(), e, along, by);
            } else {
                for (int which = 0; which < net_.species; ++which) {
                    const V mask = of_species(species, which, slot, w);
                    V own_along = {}, own[COMPONENTS] = {};
                    add_slopes(w.given.data() + which * radial_.n * COMPONENTS, e, own_along, own);
                    along += mask * own_along;
                    for (int c = 1; c < COMPONENTS; ++c) by[c] += mask * own[c];
                }
            }
            V by_unit[3], slope[3];
            const V* unit = e.component;
            component_slopes<T>(unit, by, by_unit);
            const V turning = by_unit[0] * unit[0] + by_unit[1] * unit[1] + by_unit[2] * unit[2];
            const V radial = along - turning * e.inverse;
            for (int x = 0; x < 3; ++x) slope[x] = radial * unit[x] + by_unit[x] * e.inverse;
            give(slot, slope);
        }
    }

    // Adds the slopes of one species' channels: by the length, and by the components.
    void add_slopes(const V* given, const Edge& e, V& along, V* by) const {
        for (int k = 0; k < radial_.n; ++k, given += COMPONENTS) {
            const V value = e.value[k];
            V sum = given[0];
#pragma GCC unroll 8
            for (int c = 1; c < COMPONENTS; ++c) {
                sum += given[c] * e.component[c - 1];
                by[c] += given[c] * value;
            }
            along += sum * (value * (e.steepness + T(k) * radial_.per_width));
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
