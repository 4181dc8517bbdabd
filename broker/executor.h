// One thread with its io_context: the thing that owns what a shard owns.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <type_traits>
#include <utility>

#include "broker/work_time.h"

namespace broker {

template <class T>
inline constexpr bool is_awaitable = false;
template <class T>
inline constexpr bool is_awaitable<asio::awaitable<T>> = true;

// What awaiting a plain function's or a coroutine's work gives.
template <class T>
struct Awaited {
    using type = T;
};
template <class T>
struct Awaited<asio::awaitable<T>> {
    using type = T;
};

class Executor {
  public:
    Executor() : io_(/*concurrency_hint=*/1), guard_(io_.get_executor()) {}
    Executor(const Executor&) = delete;

    asio::io_context& io() { return io_; }
    // Whether the calling thread is this executor's.
    bool is_current() const { return current == this; }

    // Works until stop(). Requires: called once, on the thread that is to be this executor's.
    void work() {
        current = this;
        io_.run();
        current = nullptr;
    }
    // Does one piece of the work at hand on the calling thread, for a while this executor's, and
    // does not wait. False: there is none. Requires: nobody else works here.
    bool work_once() {
        Executor* const before = std::exchange(current, this);
        const bool worked = io_.poll_one() > 0;
        current = before;
        return worked;
    }
    // From any thread.
    void stop() { io_.stop(); }
    // Destroys the coroutines that still wait here, while all that they refer to is still there.
    // Requires: no executor that they may have gone to works any more.
    void drop_work() { io_.shutdown(); }

    template <class Work>
    void post(Work work) {
        asio::post(io_, std::move(work));
    }

    // Starts a coroutine here and lets it go.
    void spawn(asio::awaitable<void> coroutine) {
        const WorkTime::Pause pause;  // it may begin at once
        asio::co_spawn(io_, std::move(coroutine), rethrow);
    }

    // Runs `work` here and resumes the caller on its own executor: `work` is a plain function, one
    // step of what this executor owns, or gives a coroutine. A plain call when already here.
    template <class Work>
    auto run(Work work) -> asio::awaitable<typename Awaited<std::invoke_result_t<Work&>>::type> {
        if (is_current()) {
            if constexpr (is_awaitable<std::invoke_result_t<Work&>>)
                co_return co_await work();
            else
                co_return work();
        }
        const WorkTime::Pause pause;
        auto hop = work_for(std::move(work), pause.paused());
        co_return co_await asio::co_spawn(io_, std::move(hop), asio::use_awaitable);
    }

  private:
    // The coroutine that runs `work` here, in the time of a request that waits for it.
    template <class Work>
    static auto work_for(Work work, WorkTime* time)
        -> asio::awaitable<typename Awaited<std::invoke_result_t<Work&>>::type> {
        const WorkTime::Share share(time);
        if constexpr (is_awaitable<std::invoke_result_t<Work&>>)
            co_return co_await work();
        else
            co_return work();
    }

    // What a coroutine throws is a defect: it ends the process rather than vanish.
    static void rethrow(std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
    }

    struct Context : asio::io_context {
        using asio::io_context::io_context;
        using asio::io_context::shutdown;
    };
    static inline thread_local Executor* current = nullptr;
    Context io_;
    asio::executor_work_guard<asio::io_context::executor_type> guard_;
};

}  // namespace broker
