// Those who write, read and shorten the logs of a simulated broker, and make and delete its topics.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "protocol/messages/fetch.h"
#include "tests/simulation/archive.h"
#include "tests/simulation/caller.h"

namespace simulation {

struct Depot : Stage {
    Archive& archive;
    const std::vector<std::string> directories;
    const int64_t producer_expiration_ms;
    int32_t scribe_count = 0;
    std::map<std::pair<protocol::Uuid, int32_t>, std::string> homes;
    // In which lives of the broker somebody has asked for it to move.
    std::map<std::pair<protocol::Uuid, int32_t>, std::set<uint64_t>> moved_in;

    bool forgets_producers() const { return producer_expiration_ms < 3'600'000; }
    // In which of the directories the log is; nullopt: not made yet, or nobody has seen where.
    std::optional<std::string> home_of(const Account& account);
    // Whether its log may be offline, for one who asked in that life of the broker.
    bool may_be_offline(const Account& account, uint64_t life);
};

class Keeper : public Caller {
  public:
    Keeper(Depot& depot, bool in_order) : Caller(depot, in_order), depot_(depot) {}
    virtual asio::awaitable<void> run() = 0;

  protected:
    // What anybody may be answered about a partition: that its directory is gone, or its topic.
    // Everything else is a violation. True: so it was.
    bool is_excused(const Account& account, uint64_t life, ErrorCode error);
    bool is_metadata_offline(uint64_t life);
    Account* any_account();

    Depot& depot_;
};

// An idempotent producer. Long after a batch was acknowledged it sends it again, and it must still
// be a duplicate, whatever became of its records.
class Scribe final : public Keeper {
  public:
    explicit Scribe(Depot& depot)
        : Keeper(depot, /*in_order=*/false), writer_(depot.scribe_count++) {}
    asio::awaitable<void> run() override;
    // Its last batch of each partition once more.
    asio::awaitable<void> send_all_again();

  private:
    struct Sent {
        protocol::Blob bytes;
        Account::Batch batch;
    };
    asio::awaitable<bool> init();
    asio::awaitable<bool> write(Account& account);
    asio::awaitable<void> send_again(Account& account);
    // The offset that the batch is acknowledged with. Nullopt: nobody knows whether it is written.
    asio::awaitable<std::optional<int64_t>> produce(Account& account, const Sent& sent);
    bool may_be_forgotten(const Account::Batch& batch);

    const int32_t writer_;
    int64_t producer_id_ = -1;
    int16_t producer_epoch_ = -1;
    int64_t last_number_ = 0;
    std::map<Account*, int32_t> sequences_;
    std::map<Account*, Sent> last_;  // that was acknowledged
};

// Reads here and there. Between where a log begins and where it ends nothing is missing.
class Auditor final : public Keeper {
  public:
    explicit Auditor(Depot& depot) : Keeper(depot, /*in_order=*/false) {}
    asio::awaitable<void> run() override;
    // From where it begins to where it ends.
    asio::awaitable<void> read_all(Account& account);
    // As long as it stays where it is, it is answered, whatever else is not.
    asio::awaitable<void> find_served(Account& account);

  private:
    using Answered = protocol::FetchResponse::FetchableTopicResponse::PartitionData;
    // Too early: the log begins later.
    enum class Outcome : uint8_t { read, read_to_end, too_early, no_answer };
    // From this position on, which it moves.
    asio::awaitable<Outcome> read(Account& account, int64_t& position);
    void see(Account& account, const Answered& answered, int64_t& position);
    // Whether it is known now.
    asio::awaitable<bool> find_start(Account& account);
};

// Makes topics, deletes them, and deletes records.
class Custodian final : public Keeper {
  public:
    // In order: what it gave up is not done later to the next topic of the name.
    explicit Custodian(Depot& depot) : Keeper(depot, /*in_order=*/true) {}
    asio::awaitable<void> run() override;
    // Those that are missing.
    asio::awaitable<void> create_topics();
    // All that are there.
    asio::awaitable<void> delete_topics();
    // Nothing is known of the deleted ones any more.
    asio::awaitable<void> check_deleted();

  private:
    asio::awaitable<void> create(const TopicPlan& plan);
    asio::awaitable<void> find(const TopicPlan& plan);
    asio::awaitable<void> delete_topic(const TopicPlan& plan);
    asio::awaitable<void> delete_records();
};

}  // namespace simulation
