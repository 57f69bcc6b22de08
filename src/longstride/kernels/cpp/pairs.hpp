// Full neighbour list of a periodic or open system, with a skin, made in threads.
//
// Positions are rounded to a grid of 2^-36 Å: sums and differences of them and of lattice vectors
// are then exact, so a pair's vector does not depend on the cell an atom was wrapped into. The
// pairs of an atom are ordered by the second atom and its image. A sum over the pairs inside the
// cutoff is the same, bit for bit, whenever the list was made.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "pool.hpp"

namespace longstride {

typedef float Rough __attribute__((vector_size(16)));

struct Images {
    // Every atom and its periodic images near the cell, ordered by atom.
    std::vector<int32_t> owner;
    std::vector<std::array<int16_t, 3>> cell;  // place of the image
    std::vector<double> place;                 // (M, 3) in Å, moves with the atoms
    std::vector<Rough> rough;                  // the same, for a first look
    std::vector<int32_t> self;                 // where the atom itself is, by atom
};

class PairList {
  public:
    // Makes the list of pairs nearer than radius (Å) at positions (N, 3).
    void make(const double* positions, int64_t n_atoms, const double* cell, const bool* pbc,
              double radius, Pool& pool);

    // Moves atoms and images to new positions.
    void follow(const double* positions, Pool& pool);

    // Square of the largest displacement since the list was made; not a number if one is not.
    double largest_square(const double* positions, Pool& pool) const;

    int64_t n_atoms() const { return int64_t(images_.self.size()); }
    const Images& images() const { return images_; }
    const int32_t* pairs_of(int64_t atom, int& count) const {
        const Part& part = parts_[atom / chunk_];
        const int64_t local = atom % chunk_;
        count = int(part.offset[local + 1] - part.offset[local]);
        return part.image.data() + part.offset[local];
    }

  private:
    struct Part {
        std::vector<int64_t> offset;
        std::vector<int32_t> image;
    };
    void find_images(const double* inverse, const double* spacing, const bool* pbc, double radius);
    void find_pairs(double radius, Pool& pool);

    static constexpr int64_t chunk_ = 256;
    std::array<double, 9> cell_{};
    std::vector<double> made_at_;    // positions when the list was made
    std::vector<double> wrapped_;    // the same inside the cell, on the grid
    std::vector<double> wrapping_;   // (N, 3) what wrapping added
    Images images_;
    std::vector<Part> parts_;
};

}  // namespace longstride
