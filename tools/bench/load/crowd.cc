#include "tools/bench/load/crowd.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>

namespace bench {

namespace {

using namespace std::chrono_literals;

class Loop {
  public:
    explicit Loop(const std::vector<Conversation*>& conversations)
        : epoll_(::epoll_create1(0)), running_(conversations.size()) {
        for (Conversation* conversation : conversations) {
            epoll_event event{.events = EPOLLIN, .data = {.ptr = conversation}};
            if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, conversation->connection().socket(), &event))
                throw std::runtime_error("too many connections");
        }
    }
    ~Loop() { ::close(epoll_); }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    void run() {
        std::array<epoll_event, 256> events{};
        while (running_ > 0) {
            const int count =
                ::epoll_wait(epoll_, events.data(), events.size(), later_.empty() ? -1 : 1);
            for (int i = 0; i < count; ++i) answer(*static_cast<Conversation*>(events[i].data.ptr));
            for (; !later_.empty() && later_.front().due <= Clock::now(); later_.pop_front())
                later_.front().conversation->connection().send(later_.front().frame);
        }
    }

  private:
    struct Later {
        Clock::time_point due;
        Conversation* conversation;
        Bytes frame;
    };

    // An answer that has begun to come is waited for.
    void answer(Conversation& conversation) {
        Connection& connection = conversation.connection();
        const Conversation::Turn turn = conversation.next(connection.receive());
        if (turn.frame.empty())
            --running_;
        else if (turn.later)
            later_.push_back({Clock::now() + 1ms, &conversation, turn.frame});
        else
            connection.send(turn.frame);
    }

    int epoll_;
    size_t running_;
    std::deque<Later> later_;
};

}  // namespace

void converse(const std::vector<Conversation*>& conversations) {
    Loop loop(conversations);
    for (Conversation* conversation : conversations)
        conversation->connection().send(conversation->begin());
    loop.run();
}

}  // namespace bench
