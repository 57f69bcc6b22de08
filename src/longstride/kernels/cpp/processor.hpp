// What this processor can run of the instruction sets that modules are compiled for.
#pragma once

namespace longstride {

// The widest one. Its flags are those of -march=x86-64-v4 and -v3 that processors differ in.
inline const char* widest_instructions() {
#if defined(__x86_64__)
    __builtin_cpu_init();
    const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    if (v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
        __builtin_cpu_supports("avx512vl"))
        return "v4";
    if (v3) return "v3";
#endif
    return "baseline";
}

}  // namespace longstride
