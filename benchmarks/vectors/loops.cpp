// Times the four loops in the form of the header FORM, and leaves what they computed.
//
// loops PROBLEM RESULT: reads the file PROBLEM, writes RESULT; prints version, target, lanes and
// nanoseconds of processor time a lane and slot, a lane, and a candidate.
#include FORM

#include <time.h>

namespace {

double seconds() {
    timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

}  // namespace

int main(int, char** words) {
    using form::LANES;
    Problem p(std::fopen(words[1], "rb"));
    form::Loops loops(p);
    int near[CENTRES];
    struct Timed {
        std::function<void()> call;
        int calls;
        double items, fastest = INFINITY;
    };
    Timed all[] = {{[&] { loops.edges(); }, 300, SLOTS * LANES},
                   {[&] { loops.moments(); }, 300, SLOTS * LANES},
                   {[&] { loops.layer(); }, 300, LANES},
                   {[&] {
                        for (int n = 0; n < CENTRES; ++n) near[n] = loops.select(n);
                    },
                    5, CENTRES * CANDIDATES}};
    for (int burst = 0; burst < 25; ++burst)
        for (Timed& loop : all) {
            const double begin = seconds();
            for (int n = 0; n < loop.calls; ++n) {
                loop.call();
                asm volatile("" ::: "memory");
            }
            loop.fastest = std::min(loop.fastest, (seconds() - begin) / loop.calls / loop.items);
        }
    std::printf("%s;%s;%d", form::VERSION, form::target(), LANES);
    for (const Timed& loop : all) std::printf(";%.5g", 1e9 * loop.fastest);

    std::FILE* file = std::fopen(words[2], "wb");
    const int functions = SHAPE.functions, edge = COMPONENTS + 2 + functions;
    std::fwrite(loops.edge_numbers(), sizeof(float) * LANES, SLOTS * edge, file);
    std::fwrite(loops.moment_numbers(), sizeof(float) * LANES, functions * COMPONENTS, file);
    std::fwrite(loops.output_numbers(), sizeof(float) * LANES, OUTPUTS, file);
    std::fwrite(near, sizeof(near), 1, file);
    for (int n = 0; n < CENTRES; ++n) {
        loops.select(n);
        for (const float* axis : p.near) std::fwrite(axis, sizeof(float), near[n], file);
        std::fwrite(p.owners, sizeof(int32_t), near[n], file);
    }
    return std::fclose(file);
}
