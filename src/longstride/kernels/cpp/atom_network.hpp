// The part of a site scalar that works on atoms: from moments to invariants, through the
// perceptrons, and back to slopes by the moments. Atoms lie in the lanes.
#pragma once

#include <cstring>
#include <vector>

#include "dense.hpp"
#include "site.hpp"

namespace longstride {

// Bound of the first layer's sums, as in ``model/whitening.py``.
constexpr double LIMIT = 3.0;

template <class T>
class AtomNetwork {
  public:
    explicit AtomNetwork(const SiteNetwork& n)
        : net_(n), channels_(n.radial.functions * n.species),
          encode_(n.encode, n.invariants, n.hidden), mix_(n.mix, n.hidden, n.hidden),
          decode_(n.decode, n.hidden, n.hidden),
          encode_back_(transposed(n.encode, n.invariants, n.hidden), n.hidden, n.invariants),
          mix_back_(transposed(n.mix, n.hidden, n.hidden), n.hidden, n.hidden),
          decode_back_(transposed(n.decode, n.hidden, n.hidden), n.hidden, n.hidden),
          encode_bias_(n.encode_bias.begin(), n.encode_bias.end()),
          mix_bias_(n.mix_bias.begin(), n.mix_bias.end()),
          decode_bias_(n.decode_bias.begin(), n.decode_bias.end()),
          readout_(n.readout.begin(), n.readout.end()), linear_(n.linear.begin(), n.linear.end()) {}

    // Arrays of one thread.
    struct Workspace {
        explicit Workspace(const AtomNetwork& network)
            : invariants(network.encode_back_.padded_columns()),
              invariant_slopes(invariants.size()), hidden(network.mix_.padded_columns()),
              mixed(hidden.size()), encode_slopes(hidden.size()), mix_slopes(hidden.size()) {}

        std::vector<Vec<T>> invariants, invariant_slopes;
        std::vector<Vec<T>> hidden, mixed, encode_slopes, mix_slopes;
    };

    int channels() const { return channels_; }

    // Slopes `given` (C, 9) of scalar `number` by the moments (C, 9) of the atoms from `begin` on.
    void slopes(const Vec<T>* moments, const int64_t* species, int number, int64_t begin, int size,
                Workspace& w, Vec<T>* given) const {
        contract(moments, w);
        network(species, number, begin, size, w);
        expand(moments, w, given);
    }

  private:
    using V = Vec<T>;

    static constexpr int LOW[4] = {0, 1, 4, 9};  // first component of each order

    // Invariants: the scalar moments, then products of two moments, order by order.
    void contract(const V* moment, Workspace& w) const {
        V* out = w.invariants.data();
        for (int a = 0; a < channels_; ++a) *out++ = moment[a * COMPONENTS];
        contract_order<0>(moment, out);
        contract_order<1>(moment, out);
        contract_order<2>(moment, out);
    }

    template <int ORDER>
    void contract_order(const V* moment, V*& out) const {
        for (int a = 0; a < channels_; ++a)
            for (int b = a; b < channels_; ++b) {
                V sum = {};
#pragma GCC unroll 8
                for (int c = LOW[ORDER]; c < LOW[ORDER + 1]; ++c)
                    sum += moment[a * COMPONENTS + c] * moment[b * COMPONENTS + c];
                *out++ = sum;
            }
    }

    // Slopes by the moments from those by the invariants.
    void expand(const V* moment, const Workspace& w, V* given) const {
        const V* by = w.invariant_slopes.data();
        std::memset(given, 0, sizeof(V) * channels_ * COMPONENTS);
        for (int a = 0; a < channels_; ++a) given[a * COMPONENTS] = *by++;
        expand_order<0>(moment, by, given);
        expand_order<1>(moment, by, given);
        expand_order<2>(moment, by, given);
    }

    template <int ORDER>
    void expand_order(const V* moment, const V*& by, V* given) const {
        constexpr int SIZE = LOW[ORDER + 1] - LOW[ORDER];
        for (int a = 0; a < channels_; ++a) {
            const V* own = moment + a * COMPONENTS + LOW[ORDER];
            V sum[SIZE] = {};
            for (int b = a; b < channels_; ++b) {
                const V slope = *by++;
                const V* other = moment + b * COMPONENTS + LOW[ORDER];
                V* other_given = given + b * COMPONENTS + LOW[ORDER];
#pragma GCC unroll 8
                for (int c = 0; c < SIZE; ++c) {
                    sum[c] += slope * other[c];
                    other_given[c] += slope * own[c];
                }
            }
            for (int c = 0; c < SIZE; ++c) given[a * COMPONENTS + LOW[ORDER] + c] += sum[c];
        }
    }

    // Adds rows of a (S, n) table by the species of the block's atoms.
    void add_by_species(const T* table, const int64_t* species, int64_t begin, int size, int n,
                        V* out) const {
        if (net_.species == 1) {
            for (int k = 0; k < n; ++k) out[k] += table[k];
            return;
        }
        for (int lane = 0; lane < size; ++lane) {
            const T* row = table + species[begin + lane] * n;
            for (int k = 0; k < n; ++k) out[k][lane] += row[k];
        }
    }

    // Slopes of scalar `number` by the invariants, through the perceptrons and back.
    void network(const int64_t* species, int number, int64_t begin, int size, Workspace& w) const {
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
        for (int k = 0; k < n_hidden; ++k) {
            V slope;
            silu<T>(hidden[k] + decode_bias_[k], slope);
            hidden[k] = slope * readout[k];
        }
        decode_back_.apply(hidden, mixed);
        for (int k = 0; k < n_hidden; ++k) mixed[k] *= w.mix_slopes[k];
        mix_back_.apply(mixed, hidden);
        for (int k = 0; k < n_hidden; ++k) hidden[k] *= w.encode_slopes[k];
        encode_back_.apply(hidden, w.invariant_slopes.data());
        add_by_species(linear_.data() + size_t(number) * net_.species * net_.invariants, species,
                       begin, size, net_.invariants, w.invariant_slopes.data());
    }

    const SiteNetwork& net_;
    const int channels_;
    const Matrix<T> encode_, mix_, decode_;
    const Matrix<T> encode_back_, mix_back_, decode_back_;
    const std::vector<T> encode_bias_, mix_bias_, decode_bias_, readout_, linear_;
};

}  // namespace longstride
