// The machine's limit for a broker's work, to be measured beside brokers: on one thread it takes
// Produce frames, checks their CRC-32C, pwrites the batches and answers; or it answers whatever
// comes with prepared frames by sendfile. It knows no topics, offsets or producers.
//   null_broker produce DIRECTORY   frames of version 9 to 13 with one batch of one partition each
//   null_broker fetch FILE          whole answers, sizes in front, one after another, in turn
// Prints its port on 127.0.0.1 and serves until it is killed.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <nmmintrin.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    buffer_bytes = 4 << 20,  // the largest frame
    answers_bytes = 64 << 10,
    partitions_max = 10000,
    connections_max = 20000,
    lane_bytes = 512,
    batch_checksum_at = 17,
    batch_checked_from = 21,
    produce_version_of_topic_ids = 13,
};

struct connection {
    int socket;
    size_t held_bytes;
    unsigned char* buffer;
    // Of the fetch side: answers that are due, and what is left of the one that is being sent.
    size_t due;
    size_t left_bytes;
    off_t at;
};

static struct connection connections[connections_max];
static const char* directory;
static int files[partitions_max];  // plus one; zero: not open yet
static off_t file_ends[partitions_max];
static int answers_file;
static const unsigned char* answers_map;
static off_t answers_size;

static void die(const char* what) {
    perror(what);
    exit(1);
}

// CRC-32C in three lanes side by side, as the instruction takes three cycles.
static uint32_t after_lane_tables[4][256];

static uint32_t add_zeros(uint32_t crc, size_t size) {
    for (size_t i = 0; i < size; ++i) crc = _mm_crc32_u8(crc, 0);
    return crc;
}

static void make_tables(void) {
    for (int byte = 0; byte < 4; ++byte)
        for (uint32_t value = 0; value < 256; ++value)
            after_lane_tables[byte][value] = add_zeros(value << (8 * byte), lane_bytes);
}

static uint32_t after_lane(uint32_t crc) {
    return after_lane_tables[0][crc & 0xff] ^ after_lane_tables[1][crc >> 8 & 0xff] ^
           after_lane_tables[2][crc >> 16 & 0xff] ^ after_lane_tables[3][crc >> 24];
}

static uint64_t word(const unsigned char* from) {
    uint64_t value;
    memcpy(&value, from, sizeof value);
    return value;
}

static uint32_t crc32c(const unsigned char* next, size_t size) {
    uint64_t crc = 0xffffffff;
    for (; size >= 3 * lane_bytes; size -= 3 * lane_bytes) {
        uint64_t second = 0, third = 0;
        for (const unsigned char* end = next + lane_bytes; next < end; next += 8) {
            crc = _mm_crc32_u64(crc, word(next));
            second = _mm_crc32_u64(second, word(next + lane_bytes));
            third = _mm_crc32_u64(third, word(next + 2 * lane_bytes));
        }
        next += 2 * lane_bytes;
        crc = after_lane(after_lane((uint32_t)crc) ^ (uint32_t)second) ^ (uint32_t)third;
    }
    for (; size >= 8; size -= 8, next += 8) crc = _mm_crc32_u64(crc, word(next));
    for (; size > 0; --size, ++next) crc = _mm_crc32_u8((uint32_t)crc, *next);
    return ~(uint32_t)crc;
}

// The little of the wire format that leads to the batch.
static uint16_t read16(const unsigned char** at) {
    const uint16_t value = (uint16_t)((*at)[0] << 8 | (*at)[1]);
    *at += 2;
    return value;
}

static uint32_t read32(const unsigned char** at) {
    const uint32_t high = read16(at);
    return high << 16 | read16(at);
}

