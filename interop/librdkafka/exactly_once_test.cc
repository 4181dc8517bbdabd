// The three scenarios that exactly-once is known by.
#include <doctest/doctest.h>

#include <csignal>

#include "application.h"
#include "client.h"

using namespace interop;

namespace {

constexpr int record_count = 50;

// A job with its topics, and its input written.
Job prepare() {
    Job job{unique("copier"), unique("copiers"), unique("input"), unique("output"), record_count};
    create_topic(job.input);
    create_topic(job.output);
    Producer producer;
    for (const auto& value : numbered("", record_count)) producer.produce(job.input, value);
    producer.flush();
    REQUIRE(producer.delivered().size() == record_count);
    return job;
}

void check_copied_once(const Job& job) {
    CHECK(values_of(job.output, "read_committed") == numbered("copy of ", record_count));
    CHECK(committed(job.group, job.input) == record_count);
}

}  // namespace

TEST_CASE("a transaction that fails does not advance the group's offsets") {
    const Job job = prepare();
    const Consumer consumer({{"group.id", job.group}});
    {
        Producer producer({{"transactional.id", job.transactional_id}});
        REQUIRE(producer.init_transactions().ok());
        REQUIRE(producer.begin().ok());
        for (const auto& value : numbered("copy of ", record_count)) {
            producer.produce(job.output, value);
        }
        producer.flush();
        REQUIRE(producer.send_offsets({{job.input, 0, record_count}}, consumer).ok());
        REQUIRE(producer.abort().ok());
    }
    CHECK(committed(job.group, job.input) == RD_KAFKA_OFFSET_INVALID);
    CHECK(values_of(job.output, "read_committed").empty());

    REQUIRE(copy_in_transaction(job).ok());
    check_copied_once(job);
}

TEST_CASE("an application that crashes mid-transaction restarts with its transactional id") {
    const Job job = prepare();
    const Process first(job);
    REQUIRE(first.read_line() == "ready");
    first.send_signal(SIGKILL);
    CHECK(values_of(job.output, "read_committed").empty());
    CHECK(values_of(job.output, "read_uncommitted") == numbered("copy of ", record_count));

    const Process second(job);
    REQUIRE(second.read_line() == "ready");
    second.proceed();
    CHECK(second.read_line() == "committed");
    check_copied_once(job);
    CHECK(values_of(job.output, "read_uncommitted").size() == 2 * record_count);
}

TEST_CASE("a zombie application wakes after its successor has taken over") {
    const Job job = prepare();
    const Process zombie(job);
    REQUIRE(zombie.read_line() == "ready");
    zombie.send_signal(SIGSTOP);

    REQUIRE(copy_in_transaction(job).ok());
    check_copied_once(job);

    zombie.send_signal(SIGCONT);
    zombie.proceed();
    CHECK(zombie.read_line() == "_FENCED");
    check_copied_once(job);
}
