// Kicks: the slope of a site scalar by the positions, over the masses, in one pass over the atoms.
//
// A block is as many atoms as a vector has lanes. All of it, from the vectors to the neighbours to
// the slopes by them, stays in cache: no array of edges is ever in memory.
#include "site.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "atom_network.hpp"
#include "neighbourhoods.hpp"
#include "pair_terms.hpp"

namespace longstride {

namespace {

template <class T>
class Kernel final : public SiteKernel {
  public:
    explicit Kernel(const SiteNetwork& n)
        : net_(n), terms_(n.radial, n.species), network_(net_) {}

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
            terms_.pull(slots, w.terms, w.given.data(), [&](int slot, const V* slope) {
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
            terms_.pull(slots, w.terms, w.given.data(), [&](int slot, const V* slope) {
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
                const int slots = w.near.find(pairs, begin, size);
                terms_.sum_moments(w.near, species, slots, w.terms, w.moments.data());
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
            : near(kernel.net_.radial.cutoff), moments(kernel.terms_.channels() * COMPONENTS),
              given(moments.size()), atoms(kernel.network_) {}

        Forces<T> forces;
        std::array<double, 9> by_strain;
        Neighbourhoods<T> near;
        typename PairTerms<T>::Workspace terms;
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
                terms_.sum_moments(w.near, species, slots, w.terms, w.moments.data());
                network_.slopes(w.moments.data(), species, number, begin, size, w.atoms,
                                w.given.data(), values);
                finish(w, slots);
            }
        });
    }

    const SiteNetwork net_;
    const PairTerms<T> terms_;
    const AtomNetwork<T> network_;
    std::vector<std::unique_ptr<Workspace>> workspaces_;
};

}  // namespace

std::unique_ptr<SiteKernel> site_kernel(const SiteNetwork& network, bool single) {
    if (single) return std::make_unique<Kernel<float>>(network);
    return std::make_unique<Kernel<double>>(network);
}

}  // namespace longstride
