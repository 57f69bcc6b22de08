// The kernel without Python, for processors that there is only a compiler and an emulator for: reads
// a network and atoms as doubles from one file, writes what it computes in both precisions to another.
#include <cstdio>
#include <vector>

#include "site.hpp"

using namespace longstride;

namespace {

std::vector<double> read_all(const char* name) {
    std::FILE* file = std::fopen(name, "rb");
    std::fseek(file, 0, SEEK_END);
    std::vector<double> numbers(size_t(std::ftell(file)) / sizeof(double));
    std::rewind(file);
    const size_t read = std::fread(numbers.data(), sizeof(double), numbers.size(), file);
    numbers.resize(read);
    std::fclose(file);
    return numbers;
}

class Numbers {
  public:
    explicit Numbers(std::vector<double> all) : all_(std::move(all)) {}
    double one() { return all_.at(at_++); }
    int integer() { return int(one()); }
    std::vector<double> some(size_t count) {
        std::vector<double> out;
        for (size_t n = 0; n < count; ++n) out.push_back(one());
        return out;
    }

  private:
    std::vector<double> all_;
    size_t at_ = 0;
};

}  // namespace

int main(int, char** words) {
    Numbers in(read_all(words[1]));
    SiteNetwork net;
    net.radial.functions = in.integer();
    net.radial.inner = in.one();
    net.radial.width = in.one();
    net.radial.cutoff = in.one();
    const size_t S = net.species = in.integer(), F = net.invariants = in.integer();
    const size_t H = net.hidden = in.integer(), K = net.scalars = in.integer();
    net.encode = in.some(F * H);
    net.encode_bias = in.some(S * H);
    net.mix = in.some(H * H);
    net.mix_bias = in.some(H);
    net.decode = in.some(H * H);
    net.decode_bias = in.some(H);
    net.readout = in.some(K * H);
    net.linear = in.some(K * S * F);
    net.center = in.some(S * F);
    net.masses = in.some(S);
    net.novel_matrix = in.some(S * F * F);
    net.novel_origin = in.some(S * F);
    const size_t N = in.integer();
    const std::vector<double> positions = in.some(3 * N), kinds = in.some(N), cell = in.some(9);
    const std::vector<int64_t> species(kinds.begin(), kinds.end());
    const bool pbc[3] = {true, true, true};

    std::FILE* out = std::fopen(words[2], "wb");
    auto write = [&](const std::vector<double>& numbers) {
        std::fwrite(numbers.data(), sizeof(double), numbers.size(), out);
    };
    Pool pool(2);
    for (const bool single : {false, true}) {
        PairList pairs(!single);
        pairs.make(positions.data(), int64_t(N), int64_t(N), cell.data(), pbc,
                   net.radial.cutoff + 1.0, pool);
        const auto kernel = site_kernel(net, single);
        std::vector<double> change(3 * N), values(N), by_strain(9), distances(N), means(N);
        kernel->kick(pairs, species.data(), int64_t(N), 0, pool, change.data());
        write(change);
        kernel->evaluate(pairs, species.data(), int64_t(N), 1, pool, values.data(),
                         by_strain.data());
        write(values);
        write(by_strain);
        kernel->survey(pairs, species.data(), 1, pool, values.data(), distances.data(),
                       means.data());
        write(distances);
        write(means);
    }
    return std::fclose(out);
}
