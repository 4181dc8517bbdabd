// What clients push: OpenTelemetry's metrics in Protocol Buffers.
#include "broker/telemetry/metrics_data.h"

#include <doctest/doctest.h>

#include <functional>
#include <protozero/pbf_writer.hpp>
#include <random>
#include <span>

using namespace broker::telemetry;
using protozero::pbf_writer;

namespace {

using Write = std::function<void(pbf_writer&)>;

std::string message(const Write& write) {
    std::string data;
    pbf_writer writer(data);
    write(writer);
    return data;
}

// MetricsData > ResourceMetrics > ScopeMetrics > Metric.
std::string metrics_data(const Write& write_metrics) {
    const std::string scope = message([&](pbf_writer& writer) { write_metrics(writer); });
    const std::string resource = message([&](pbf_writer& writer) {
        writer.add_string(1, "");
        writer.add_message(2, scope);
    });
    return message([&](pbf_writer& writer) { writer.add_message(1, resource); });
}

void add_metric(pbf_writer& scope, const std::string& name, uint32_t kind, const Write& point) {
    const std::string points =
        message([&](pbf_writer& writer) { writer.add_message(1, message(point)); });
    scope.add_message(2, message([&](pbf_writer& writer) {
                          writer.add_string(1, name);
                          writer.add_message(kind, points);
                      }));
}

void add_label(pbf_writer& point, uint32_t field, const std::string& name, const Write& value) {
    point.add_message(field, message([&](pbf_writer& writer) {
                          writer.add_string(1, name);
                          writer.add_message(2, message(value));
                      }));
}

protocol::Bytes bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

std::vector<std::string> lines(const std::string& data, size_t count_max = 100) {
    std::vector<std::string> lines;
    for (const DataPoint& point : read_metrics(bytes(data), count_max).value())
        lines.push_back(to_line(point));
    return lines;
}

const std::string sample = metrics_data([](pbf_writer& scope) {
    add_metric(scope, "a.gauge", 5, [](pbf_writer& point) { point.add_double(4, 1.5); });
    add_metric(scope, "a.sum", 7, [](pbf_writer& point) {
        point.add_fixed64(3, 1);  // when
        point.add_sfixed64(6, -3);
        add_label(point, 7, "topic", [](pbf_writer& value) { value.add_string(1, "or\nders"); });
        add_label(point, 7, "leader", [](pbf_writer& value) { value.add_bool(2, true); });
        add_label(point, 7, "partition", [](pbf_writer& value) { value.add_int64(3, 7); });
        add_label(point, 7, "share", [](pbf_writer& value) { value.add_double(4, 0.25); });
    });
    add_metric(scope, "a.histogram", 9, [](pbf_writer& point) {
        point.add_fixed64(4, 2);
        point.add_double(5, 10);
        add_label(point, 9, "topic", [](pbf_writer& value) { value.add_string(1, "orders"); });
    });
    add_metric(scope, "a.summary", 11, [](pbf_writer& point) { point.add_fixed64(4, 1); });
    add_metric(scope, "a.later.kind", 12, [](pbf_writer& point) { point.add_fixed64(4, 1); });
});

}  // namespace

TEST_CASE("each value of a metric is a line, with its labels and without control characters") {
    CHECK(lines(sample) ==
          std::vector<std::string>{
              "a.gauge 1.5",
              R"(a.sum{topic="or?ders",leader="true",partition="7",share="0.25"} -3)",
              R"(a.histogram_count{topic="orders"} 2)", R"(a.histogram_sum{topic="orders"} 10)",
              "a.summary_count 1", "a.summary_sum 0"});
    CHECK(lines("").empty());
}

TEST_CASE("no more values are read than asked for") {
    CHECK(lines(sample, 0).empty());
    CHECK(lines(sample, 3).size() == 3);
}

TEST_CASE("long names and many labels are cut: each value has a copy") {
    const std::string data = metrics_data([](pbf_writer& scope) {
        add_metric(scope, std::string(10'000, 'n'), 5, [](pbf_writer& point) {
            for (int i = 0; i < 100; ++i)
                add_label(point, 7, std::string(10'000, 'l'),
                          [](pbf_writer& value) { value.add_string(1, std::string(10'000, 'v')); });
        });
    });
    const auto points = read_metrics(bytes(data), 100).value();
    CHECK(points.at(0).name == std::string(256, 'n'));
    CHECK(points[0].labels.size() == 32);
    CHECK(points[0].labels[0] == std::pair(std::string(256, 'l'), std::string(256, 'v')));
}

TEST_CASE("what is no message is an error, or read as one, and nothing worse") {
    const std::string cut = sample.substr(0, sample.size() - 1);
    CHECK(read_metrics(bytes(cut), 100).error() == protocol::ErrorCode::invalid_record);
    std::mt19937_64 random(1);
    size_t refused = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string damaged = sample;
        for (int flips = 1 + static_cast<int>(random() % 4); flips > 0; --flips)
            damaged[random() % damaged.size()] = static_cast<char>(random());
        refused += !read_metrics(bytes(damaged), 100).has_value();
    }
    CHECK(refused > 1000);
    CHECK(refused < 20'000);
}
