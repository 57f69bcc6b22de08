// Pairs nearer than a radius, by bins of half of it.
#include <algorithm>
#include <cmath>

#include "pairs.hpp"
#include "selection.hpp"

namespace longstride {

namespace {

// Places (3, stride) in single precision and images, bin by bin, with a vector more behind the last.
struct Binned {
    std::vector<float> place;
    std::vector<int32_t> image;
    size_t stride;
};

// Writes the images of slots `from` to `to` nearer to a place than the root of `square`; returns how
// many. It may write one vector beyond the last.
int near_images(const Binned& binned, int32_t from, int32_t to, const float* place, float square,
                int32_t* out) {
    int count = 0;
    for (int32_t slot = from; slot < to; slot += lanes<float>) {
        Vec<float> length = {}, image;
        for (int x = 0; x < 3; ++x) {
            Vec<float> d;
            std::memcpy(&d, binned.place.data() + x * binned.stride + slot, WIDTH);
            d -= place[x];
            length += d * d;
        }
        std::memcpy(&image, binned.image.data() + slot, WIDTH);
        const Selection near(length, square, to - slot);
        near.store(reinterpret_cast<float*>(out + count), image);
        count += near.count();
    }
    return count;
}

}  // namespace

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
    std::vector<int32_t> next(start.begin(), start.end() - 1);
    Binned binned;  // a first look; the skin forgives its rounding
    binned.stride = n_images + lanes<float>;
    binned.place.resize(3 * binned.stride);
    binned.image.resize(binned.stride);
    for (int64_t e = 0; e < n_images; ++e) {
        const int32_t slot = next[bin[e]]++;
        binned.image[slot] = int32_t(e);
        for (int x = 0; x < 3; ++x)
            binned.place[x * binned.stride + slot] = float(place[3 * e + x]);
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
                const float at_self[3] = {float(q[0]), float(q[1]), float(q[2])};
                const int64_t at[3] = {bin_of(q[0], 0), bin_of(q[1], 1), bin_of(q[2], 2)};
                size_t size = 0;
                const int64_t z0 = std::max(at[2] - span, int64_t(0));
                const int64_t z1 = std::min(at[2] + span, count[2] - 1);
                for (int64_t a = std::max(at[0] - span, int64_t(0));
                     a <= std::min(at[0] + span, count[0] - 1); ++a)
                    for (int64_t b = std::max(at[1] - span, int64_t(0));
                         b <= std::min(at[1] + span, count[1] - 1); ++b) {
                        const int64_t row = (a * count[1] + b) * count[2];
                        const int32_t from = start[row + z0], to = start[row + z1 + 1];
                        const size_t most = size + (to - from) + lanes<float>;
                        if (found.size() < most) found.resize(2 * most);
                        size += near_images(binned, from, to, at_self, square, found.data() + size);
                    }
                const auto end_found = found.begin() + size;
                std::sort(found.begin(), end_found);
                const auto own = std::lower_bound(found.begin(), end_found, self);
                part.image.insert(part.image.end(), found.begin(), own);
                part.image.insert(part.image.end(), own + 1, end_found);
                part.offset.push_back(int64_t(part.image.size()));
            }
            // Whole vectors are read: what follows the last pair is never used.
            part.image.resize(part.image.size() + 16, 0);
        }
    });
}

}  // namespace longstride
