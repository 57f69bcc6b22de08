// Full neighbour list of a periodic or open system, with a skin, made in threads.
//
// Positions are rounded to a grid: sums and differences of them and of lattice vectors are then
// exact, so a pair's vector does not depend on the cell an atom was wrapped into. The pairs of an
// atom are ordered by the second atom and its image. A sum over the pairs inside the cutoff is the
// same, bit for bit, whenever the list was made.
//
// A list goes along with a cell that changes: images move with the lattice, and atoms are compared
// with where the change alone would have taken them.
//
// The grid of single precision is 2^-24 Å, finer than its numbers of an Å or more; its integers are
// counted modulo 2^32, since only differences of near places are ever taken. A precise list has
// places on a grid of 2^-36 Å as well.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "pool.hpp"

namespace longstride {

constexpr double FIXED = 1.0 / 16777216.0;  // Å
typedef uint32_t Fixed __attribute__((vector_size(16)));

struct Images {
    // Every atom and its periodic images near the cell, ordered by atom.
    std::vector<Fixed> fixed;                  // place in units of FIXED, and its atom
    std::vector<Fixed> offset;                 // from the atom's own place, and its atom
    std::vector<std::array<int16_t, 3>> cell;  // of the image
    std::vector<double> place;                 // (M, 3) in Å, of a precise list
    std::vector<int32_t> self;                 // where the atom itself is, by atom
};

class PairList {
  public:
    explicit PairList(bool precise) : precise_(precise) {}

    // Makes the list of pairs nearer than radius (Å) at positions (N, 3), of which the first atom
    // is one of the first `listed`.
    void make(const double* positions, int64_t n_atoms, int64_t listed, const double* cell,
              const bool* pbc, double radius, Pool& pool);

    // Moves atoms and images to new positions in a cell.
    void follow(const double* positions, const double* cell, Pool& pool);

    // Whether all pairs nearer than cutoff (Å) at these positions in this cell are in the list.
    bool holds(const double* positions, const double* cell, double cutoff, Pool& pool) const;

    int64_t n_atoms() const { return int64_t(images_.self.size()); }
    int64_t listed() const { return listed_; }
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
    void wrap(const double* positions, const double* rows, const bool* pbc);
    void find_images(const double* rows, const double* spacing, const bool* pbc, double radius);
    void find_pairs(double radius, Pool& pool);
    void set_cell(const double* cell);
    void place_lattice();
    double largest_square(const double* positions, const double* stretch, const double* drift,
                          Pool& pool) const;
    void follow_places(const double* positions, Pool& pool);

    static constexpr int64_t chunk_ = 256;
    const bool precise_;
    int64_t listed_ = 0;
    std::array<double, 9> cell_{};   // on the grid
    std::array<int64_t, 9> fixed_cell_{};
    double radius_ = 0.0;
    std::array<double, 9> made_in_{};  // cell when the list was made, on the grid
    std::vector<double> made_at_;      // positions then
    std::vector<std::array<int32_t, 3>> turns_;  // lattice vectors that wrapping added
    std::vector<double> wrapped_;    // the same inside the cell, on the grid
    std::vector<double> wrapping_;   // (N, 3) what wrapping added
    std::vector<Fixed> fixed_wrapping_, fixed_;  // the same on the grid; the atoms' own places
    Images images_;
    std::vector<Part> parts_;
};

}  // namespace longstride
