// A fetch session that is told which of its partitions have changed answers as one that looks at
// all of them at each fetch (KIP-227), whatever happens to the partitions.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>

#include "protocol/messages/fetch.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "tests/broker/broker_fixture.h"
#include "tests/broker/conversation.h"

using namespace broker_fixture;
using namespace protocol;

namespace {

constexpr int16_t version = 12;
constexpr int32_t partitions_of_topic = 3;
constexpr int32_t plenty_bytes = 50 << 20;
const std::vector<std::string> topic_names{"one", "two", "three"};

using Key = std::pair<std::string, int32_t>;

// What a partition was answered with.
struct Seen {
    ErrorCode error = ErrorCode::none;
    int64_t high_watermark = -1;
    int64_t last_stable_offset = -1;
    int64_t log_start_offset = -1;
    Blob records;
    std::vector<std::pair<int64_t, int64_t>> aborted;
    bool operator==(const Seen&) const = default;

    int64_t next_offset() const {
        int64_t next = -1;
        BatchCursor batches(records);
        while (const auto batch = batches.next()) next = batch->next_offset();
        return next;
    }
};
using SeenAll = std::map<Key, Seen>;

SeenAll seen_in(const FetchResponse& response) {
    REQUIRE(response.error_code == ErrorCode::none);
    SeenAll all;
    for (const auto& topic : response.responses) {
        for (const auto& partition : topic.partitions) {
            Seen seen{.error = partition.error_code,
                      .high_watermark = partition.high_watermark,
                      .last_stable_offset = partition.last_stable_offset,
                      .log_start_offset = partition.log_start_offset};
            if (partition.records)
                seen.records.assign(partition.records->bytes.begin(),
                                    partition.records->bytes.end());
            if (partition.aborted_transactions)
                for (const auto& aborted : *partition.aborted_transactions)
                    seen.aborted.emplace_back(aborted.producer_id, aborted.first_offset);
            CHECK(all.emplace(Key{topic.topic, partition.partition_index}, seen).second);
        }
    }
    return all;
}

// One that stays as long as a request that views it.
std::string_view lasting(const std::string& name) { return *std::ranges::find(topic_names, name); }

FetchRequest::FetchTopic& topic_of(FetchRequest& request, const std::string& name) {
    for (auto& topic : request.topics)
        if (topic.topic == name) return topic;
    return request.topics.emplace_back(FetchRequest::FetchTopic{.topic = lasting(name)});
}

std::map<Key, int64_t> all_from_their_start() {
    std::map<Key, int64_t> offsets;
    for (const std::string& name : topic_names)
        for (int32_t index = 0; index < partitions_of_topic; ++index) offsets[{name, index}] = 0;
    return offsets;
}

// A consumer with a session, and what it has to be answered with by what one without is.
class Watcher {
  public:
    Watcher(uint16_t port, int8_t isolation, std::mt19937_64& random)
        : client_(port), other_(port), isolation_(isolation), random_(random) {}

    void fetch() {
        if (chance(20)) begin_anew();
        if (chance(10)) forget_one();
        if (chance(20))
            isolation_ = isolation_ == read_committed ? read_uncommitted : read_committed;
        const int32_t bytes_max =
            chance(3) ? 1 + static_cast<int32_t>(random_() % 2000) : plenty_bytes;
        const FetchRequest request = next_request(bytes_max);
        const bool is_full = request.session_epoch == 0;
        const SeenAll truth = look_at_all();
        const auto answer = client_.call<FetchResponse>(request, version);
        session_id_ = answer->session_id;
        REQUIRE(session_id_ != 0);
        const SeenAll got = seen_in(*answer);
        check(truth, got, is_full, bytes_max == plenty_bytes);
        for (const auto& [key, seen] : got) move_on(key, seen);
    }

  private:
    bool chance(uint64_t one_in) { return random_() % one_in == 0; }

