// What the four loops work on, the same for every form of them. Sizes are those of the model `al`;
// ``measurements/vectors.py`` makes the numbers and judges what comes out.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

// Private loops, tiles and constants of the kernel are used: -fno-access-control.
#include "dense.hpp"
#include "pair_terms.hpp"

using longstride::COMPONENTS, longstride::FIXED, longstride::Fixed;
using Terms = longstride::PairTerms<float>;
using Matrix = longstride::Matrix<float>;

constexpr int SLOTS = 16, INPUTS = 209, OUTPUTS = 16, CENTRES = 64, CANDIDATES = 190;
constexpr int MOST_LANES = 16, EDGES = SLOTS * MOST_LANES, PLACES = CENTRES * (CANDIDATES + 1);
const longstride::RadialShape SHAPE{11, 2.0, 4.2 / 11, 6.2};

// What no library tells is the kernel's in every form: how many sums the registers hold, and
// whether an estimate has half the bits.
constexpr int ACROSS = Terms::ACROSS, TILE = Matrix::TILE;
constexpr bool SECOND_ORDER = 2 * longstride::ESTIMATED_BITS > 24;

// Zeros, aligned, for as long as the program lives; a vector more than asked for.
template <class T>
T* numbers(size_t n) {
    const size_t bytes = (n * sizeof(T) + 127) / 64 * 64;
    return static_cast<T*>(std::memset(std::aligned_alloc(64, bytes), 0, bytes));
}

// Calls task<N>(k, c) for all tiles of moments: N functions from k on, ACROSS components from c on.
template <class Task>
void each_tile(int functions, Task task) {
    for (int k = 0; k < functions; k += Terms::FUNCTIONS)
        for (int c = 0; c < COMPONENTS; c += ACROSS) {
            const int here = std::min(Terms::FUNCTIONS, functions - k);
            if (here == 4) task.template operator()<4>(k, c);
            if (here == 3) task.template operator()<3>(k, c);
            if (here == 2) task.template operator()<2>(k, c);
            if (here == 1) task.template operator()<1>(k, c);
        }
}

struct Problem {
    explicit Problem(std::FILE* file) {
        read(file, vectors, 3 * EDGES);
        read(file, inputs, INPUTS * MOST_LANES);
        read(file, weights.data(), weights.size());
        read(file, fixed, PLACES);
        read(file, candidates, CENTRES * CANDIDATES);
        matrix = Matrix(weights, INPUTS, OUTPUTS);
    }

    // Every centre is followed by its candidates.
    Fixed centre(int number) const { return fixed[number * (CANDIDATES + 1)]; }
    const int32_t* candidates_of(int centre) const { return candidates + centre * CANDIDATES; }

    float* vectors = numbers<float>(3 * EDGES);              // (3, slot, lane)
    float* inputs = numbers<float>(INPUTS * MOST_LANES);     // (input, lane)
    std::vector<double> weights = std::vector<double>(INPUTS * OUTPUTS);
    Matrix matrix;
    Fixed* fixed = numbers<Fixed>(PLACES);
    int32_t* candidates = numbers<int32_t>(CENTRES * CANDIDATES);
    const float square = float(1.0001 * SHAPE.cutoff * SHAPE.cutoff);

    // What was selected: vectors, and the fourth numbers.
    float* near[3] = {numbers<float>(CANDIDATES), numbers<float>(CANDIDATES),
                      numbers<float>(CANDIDATES)};
    int32_t* owners = numbers<int32_t>(CANDIDATES);

  private:
    template <class T>
    static void read(std::FILE* file, T* out, size_t n) {
        if (std::fread(out, sizeof(T), n, file) != n) std::abort();
    }
};
