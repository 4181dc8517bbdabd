// Many clients on one thread, each of which waits for its answer before it goes on.
#pragma once

#include <concepts>
#include <deque>
#include <vector>

#include "tools/bench/load/connection.h"
#include "tools/bench/load/target.h"

namespace bench {

// One of them, with a connection of its own.
class Conversation {
  public:
    struct Turn {
        Bytes frame;         // empty: the conversation is over
        bool later = false;  // sent a millisecond later: the same once more
    };

    explicit Conversation(const Target& target) : connection_(target) {
        // So that no more of them connect than the broker accepts.
        if (!target.is_null) connection_.say_hello();
    }
    virtual ~Conversation() = default;
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;

    // Frames are valid until the next call.
    virtual Bytes begin() = 0;
    virtual Turn next(Bytes answer) = 0;

    Connection& connection() { return connection_; }

  private:
    Connection connection_;
};

// Until all are over.
void converse(const std::vector<Conversation*>& conversations);

template <std::derived_from<Conversation> Kind>
void converse(std::deque<Kind>& conversations) {
    std::vector<Conversation*> all;
    for (Kind& conversation : conversations) all.push_back(&conversation);
    converse(all);
}

}  // namespace bench
