// Threads that share a loop. Part k always does the same share, so sums do not depend on timing.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace longstride {

class Pool {
  public:
    explicit Pool(int size) : size_(std::max(size, 1)) {
        for (int k = 1; k < size_; ++k) threads_.emplace_back([this, k] { work(k); });
    }
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    ~Pool() {
        task_ = nullptr;
        ++turn_;
        turn_.notify_all();
        for (std::thread& thread : threads_) thread.join();
    }

    int size() const { return size_; }

    // Calls task(k) for every part k, part 0 in this thread; returns when all are done.
    void each(const std::function<void(int)>& task) {
        task_ = &task;
        busy_ = size_ - 1;
        ++turn_;
        turn_.notify_all();
        task(0);
        for (int left = busy_; left > 0; left = busy_) {
            if (!changes(busy_, left)) busy_.wait(left);
        }
    }

    // Calls task(k, first, last) on equal ranges of 0 … n, bounds at multiples of `unit`.
    void share(int64_t n, int64_t unit, const std::function<void(int, int64_t, int64_t)>& task) {
        const int64_t units = (n + unit - 1) / unit;
        each([&](int k) {
            const int64_t first = units * k / size_ * unit, last = units * (k + 1) / size_ * unit;
            if (first < std::min(last, n)) task(k, first, std::min(last, n));
        });
    }

  private:
    // Watches a number for some tens of microseconds: to be woken takes as long.
    template <class T>
    static bool changes(const std::atomic<T>& number, T from) {
        for (int n = 0; n < 1500; ++n) {
            if (number.load(std::memory_order_acquire) != from) return true;
#if defined(__x86_64__)
            __builtin_ia32_pause();
#endif
        }
        return false;
    }

    // Watches for as long as there is something else to do between two kicks, but lets others run: a
    // processor that went to sleep takes some tenths of a millisecond to wake.
    bool is_called(uint32_t seen) const {
        using Clock = std::chrono::steady_clock;
        for (const auto end = Clock::now() + std::chrono::microseconds(300); Clock::now() < end;) {
            if (changes(turn_, seen)) return true;
            std::this_thread::yield();
        }
        return false;
    }

    void work(int k) {
        for (uint32_t seen = 0;;) {
            if (!is_called(seen)) turn_.wait(seen);
            seen = turn_;
            if (task_ == nullptr) return;
            (*task_)(k);
            if (--busy_ == 0) busy_.notify_one();
        }
    }

    const int size_;
    const std::function<void(int)>* task_ = nullptr;
    std::atomic<uint32_t> turn_{0};
    std::atomic<int> busy_{0};
    std::vector<std::thread> threads_;
};

}  // namespace longstride
