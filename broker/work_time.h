// How long a request keeps threads busy: what the quota request_percentage counts (KIP-124).
#pragma once

#include <chrono>
#include <utility>

namespace broker {

// Belongs to one request. At most one of them runs on a thread at a time: that of the request whose
// coroutine is at work there.
class WorkTime {
  public:
    using Duration = std::chrono::nanoseconds;

    WorkTime() = default;
    ~WorkTime() {
        if (current == this) current = nullptr;
    }
    WorkTime(const WorkTime&) = delete;

    // This thread works for it from now on. Requires: none runs on this thread.
    void begin() {
        has_begun_ = true;
        go_on();
    }
    bool has_begun() const { return has_begun_; }
    // Requires: it runs on this thread.
    Duration end() {
        has_begun_ = false;
        stop();
        return total_;
    }

    // For as long as a coroutine waits, the thread works for others. Stands in what suspends a
    // request's coroutine, and around what starts another one.
    class Pause {
      public:
        Pause() : paused_(std::exchange(current, nullptr)) {
            if (paused_) paused_->stop();
        }
        ~Pause() {
            if (paused_) paused_->go_on();
        }
        Pause(const Pause&) = delete;

        WorkTime* paused() const { return paused_; }

      private:
        WorkTime* paused_;
    };

    class Share;

  private:
    void go_on() {
        current = this;
        since_ = std::chrono::steady_clock::now();
    }
    void stop() {
        total_ += std::chrono::steady_clock::now() - since_;
        current = nullptr;
    }

    static inline thread_local WorkTime* current = nullptr;
    std::chrono::steady_clock::time_point since_;
    Duration total_{};
    bool has_begun_ = false;
};

// Counts what this thread does for a request of another one, where that has it paused.
class WorkTime::Share {
  public:
    explicit Share(WorkTime* whole) : whole_(whole) {
        if (whole_) part_.begin();
    }
    ~Share() {
        if (whole_) whole_->total_ += part_.end();
    }
    Share(const Share&) = delete;

  private:
    WorkTime* whole_;
    WorkTime part_;
};

}  // namespace broker
