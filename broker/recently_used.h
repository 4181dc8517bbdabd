// Values by a text, of which only those are kept that were used lately.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace broker {

template <class Value>
class RecentlyUsed {
  public:
    // The least recently used one goes when there are more than `count_max`.
    explicit RecentlyUsed(size_t count_max) : count_max_(count_max) {}

    // A new one where there is none. Valid until the next call.
    Value& use(std::string_view key, int64_t now_ms) {
        const auto found = by_key_.find(key);
        if (found != by_key_.end()) {
            by_use_.splice(by_use_.end(), by_use_, found->second);
        } else {
            if (by_key_.size() >= count_max_) drop_oldest();
            by_use_.push_back({std::string(key), now_ms, Value{}});
            by_key_.emplace(by_use_.back().key, std::prev(by_use_.end()));
        }
        by_use_.back().used_ms = now_ms;
        return by_use_.back().value;
    }

    // Those that were not used since then.
    void drop_unused_since(int64_t since_ms) {
        while (!by_use_.empty() && by_use_.front().used_ms < since_ms) drop_oldest();
    }

    size_t size() const { return by_use_.size(); }

  private:
    struct Entry {
        std::string key;
        int64_t used_ms = 0;
        Value value;
    };

    void drop_oldest() {
        by_key_.erase(by_use_.front().key);
        by_use_.pop_front();
    }

    size_t count_max_;
    std::list<Entry> by_use_;  // least recently first
    std::unordered_map<std::string_view, typename std::list<Entry>::iterator> by_key_;
};

}  // namespace broker