    void name_again(const Key& key) {
        renamed_.insert(key);
        offsets_.try_emplace(key, 0);
    }
    void begin_anew() {
        epoch_ = 0;
        told_.clear();
    }
    void forget_one() {
        const auto found =
            std::next(offsets_.begin(), static_cast<ptrdiff_t>(random_() % offsets_.size()));
        if (epoch_ == 0 || offsets_.size() == 1) return;
        forgotten_ = found->first;
        renamed_.erase(found->first);
        told_.erase(found->first);
        offsets_.erase(found);
    }

    FetchRequest next_request(int32_t bytes_max) {
        FetchRequest request{.max_wait_ms = chance(2) ? 0 : 1,
                             .min_bytes = 1,
                             .max_bytes = bytes_max,
                             .isolation_level = isolation_,
                             .session_id = session_id_,
                             .session_epoch = epoch_++};
        if (request.session_epoch == 0)
            for (const auto& [key, offset] : offsets_) renamed_.insert(key);
        for (const Key& key : renamed_)
            topic_of(request, key.first)
                .partitions.push_back({.partition = key.second,
                                       .fetch_offset = offsets_.at(key),
                                       .partition_max_bytes = plenty_bytes});
        if (forgotten_)
            request.forgotten_topics_data = {
                {.topic = lasting(forgotten_->first), .partitions = {forgotten_->second}}};
        renamed_.clear();
        if (forgotten_) name_again(*forgotten_);  // with the next fetch
        left_out_ = std::exchange(forgotten_, std::nullopt);
        return request;
    }

    SeenAll look_at_all() {
        FetchRequest request{.min_bytes = 1,
                             .max_bytes = plenty_bytes,
                             .isolation_level = isolation_,
                             .session_epoch = -1};
        for (const auto& [key, offset] : offsets_)
            topic_of(request, key.first)
                .partitions.push_back({.partition = key.second,
                                       .fetch_offset = offset,
                                       .partition_max_bytes = plenty_bytes});
        return seen_in(*other_.call<FetchResponse>(request, version));
    }

    void check(const SeenAll& truth, const SeenAll& got, bool is_full, bool is_unlimited) {
        bool has_records = false;
        for (const auto& [key, there] : truth) {
            if (left_out_ == key) continue;
            CAPTURE(key.first);
            CAPTURE(key.second);
            const auto answered = got.find(key);
            const auto told = told_.find(key);
            const bool has_news =
                is_full || there.error != ErrorCode::none || told == told_.end() ||
                told->second != std::pair(there.high_watermark, there.log_start_offset);
            has_records |= !there.records.empty();
            if (is_unlimited) {
                REQUIRE((answered != got.end()) == (has_news || !there.records.empty()));
                if (answered != got.end()) CHECK(answered->second == there);
                continue;
            }
            if (has_news) REQUIRE(answered != got.end());
            if (answered == got.end()) continue;
            CHECK((has_news || !answered->second.records.empty()));
            CHECK(answered->second.error == there.error);
            CHECK(answered->second.high_watermark == there.high_watermark);
            CHECK(answered->second.log_start_offset == there.log_start_offset);
        }
        for (const auto& [key, seen] : got) CHECK(truth.contains(key));
        const auto is_served = [](const auto& entry) { return !entry.second.records.empty(); };
        CHECK(std::ranges::any_of(got, is_served) == has_records);
    }

    void move_on(const Key& key, const Seen& seen) {
        told_[key] = {seen.high_watermark, seen.log_start_offset};
        if (seen.error != ErrorCode::none) told_[key] = {-1, -1};
        if (chance(4)) return;  // asks for the same again
        int64_t next = seen.next_offset();
        if (seen.error == ErrorCode::offset_out_of_range) next = chance(2) ? 0 : log_start(key);
        if (next < 0 || next == offsets_.at(key)) return;
        offsets_.at(key) = next;
        renamed_.insert(key);
    }
    int64_t log_start(const Key& key) {
        const auto fetched = broker_fixture::fetch(other_, {key.first, key.second}, 0);
        return fetched.error == ErrorCode::none ? fetched.log_start_offset : random_() % 8;
    }

