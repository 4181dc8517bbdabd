// Consuming: from a log that is warm, with frames prepared in a first pass over it, or of the tail
// while something else produces.
#include <array>
#include <fstream>
#include <memory>

#include "protocol/frame.h"
#include "tools/bench/load/big_endian.h"
#include "tools/bench/load/commands.h"
#include "tools/bench/load/connection.h"
#include "tools/bench/load/fetch_frame.h"
#include "tools/bench/load/meter.h"
#include "tools/bench/load/topic.h"

namespace bench {

namespace {

struct FetchOptions {
    Topic topic;
    FetchShape shape;
    double gigabytes = 1;  // of answers
    double seconds_max = 60;
    // Waits for so many records to come instead; 0: the log is warm.
    int64_t follow_records = 0;
    std::string save;
};

struct Prepared {
    std::vector<Blob> frames;
    int64_t records = 0;
    double bytes = 0;
};

double wire_bytes(Bytes answer) {
    return static_cast<double>(protocol::frame_size_bytes + answer.size());
}

void save_answer(std::ofstream& file, Bytes answer) {
    std::array<std::byte, protocol::frame_size_bytes> size{};
    store(size, 0, static_cast<uint32_t>(answer.size()));
    file.write(reinterpret_cast<const char*>(size.data()), size.size());
    file.write(reinterpret_cast<const char*>(answer.data()),
               static_cast<std::streamsize>(answer.size()));
}

// Reads the log once to its end.
Prepared prepare(Connection& connection, const FetchOptions& options) {
    Prepared prepared;
    FetchShape shape = options.shape;
    shape.wait_ms_max = 0;
    FetchPosition position(options.topic.name, options.topic.partitions, shape);
    std::ofstream save(options.save);
    for (;;) {
        Blob frame = position.frame();
        connection.send(frame);
        const Bytes answer = connection.receive();
        const auto batches = position.move_on(answer);
        if (batches.empty()) return prepared;
        if (!options.save.empty()) save_answer(save, answer);
        for (const auto& batch : batches) prepared.records += batch.next_offset - batch.base_offset;
        prepared.bytes += wire_bytes(answer);
        prepared.frames.push_back(std::move(frame));
    }
}

void fetch_warm(const Target& target, const FetchOptions& options) {
    Connection connection(target);
    Prepared prepared;
    // A null broker answers whatever comes.
    if (target.is_null)
        prepared.frames.push_back(FetchPosition(options.topic.name, 1, options.shape).frame());
    else
        prepared = prepare(connection, options);
    if (prepared.frames.empty()) throw std::runtime_error("the log is empty");
    const auto end = Clock::now() + std::chrono::duration<double>(options.seconds_max);
    double bytes = 0;
    const Meter meter(target);
    for (size_t turn = 0; bytes < options.gigabytes * 1e9 && Clock::now() < end; ++turn) {
        connection.send(prepared.frames[turn % prepared.frames.size()]);
        bytes += static_cast<double>(connection.discard());
    }
    Figures figures;
    const double passes = target.is_null ? 0 : bytes / prepared.bytes;
    figures.set_throughput(meter, passes * static_cast<double>(prepared.records), bytes);
    figures.print();
}

void follow(const Target& target, const FetchOptions& options) {
    create_topic(target, options.topic);
    Connection connection(target);
    FetchPosition position(options.topic.name, options.topic.partitions, options.shape);
    const auto end = Clock::now() + std::chrono::duration<double>(options.seconds_max);
    std::optional<Meter> meter;
    int64_t records = 0;
    double bytes = 0;
    while (records < options.follow_records && Clock::now() < end) {
        connection.send(position.frame());
        const Bytes answer = connection.receive();
        const auto batches = position.move_on(answer);
        if (batches.empty()) continue;
        // What was done for the first answer is not counted, and neither is the answer.
        if (meter) bytes += wire_bytes(answer);
        if (!meter) meter.emplace(target);
        for (const auto& batch : batches) records += batch.next_offset - batch.base_offset;
    }
    if (!meter || bytes == 0) throw std::runtime_error("nothing came");
    Figures figures;
    figures.set_throughput(*meter, static_cast<double>(records), bytes);
    figures.print();
}

}  // namespace

void add_fetch_command(CLI::App& app, const Target& target) {
    auto options = std::make_shared<FetchOptions>();
    CLI::App* command = app.add_subcommand("fetch", "answers as fast as the broker gives them");
    command->add_option("--topic", options->topic.name, "has records already");
    command->add_option("--partitions", options->topic.partitions, "in one request");
    command->add_option("--partition-bytes-max", options->shape.partition_bytes_max);
    command->add_flag("--read-committed", options->shape.is_committed);
    command->add_option("--gigabytes", options->gigabytes, "of answers, over and over");
    command->add_option("--seconds-max", options->seconds_max, "after which it ends early");
    command->add_option("--follow-records", options->follow_records,
                        "creates the topic and reads what is produced into it, so many records");
    command->add_option("--save", options->save, "a file that gets each answer once");
    command->callback([options, &target] {
        if (options->follow_records > 0)
            follow(target, *options);
        else
            fetch_warm(target, *options);
    });
}

}  // namespace bench
