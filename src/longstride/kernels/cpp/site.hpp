// Weights of the site scalars, as the kernel reads them, and the interface of its compiled forms.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "moments.hpp"
#include "pairs.hpp"
#include "pool.hpp"

namespace longstride {

// Sizes: S species, F invariants, H hidden, K scalars. Matrices are (in, out), row-major.
struct SiteNetwork {
    RadialShape radial;
    int species, invariants, hidden, scalars;
    std::vector<double> encode;       // (F, H), whitening included
    std::vector<double> encode_bias;  // (S, H)
    std::vector<double> mix;          // (H, H)
    std::vector<double> mix_bias;     // (H)
    std::vector<double> decode;       // (H, H)
    std::vector<double> decode_bias;  // (H)
    std::vector<double> readout;      // (K, H)
    std::vector<double> linear;       // (K, S, F) slopes of the linear part by the invariants
    std::vector<double> center;       // (S, F) what the values count the invariants from
    std::vector<double> masses;       // (S) amu
    std::vector<double> novel_matrix; // (S, F, F) turns invariants less their center; may be empty
    std::vector<double> novel_origin; // (S, F) what distances are counted from, once turned
};

// Kicks by the slopes of the site scalars, in one kind of number.
class SiteKernel {
  public:
    virtual ~SiteKernel() = default;

    // Velocity change (N, 3): minus the slope of scalar `number`, summed over the first `centres`
    // atoms, by the positions the list is at, over the mass.
    virtual void kick(const PairList& pairs, const int64_t* species, int64_t centres, int number,
                      Pool& pool, double* change) = 0;

    // Value of scalar `number` at each of the first `centres` atoms, and the derivative (3, 3) of
    // their sum by the strain.
    virtual void evaluate(const PairList& pairs, const int64_t* species, int64_t centres, int number,
                          Pool& pool, double* values, double* by_strain) = 0;

    // Value of scalar `number` at each atom (N), the distance (N) of its invariants to the training
    // data, and the mean distance (N) of its neighbourhood, as in ``model/novelty.py``.
    virtual void survey(const PairList& pairs, const int64_t* species, int number, Pool& pool,
                        double* values, double* distances, double* means) = 0;
};

std::unique_ptr<SiteKernel> site_kernel(const SiteNetwork& network, bool single);

}  // namespace longstride