static uint32_t read_varint(const unsigned char** at) {
    uint32_t value = 0;
    for (int shift = 0;; shift += 7) {
        const unsigned char byte = *(*at)++;
        value |= (uint32_t)(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
    }
}

static void skip_compact(const unsigned char** at) {
    const uint32_t size = read_varint(at);
    if (size > 0) *at += size - 1;
}

static void write_batch(uint32_t partition, const unsigned char* batch, size_t size) {
    const unsigned char* checksum_at = batch + batch_checksum_at;
    if (partition >= partitions_max ||
        crc32c(batch + batch_checked_from, size - batch_checked_from) != read32(&checksum_at)) {
        fprintf(stderr, "a damaged batch\n");
        exit(1);
    }
    if (files[partition] == 0) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%u.log", directory, partition);
        const int file = open(path, O_CREAT | O_TRUNC | O_RDWR, 0644);
        if (file < 0) die(path);
        files[partition] = file + 1;
    }
    const ssize_t written = pwrite(files[partition] - 1, batch, size, file_ends[partition]);
    if (written != (ssize_t)size) die("pwrite");
    file_ends[partition] += written;
}

static unsigned char* put(unsigned char* at, const void* bytes, size_t size) {
    memcpy(at, bytes, size);
    return at + size;
}

// Writes the frame's batch; gives the end of the answer, which begins at `answer`.
static unsigned char* take_produce(const unsigned char* frame, unsigned char* answer) {
    const unsigned char* at = frame + 2;  // the API key
    const uint16_t version = read16(&at);
    const unsigned char* correlation_id = at;
    at += 4;
    at += read16(&at);  // client id
    at += 1;            // tags
    skip_compact(&at);  // transactional id
    const uint16_t acks = read16(&at);
    at += 4 + 1;  // timeout, number of topics
    const unsigned char* topic = at;
    if (version >= produce_version_of_topic_ids)
        at += 16;
    else
        skip_compact(&at);
    const size_t topic_bytes = (size_t)(at - topic);
    at += 1;  // number of partitions
    const unsigned char* index_at = at;
    const uint32_t index = read32(&at);
    const uint32_t batch_bytes = read_varint(&at) - 1;
    write_batch(index, at, batch_bytes);
    if (acks == 0) return answer;

    static const unsigned char one = 2;  // of a compact array
    // No error, base offset, no append time, log start offset, no errors of records, no message,
    // tags of partition and topic, throttle time, tags.
    static const unsigned char rest[2 + 8 + 8 + 8 + 1 + 1 + 2 + 4 + 1] = {[26] = 1};
    unsigned char* end = answer + 4;
    end = put(end, correlation_id, 4);
    *end++ = 0;  // tags
    end = put(end, &one, 1);
    end = put(end, topic, topic_bytes);
    end = put(end, &one, 1);
    end = put(end, index_at, 4);
    end = put(end, rest, sizeof rest);
    const uint32_t size = htonl((uint32_t)(end - answer - 4));
    memcpy(answer, &size, 4);
    return end;
}

// A client that does not read its answers is waited for.
static int write_answers(int socket, const unsigned char* from, const unsigned char* end) {
    while (from < end) {
        const ssize_t sent = send(socket, from, (size_t)(end - from), MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) return 0;
        if (sent > 0) from += sent;
    }
    return 1;
}

// All whole frames of what has come, answered in one write. 0: the connection is over.
static int serve_produce(struct connection* c) {
    const ssize_t got = recv(c->socket, c->buffer + c->held_bytes, buffer_bytes - c->held_bytes, 0);
    if (got < 0 && errno == EAGAIN) return 1;
    if (got <= 0) return 0;
    c->held_bytes += (size_t)got;
    static unsigned char answers[answers_bytes + 4096];
    unsigned char* end = answers;
    const unsigned char* frame = c->buffer;
    const unsigned char* held_end = c->buffer + c->held_bytes;
    while (held_end - frame >= 4) {
        const unsigned char* at = frame;
        const uint32_t size = read32(&at);
        if (size > buffer_bytes - 4) return 0;
        if ((size_t)(held_end - at) < size) break;
        end = take_produce(at, end);
        frame = at + size;
        if (end - answers > answers_bytes) {
            if (!write_answers(c->socket, answers, end)) return 0;
            end = answers;
        }
    }
    c->held_bytes = (size_t)(held_end - frame);
    memmove(c->buffer, frame, c->held_bytes);
    return write_answers(c->socket, answers, end);
}