    Client client_, other_;
    int8_t isolation_;
    std::mt19937_64& random_;
    int32_t session_id_ = 0;
    int32_t epoch_ = 0;
    std::map<Key, int64_t> offsets_ = all_from_their_start();  // of what is in the session
    std::set<Key> renamed_;                                    // to be named in the next fetch
    std::optional<Key> forgotten_, left_out_;
    std::map<Key, std::pair<int64_t, int64_t>> told_;  // high watermark, log start
};

// Does something to some partition.
class World {
  public:
    World(uint16_t port, std::mt19937_64& random) : client_(port), random_(random) {
        for (const std::string& name : topic_names)
            create_topic(client_, name, partitions_of_topic);
        producer_ = start_producer(client_, "an-id");
    }

    // `look` is called where something is half done.
    void act(const std::function<void()>& look) {
        const Partition partition{topic_names[random_() % topic_names.size()],
                                  static_cast<int32_t>(random_() % partitions_of_topic)};
        switch (random_() % 12) {
            case 0: return write_in_transaction(partition);
            case 1: return end();
            case 2: return delete_some(partition);
            case 3: return configure(partition.topic);
            case 4:
                if (random_() % 4 == 0) make_anew(partition.topic, look);
                return;
            default:
                (void)produce(
                    client_, partition,
                    plain_batch(1 + static_cast<int32_t>(random_() % 3), random_() % 500));
        }
    }

  private:
    void write_in_transaction(const Partition& partition) {
        const int32_t sequence = sequences_[{partition.topic, partition.index}]++;
        const auto produced = produce(client_, partition, transactional_batch(producer_, sequence),
                                      {.transactional_id = "an-id"});
        REQUIRE(produced.error == ErrorCode::none);
        is_open_ = true;
    }
    void end() {
        if (!std::exchange(is_open_, false)) return;
        const auto ended = end_transaction(client_, "an-id", producer_,
                                           random_() % 2 ? Outcome::commit : Outcome::abort);
        REQUIRE(ended.error == ErrorCode::none);
        producer_ = ended.next;
        sequences_.clear();
    }
    void delete_some(const Partition& partition) {
        const auto now = broker_fixture::fetch(client_, partition, 0);
        const int64_t end = std::max<int64_t>(now.high_watermark, 0);
        (void)delete_records(client_, partition, static_cast<int64_t>(random_() % (end + 1)));
    }
    void make_anew(const std::string& topic, const std::function<void()>& look) {
        end();
        delete_topic(client_, topic);
        if (random_() % 2 == 0) look();
        create_topic(client_, topic, partitions_of_topic);
    }
    void configure(const std::string& topic) {
        IncrementalAlterConfigsRequest request;
        auto& resource = request.resources.emplace_back();
        resource.resource_type = 2;
        resource.resource_name = topic;
        resource.configs.push_back(
            {.name = "retention.ms", .config_operation = 0, .value = "3600000"});
        (void)client_.call<IncrementalAlterConfigsResponse>(request, 1);
    }

    Client client_;
    std::mt19937_64& random_;
    Producer producer_;
    bool is_open_ = false;
    std::map<Key, int32_t> sequences_;
};

}  // namespace

TEST_CASE("a session that is told of changes answers as one that looks at all partitions") {
    const Values settings = on_one_and_three_threads();
    for (uint64_t seed = 1; seed <= 5; ++seed) {
        CAPTURE(seed);
        std::mt19937_64 random(seed);
        TestBroker broker(settings);
        World world(broker.port(), random);
        Watcher uncommitted(broker.port(), read_uncommitted, random);
        Watcher committed(broker.port(), read_committed, random);
        const auto look = [&] {
            uncommitted.fetch();
            committed.fetch();
        };
        for (int step = 0; step < 150; ++step) {
            CAPTURE(step);
            for (uint64_t acts = random() % 4; acts > 0; --acts) world.act(look);
            look();
        }
    }
}
