// Pairs nearer than a radius, by bins of half of it.
#include <algorithm>
#include <cmath>

#include "pairs.hpp"

namespace longstride {

void PairList::find_pairs(double radius, Pool& pool) {
    const std::vector<double>& place = images_.place;
    const int64_t n_images = int64_t(images_.offset.size());
    double low[3] = {0.0, 0.0, 0.0}, high[3] = {0.0, 0.0, 0.0};
    for (int x = 0; x < 3; ++x)
        for (int64_t e = 0; e < n_images; ++e) {
            const double at = place[3 * e + x];
            if (e == 0 || at < low[x]) low[x] = at;
            if (e == 0 || at > high[x]) high[x] = at;
        }
    // Bins of half the radius; larger ones where open space would need too many.
    int64_t count[3];
    double edge = 0.5 * radius;
    for (;; edge *= 1.5) {
        double bins = 1.0;
        for (int x = 0; x < 3; ++x) bins *= std::floor((high[x] - low[x]) / edge) + 1.0;
        if (bins <= 8.0 * double(n_images) + 64.0) break;
    }
    for (int x = 0; x < 3; ++x) count[x] = int64_t(std::floor((high[x] - low[x]) / edge)) + 1;
    auto bin_of = [&](double at, int x) {
        return std::clamp(int64_t((at - low[x]) / edge), int64_t(0), count[x] - 1);
    };
    std::vector<int32_t> start(count[0] * count[1] * count[2] + 1, 0);
    std::vector<int32_t> bin(n_images);
    for (int64_t e = 0; e < n_images; ++e) {
        const double* q = place.data() + 3 * e;
        bin[e] = int32_t((bin_of(q[0], 0) * count[1] + bin_of(q[1], 1)) * count[2] + bin_of(q[2], 2));
        ++start[bin[e] + 1];
    }
    for (size_t b = 1; b < start.size(); ++b) start[b] += start[b - 1];
    std::vector<int32_t> member(n_images), next(start.begin(), start.end() - 1);
    std::vector<float> near(3 * n_images);  // a first look, by bin; the skin forgives its rounding
    for (int64_t e = 0; e < n_images; ++e) {
        const int32_t slot = next[bin[e]]++;
        member[slot] = int32_t(e);
        for (int x = 0; x < 3; ++x) near[x * n_images + slot] = float(place[3 * e + x]);
    }
    const int64_t n_chunks = (listed_ + chunk_ - 1) / chunk_;
    parts_.assign(n_chunks, Part{});
    const int64_t span = int64_t(std::ceil(radius / edge));
    const float square = float(radius * radius);
    pool.share(n_chunks, 1, [&](int, int64_t first, int64_t last) {
        for (int64_t chunk = first; chunk < last; ++chunk) {
            Part& part = parts_[chunk];
            part.offset.push_back(0);
            const int64_t end = std::min(listed_, (chunk + 1) * chunk_);
            std::vector<int32_t> found;
            for (int64_t i = chunk * chunk_; i < end; ++i) {
                const int32_t self = images_.self[i];
                const double* q = place.data() + 3 * self;
                const float x = float(q[0]), y = float(q[1]), z = float(q[2]);
                const int64_t at[3] = {bin_of(q[0], 0), bin_of(q[1], 1), bin_of(q[2], 2)};
                found.clear();
                const int64_t z0 = std::max(at[2] - span, int64_t(0));
                const int64_t z1 = std::min(at[2] + span, count[2] - 1);
                for (int64_t a = std::max(at[0] - span, int64_t(0));
                     a <= std::min(at[0] + span, count[0] - 1); ++a)
                    for (int64_t b = std::max(at[1] - span, int64_t(0));
                         b <= std::min(at[1] + span, count[1] - 1); ++b) {
                        const int64_t row = (a * count[1] + b) * count[2];
                        const int32_t from = start[row + z0], to = start[row + z1 + 1];
                        size_t size = found.size();
                        found.resize(size + (to - from));
                        for (int32_t s = from; s < to; ++s) {
                            const float dx = near[s] - x, dy = near[n_images + s] - y;
                            const float dz = near[2 * n_images + s] - z;
                            found[size] = member[s];
                            size += (dx * dx + dy * dy + dz * dz < square) & (member[s] != self);
                        }
                        found.resize(size);
                    }
                std::sort(found.begin(), found.end());
                part.image.insert(part.image.end(), found.begin(), found.end());
                part.offset.push_back(int64_t(part.image.size()));
            }
            // Whole vectors are read: what follows the last pair is never used.
            part.image.resize(part.image.size() + 16, 0);
        }
    });
}

}  // namespace longstride
