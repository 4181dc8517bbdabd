// What the machine can do at best, for what brokers are made of: the report's measure beside them.
//   machine_limits DIRECTORY    prints a line of JSON; its files are there until it ends
// Each step is done a few times, and the best counts: other work on the machine only adds.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "protocol/crc32c.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr int rounds = 3;
constexpr size_t piece_bytes = 256 << 10;  // at a time, unless said otherwise
constexpr size_t batch_bytes = 15'700;     // 15 records of 1 KiB: as in a log, no whole pages
constexpr size_t file_bytes = 256 << 20;
constexpr size_t sent_bytes = 1 << 30;
constexpr int round_trips = 10'000;
constexpr size_t question_bytes = 100;

// Requires: the call has just failed, if it has.
template <class T>
T checked(T result, const char* call) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), call);
    return result;
}

double thread_cpu_seconds() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double gigabytes(size_t bytes) { return static_cast<double>(bytes) / 1e9; }

// Both ends of a TCP connection over the loopback interface.
class Loopback {
  public:
    Loopback() {
        const int listener = checked(::socket(AF_INET, SOCK_STREAM, 0), "socket");
        sockaddr_in address{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
        socklen_t size = sizeof address;
        auto* name = reinterpret_cast<sockaddr*>(&address);
        checked(::bind(listener, name, size), "bind");
        checked(::listen(listener, 1), "listen");
        checked(::getsockname(listener, name, &size), "getsockname");
        near = checked(::socket(AF_INET, SOCK_STREAM, 0), "socket");
        checked(::connect(near, name, size), "connect");
        far = checked(::accept(listener, nullptr, nullptr), "accept");
        ::close(listener);
        const int on = 1;
        for (const int socket : {near, far})
            ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    Loopback(const Loopback&) = delete;
    ~Loopback() {
        ::close(near);
        ::close(far);
    }
    int near = -1;
    int far = -1;
};

// Removed from its directory at once.
class ScratchFile {
  public:
    explicit ScratchFile(const std::string& directory) {
        std::string path = directory + "/machine-limits-XXXXXX";
        descriptor = checked(::mkstemp(path.data()), "mkstemp");
        ::unlink(path.c_str());
    }
    ScratchFile(const ScratchFile&) = delete;
    ~ScratchFile() { ::close(descriptor); }
    int descriptor = -1;
};

// CPU seconds for each GB. The file is new, and its bytes are not on the disk when it ends.
double write_file(const ScratchFile& file, size_t bytes_at_a_time) {
    const std::vector<std::byte> bytes(bytes_at_a_time, std::byte{'x'});
    const double before = thread_cpu_seconds();
    for (size_t at = 0; at < file_bytes; at += bytes.size())  // the last one beyond it
        checked(::pwrite(file.descriptor, bytes.data(), bytes.size(), static_cast<off_t>(at)),
                "pwrite");
    return (thread_cpu_seconds() - before) / gigabytes(file_bytes);
}

void receive(int socket, size_t size, bool drops) {
    std::vector<std::byte> buffer(piece_bytes);
    while (size > 0) {
        const size_t most = std::min(size, buffer.size());
        // The kernel drops what a load does not look at.
        size -= static_cast<size_t>(checked(drops ? ::recv(socket, nullptr, size, MSG_TRUNC)
                                                  : ::recv(socket, buffer.data(), most, 0),
                                            "recv"));
    }
}

struct Throughput {
    double gb_per_s = 0;
    double sender_s_per_gb = std::numeric_limits<double>::max();
    double receiver_s_per_gb = std::numeric_limits<double>::max();

    void take_better(const Throughput& other) {
        gb_per_s = std::max(gb_per_s, other.gb_per_s);
        sender_s_per_gb = std::min(sender_s_per_gb, other.sender_s_per_gb);
        receiver_s_per_gb = std::min(receiver_s_per_gb, other.receiver_s_per_gb);
    }
};

// Sends by `send`, which gives how many bytes it sent of at most as many; the other end takes them.
template <class Send>
Throughput transmit(bool drops, Send send) {
    const Loopback loopback;
    const auto begin = Clock::now();
    double receiver_s = 0;
    std::jthread receiver([&] {
        receive(loopback.far, sent_bytes, drops);
        receiver_s = thread_cpu_seconds();
    });
    const double before = thread_cpu_seconds();
    for (size_t left = sent_bytes; left > 0;)
        left -= static_cast<size_t>(checked(send(loopback.near, left), "send"));
    const double sender_s = thread_cpu_seconds() - before;
    receiver.join();
    const std::chrono::duration<double> seconds = Clock::now() - begin;
    return {.gb_per_s = gigabytes(sent_bytes) / seconds.count(),
            .sender_s_per_gb = sender_s / gigabytes(sent_bytes),
            .receiver_s_per_gb = receiver_s / gigabytes(sent_bytes)};
}

Throughput send_memory() {
    const std::vector<std::byte> bytes(piece_bytes, std::byte{'x'});
    return transmit(/*drops=*/false, [&](int socket, size_t left) {
        return ::send(socket, bytes.data(), std::min(left, bytes.size()), 0);
    });
}

// Of a file that lies in the page cache in pieces as large as it was written in.
Throughput send_file(const ScratchFile& file) {
    off_t at = 0;
    return transmit(/*drops=*/true, [&](int socket, size_t left) {
        if (at >= static_cast<off_t>(file_bytes)) at = 0;
        return ::sendfile(socket, file.descriptor, &at, std::min(left, piece_bytes));
    });
}

double crc32c_gb_per_s() {
    const std::vector<std::byte> bytes(1 << 20, std::byte{'x'});
    uint32_t sum = 0;
    const double before = thread_cpu_seconds();
    constexpr size_t turns = 1000;
    for (size_t i = 0; i < turns; ++i) sum += protocol::crc32c(bytes);
    const double seconds = thread_cpu_seconds() - before;
    if (sum == 1) fmt::print(stderr, "\n");  // so that it is not left out
    return gigabytes(turns * bytes.size()) / seconds;
}

// Microseconds for a question and its answer, each end on a thread of its own. The median.
double round_trip_us() {
    const Loopback loopback;
    std::array<std::byte, question_bytes> question{};
    std::jthread answers([&] {
        std::array<std::byte, question_bytes> answer{};
        while (::recv(loopback.far, answer.data(), answer.size(), MSG_WAITALL) > 0)
            ::send(loopback.far, answer.data(), answer.size(), MSG_NOSIGNAL);
    });
    std::vector<double> times;
    for (int i = 0; i < round_trips; ++i) {
        const auto begin = Clock::now();
        checked(::send(loopback.near, question.data(), question.size(), 0), "send");
        checked(::recv(loopback.near, question.data(), question.size(), MSG_WAITALL), "recv");
        times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
    }
    ::shutdown(loopback.near, SHUT_RDWR);
    std::ranges::nth_element(times, times.begin() + round_trips / 2);
    return times[round_trips / 2];
}

void measure(const std::string& directory) {
    Throughput memory, from_pieces, from_batches;
    double write_pieces = std::numeric_limits<double>::max();
    double write_batches = write_pieces;
    double trip_us = write_pieces;
    double checksum = 0;
    for (int round = 0; round < rounds; ++round) {
        const ScratchFile pieces(directory), batches(directory);
        write_pieces = std::min(write_pieces, write_file(pieces, piece_bytes));
        write_batches = std::min(write_batches, write_file(batches, batch_bytes));
        memory.take_better(send_memory());
        from_pieces.take_better(send_file(pieces));
        from_batches.take_better(send_file(batches));
        checksum = std::max(checksum, crc32c_gb_per_s());
        trip_us = std::min(trip_us, round_trip_us());
    }
    const std::array<std::pair<std::string_view, double>, 9> figures{{
        {"loopback_gb_per_s", memory.gb_per_s},
        {"send_s_per_gb", memory.sender_s_per_gb},
        {"receive_s_per_gb", memory.receiver_s_per_gb},
        {"sendfile_s_per_gb", from_pieces.sender_s_per_gb},
        {"sendfile_of_batches_s_per_gb", from_batches.sender_s_per_gb},
        {"write_s_per_gb", write_pieces},
        {"write_of_batches_s_per_gb", write_batches},
        {"crc32c_gb_per_s", checksum},
        {"round_trip_us", trip_us},
    }};
    std::string line;
    for (const auto& [name, value] : figures)
        line += fmt::format("{}\"{}\": {:.3g}", line.empty() ? "" : ", ", name, value);
    fmt::print("{{{}}}\n", line);
}

}  // namespace

int main(int argument_count, char** arguments) {
    if (argument_count != 2) {
        fmt::print(stderr, "machine_limits DIRECTORY\n");
        return 2;
    }
    measure(arguments[1]);
}
