// Fastest multiply-adds of this processor, the yardstick of the kernel.
#pragma once

#include <chrono>
#include <vector>

#include "pool.hpp"
#include "simd.hpp"

namespace longstride {

// Multiply-adds of single precision per second on all threads of the pool together, from
// independent chains that stay in registers for some `seconds`.
inline double peak_rate(Pool& pool, double seconds) {
    constexpr int CHAINS = 12, TURNS = 20000;
    using V = Vec<float>;
    std::vector<double> rate(pool.size());
    std::vector<float> kept(pool.size());
    pool.each([&](int k) {
        V sum[CHAINS] = {};
        V x = broadcast<float>(0.5f + 1e-3f * float(k)), y = broadcast<float>(0.25f);
        int64_t turns = 0;
        const auto begin = std::chrono::steady_clock::now();
        double spent = 0.0;
        while (spent < seconds) {
            for (int n = 0; n < TURNS; ++n) {
#pragma GCC unroll 16
                for (int c = 0; c < CHAINS; ++c) {
                    sum[c] = sum[c] * x + y;
                }
            }
            turns += TURNS;
            spent = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        }
        rate[k] = double(turns) * CHAINS * lanes<float> / spent;
        for (int c = 0; c < CHAINS; ++c) kept[k] += sum[c][0];
    });
    double total = 0.0;
    for (double each : rate) total += each;
    return total;
}

}  // namespace longstride
