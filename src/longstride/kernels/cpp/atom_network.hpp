// The part of a site scalar that works on atoms: from moments to invariants, through the
// perceptrons, and back to slopes by the moments. Atoms lie in the lanes.
#pragma once

#include <vector>

#include "dense.hpp"
#include "invariants.hpp"
#include "novelty.hpp"
#include "site.hpp"

namespace longstride {

// Bound of the first layer's sums, as in ``model/whitening.py``.
constexpr double LIMIT = 3.0;

template <class T>
class AtomNetwork {
  public:
    explicit AtomNetwork(const SiteNetwork& n)
        : net_(n), invariants_(n.radial.functions * n.species),
          encode_(n.encode, n.invariants, n.hidden), mix_(n.mix, n.hidden, n.hidden),
          decode_(n.decode, n.hidden, n.hidden),
          encode_back_(transposed(n.encode, n.invariants, n.hidden), n.hidden, n.invariants),
          mix_back_(transposed(n.mix, n.hidden, n.hidden), n.hidden, n.hidden),
          decode_back_(transposed(n.decode, n.hidden, n.hidden), n.hidden, n.hidden),
          encode_bias_(n.encode_bias.begin(), n.encode_bias.end()),
          mix_bias_(n.mix_bias.begin(), n.mix_bias.end()),
          decode_bias_(n.decode_bias.begin(), n.decode_bias.end()),
          readout_(n.readout.begin(), n.readout.end()), linear_(n.linear.begin(), n.linear.end()),
          novelty_(n) {}

    // Arrays of one thread.
    struct Workspace {
        explicit Workspace(const AtomNetwork& network)
            : invariants(network.encode_back_.padded_columns()),
              invariant_slopes(invariants.size()), hidden(network.mix_.padded_columns()),
              mixed(hidden.size()), encode_slopes(hidden.size()), mix_slopes(hidden.size()),
              novelty(network.novelty_) {}

        std::vector<Vec<T>> invariants, invariant_slopes;
        std::vector<Vec<T>> hidden, mixed, encode_slopes, mix_slopes;
        typename NoveltyDistance<T>::Workspace novelty;
    };

    // Slopes `given` (C, 9) of scalar `number` by the moments (C, 9) of the atoms from `begin` on;
    // its values too, where they are asked for.
    void slopes(const Vec<T>* moments, const int64_t* species, int number, int64_t begin, int size,
                Workspace& w, Vec<T>* given, double* values = nullptr) const {
        invariants_.contract(moments, w.invariants.data());
        network(species, number, begin, size, w, values);
        invariants_.expand(moments, w.invariant_slopes.data(), given);
    }

    // Values of scalar `number` and distances to the training data of the atoms from `begin` on.
    void survey(const Vec<T>* moments, const int64_t* species, int number, int64_t begin, int size,
                Workspace& w, double* values, double* distances) const {
        invariants_.contract(moments, w.invariants.data());
        forward(species, number, begin, size, w, values);
        novelty_.measure(w.invariants.data(), species, begin, size, w.novelty, distances);
    }

  private:
    using V = Vec<T>;

    // Adds rows of a (S, n) table by the species of the block's atoms.
    void add_by_species(const T* table, const int64_t* species, int64_t begin, int size, int n,
                        V* out) const {
        for (int which = 0; which < net_.species; ++which, table += n) {
            V mask = broadcast<T>(T(1));
            if (net_.species > 1)
                for (int lane = 0; lane < lanes<T>; ++lane)
                    mask[lane] = lane < size && species[begin + lane] == which ? T(1) : T(0);
            for (int k = 0; k < n; ++k) out[k] += mask * table[k];
        }
    }

    // Slopes of scalar `number` by the invariants, through the perceptrons and back.
    void network(const int64_t* species, int number, int64_t begin, int size, Workspace& w,
                 double* values) const {
        const int n_hidden = net_.hidden;
        V *hidden = w.hidden.data(), *mixed = w.mixed.data();
        forward(species, number, begin, size, w, values);
        decode_back_.apply(hidden, mixed);
        for (int k = 0; k < n_hidden; ++k) mixed[k] *= w.mix_slopes[k];
        mix_back_.apply(mixed, hidden);
        for (int k = 0; k < n_hidden; ++k) hidden[k] *= w.encode_slopes[k];
        encode_back_.apply(hidden, w.invariant_slopes.data());
        add_by_species(linear_.data() + size_t(number) * net_.species * net_.invariants, species,
                       begin, size, net_.invariants, w.invariant_slopes.data());
    }

    // Through the perceptrons; leaves the slopes by the last layer's sums in ``hidden``.
    void forward(const int64_t* species, int number, int64_t begin, int size, Workspace& w,
                 double* values) const {
        const int n_hidden = net_.hidden;
        V *hidden = w.hidden.data(), *mixed = w.mixed.data();
        encode_.apply(w.invariants.data(), hidden);
        add_by_species(encode_bias_.data(), species, begin, size, n_hidden, hidden);
        for (int k = 0; k < n_hidden; ++k) {
            const V bounded = hyperbolic_tangent<T>(hidden[k] * T(1.0 / LIMIT));
            hidden[k] = silu<T>(T(LIMIT) * bounded, w.encode_slopes[k]);
            w.encode_slopes[k] *= T(1) - bounded * bounded;
        }
        mix_.apply(hidden, mixed);
        for (int k = 0; k < n_hidden; ++k)
            mixed[k] = silu<T>(mixed[k] + mix_bias_[k], w.mix_slopes[k]);
        decode_.apply(mixed, hidden);
        const T* readout = readout_.data() + size_t(number) * n_hidden;
        V read = {};
        for (int k = 0; k < n_hidden; ++k) {
            V slope;
            read += readout[k] * silu<T>(hidden[k] + decode_bias_[k], slope);
            hidden[k] = slope * readout[k];
        }
        if (values != nullptr)
            for (int lane = 0; lane < size; ++lane)
                values[begin + lane] = read[lane] + linear_part(species[begin + lane], number, lane, w);
    }

    // Of one atom, in double precision: small differences of large numbers.
    double linear_part(int64_t kind, int number, int lane, const Workspace& w) const {
        const double* center = net_.center.data() + kind * net_.invariants;
        const double* linear =
            net_.linear.data() + (size_t(number) * net_.species + kind) * net_.invariants;
        double sum = 0.0;
        for (int f = 0; f < net_.invariants; ++f)
            sum += linear[f] * (double(w.invariants[f][lane]) - center[f]);
        return sum;
    }

    const SiteNetwork& net_;
    const Invariants<T> invariants_;
    const Matrix<T> encode_, mix_, decode_;
    const Matrix<T> encode_back_, mix_back_, decode_back_;
    const std::vector<T> encode_bias_, mix_bias_, decode_bias_, readout_, linear_;
    const NoveltyDistance<T> novelty_;
};

}  // namespace longstride