// Counts the requests that have come and sends as many of the prepared answers.
static int serve_fetch(struct connection* c) {
    for (;;) {
        if (c->left_bytes == 0 && c->due == 0) {
            const ssize_t got =
                recv(c->socket, c->buffer + c->held_bytes, buffer_bytes - c->held_bytes, 0);
            if (got < 0 && errno == EAGAIN) return 1;
            if (got <= 0) return 0;
            c->held_bytes += (size_t)got;
            const unsigned char* frame = c->buffer;
            const unsigned char* held_end = c->buffer + c->held_bytes;
            while (held_end - frame >= 4) {
                const unsigned char* at = frame;
                const uint32_t size = read32(&at);
                if (size > buffer_bytes - 4) return 0;
                if ((size_t)(held_end - at) < size) break;
                ++c->due;
                frame = at + size;
            }
            c->held_bytes = (size_t)(held_end - frame);
            memmove(c->buffer, frame, c->held_bytes);
            if (c->due == 0) return 1;
        }
        if (c->left_bytes == 0) {
            if (c->at >= answers_size) c->at = 0;
            const unsigned char* size_at = answers_map + c->at;
            c->left_bytes = 4 + read32(&size_at);
            --c->due;
        }
        const ssize_t sent = sendfile(c->socket, answers_file, &c->at, c->left_bytes);
        if (sent < 0 && errno == EAGAIN) return 1;  // goes on when the socket has room
        if (sent <= 0) return 0;
        c->left_bytes -= (size_t)sent;
    }
}

static void accept_one(int listener, int epoll, uint32_t events) {
    const int socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (socket < 0) return;
    if (socket >= connections_max) die("too many connections");
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections[socket] = (struct connection){.socket = socket, .buffer = malloc(buffer_bytes)};
    struct epoll_event event = {.events = events, .data.fd = socket};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) != 0) die("epoll_ctl");
}

static int listen_anywhere(void) {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (bind(listener, (struct sockaddr*)&address, size) != 0 || listen(listener, 1024) != 0 ||
        getsockname(listener, (struct sockaddr*)&address, &size) != 0)
        die("listen");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

static void prepare_answers(const char* path) {
    struct stat facts;
    answers_file = open(path, O_RDONLY);
    if (answers_file < 0 || fstat(answers_file, &facts) != 0 || facts.st_size == 0) die(path);
    answers_size = facts.st_size;
    answers_map = mmap(NULL, (size_t)answers_size, PROT_READ, MAP_SHARED, answers_file, 0);
    if (answers_map == MAP_FAILED) die("mmap");
}

int main(int argument_count, char** arguments) {
    const int produces = argument_count == 3 && strcmp(arguments[1], "produce") == 0;
    const int fetches = argument_count == 3 && strcmp(arguments[1], "fetch") == 0;
    if (!produces && !fetches) {
        fprintf(stderr, "null_broker produce DIRECTORY | fetch FILE\n");
        return 2;
    }
    make_tables();
    if (produces) directory = arguments[2];
    if (fetches) prepare_answers(arguments[2]);
    const int listener = listen_anywhere();
    const int epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0) die("epoll_ctl");
    for (;;) {
        struct epoll_event events[256];
        const int count = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < count; ++i) {
            const int socket = events[i].data.fd;
            if (socket == listener) {
                accept_one(listener, epoll, produces ? EPOLLIN : EPOLLIN | EPOLLOUT | EPOLLET);
                continue;
            }
            struct connection* c = &connections[socket];
            if (produces ? serve_produce(c) : serve_fetch(c)) continue;
            free(c->buffer);
            close(socket);
        }
    }
}
