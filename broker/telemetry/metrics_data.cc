#include "broker/telemetry/metrics_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <protozero/pbf_reader.hpp>
#include <utility>

namespace broker::telemetry {

namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;
using protozero::tag_and_type;
using Labels = std::vector<std::pair<std::string, std::string>>;

// What is longer is cut, and labels above the number are left out: names are copied to each value.
constexpr size_t text_size_max = 256;
constexpr size_t label_count_max = 32;

std::string read_text(pbf_reader& field) {
    const protozero::data_view text = field.get_view();
    return {text.data(), std::min(text.size(), text_size_max)};
}

constexpr uint32_t message(uint32_t field) {
    return tag_and_type(field, pbf_wire_type::length_delimited);
}
constexpr uint32_t fixed(uint32_t field) { return tag_and_type(field, pbf_wire_type::fixed64); }
constexpr uint32_t integer(uint32_t field) { return tag_and_type(field, pbf_wire_type::varint); }

// AnyValue: what has no plain text is left out.
std::string read_any_value(pbf_reader value) {
    std::string text;
    while (value.next()) {
        switch (value.tag_and_type()) {
            case message(1): text = read_text(value); break;
            case integer(2): text = value.get_bool() ? "true" : "false"; break;
            case integer(3): text = std::to_string(value.get_int64()); break;
            case fixed(4): text = fmt::format("{}", value.get_double()); break;
            default: value.skip();
        }
    }
    return text;
}

std::pair<std::string, std::string> read_label(pbf_reader label) {
    std::pair<std::string, std::string> read;
    while (label.next()) {
        switch (label.tag_and_type()) {
            case message(1): read.first = read_text(label); break;
            case message(2): read.second = read_any_value(label.get_message()); break;
            default: label.skip();
        }
    }
    return read;
}

void add_label(DataPoint& point, pbf_reader label) {
    if (point.labels.size() < label_count_max) point.labels.push_back(read_label(label));
}

class Metrics {
  public:
    explicit Metrics(size_t count_max) : count_max_(count_max) {}

    void read(pbf_reader data) { each(data, 1, &Metrics::read_resource); }
    std::vector<DataPoint> take() { return std::move(points_); }

  private:
    bool is_full() const { return points_.size() >= count_max_; }

    // The messages of one field.
    void each(pbf_reader& parent, uint32_t field, void (Metrics::*read)(pbf_reader)) {
        while (!is_full() && parent.next(field, pbf_wire_type::length_delimited))
            (this->*read)(parent.get_message());
    }

    void read_resource(pbf_reader resource) { each(resource, 2, &Metrics::read_scope); }
    void read_scope(pbf_reader scope) { each(scope, 2, &Metrics::read_metric); }

    void read_metric(pbf_reader metric) {
        name_.clear();
        while (!is_full() && metric.next()) {
            switch (metric.tag_and_type()) {
                case message(1): name_ = read_text(metric); break;
                case message(5):  // a gauge
                case message(7):  // a sum
                    read_points(metric.get_message(), &Metrics::read_number);
                    break;
                case message(9): read_points(metric.get_message(), &Metrics::read_histogram); break;
                case message(11): read_points(metric.get_message(), &Metrics::read_summary); break;
                default: metric.skip();
            }
        }
    }

    void read_points(pbf_reader values, void (Metrics::*read)(pbf_reader)) {
        each(values, 1, read);
    }

    void read_number(pbf_reader point) {
        DataPoint read{.name = name_};
        while (point.next()) {
            switch (point.tag_and_type()) {
                case fixed(4): read.value = point.get_double(); break;
                case fixed(6): read.value = static_cast<double>(point.get_sfixed64()); break;
                case message(7): add_label(read, point.get_message()); break;
                default: point.skip();
            }
        }
        points_.push_back(std::move(read));
    }

    void read_histogram(pbf_reader point) { read_distribution(point, message(9)); }
    void read_summary(pbf_reader point) { read_distribution(point, message(7)); }

    void read_distribution(pbf_reader point, uint32_t labels_field) {
        DataPoint count{.name = name_ + "_count"};
        DataPoint sum{.name = name_ + "_sum"};
        while (point.next()) {
            const uint32_t field = point.tag_and_type();
            if (field == fixed(4))
                count.value = static_cast<double>(point.get_fixed64());
            else if (field == fixed(5))
                sum.value = point.get_double();
            else if (field == labels_field)
                add_label(count, point.get_message());
            else
                point.skip();
        }
        sum.labels = count.labels;
        points_.push_back(std::move(count));
        if (!is_full()) points_.push_back(std::move(sum));
    }

    size_t count_max_;
    std::string name_;
    std::vector<DataPoint> points_;
};

void append_printable(std::string_view text, std::string& target) {
    for (const char c : text) {
        const bool is_control = static_cast<unsigned char>(c) < ' ' || c == '\x7f';
        target += is_control ? '?' : c;
    }
}

}  // namespace

std::expected<std::vector<DataPoint>, protocol::ErrorCode> read_metrics(protocol::Bytes data,
                                                                        size_t count_max) {
    Metrics metrics(count_max);
    try {
        metrics.read(pbf_reader(reinterpret_cast<const char*>(data.data()), data.size()));
    } catch (const protozero::exception&) {  // how the library says that data is malformed
        return std::unexpected(protocol::ErrorCode::invalid_record);
    }
    return metrics.take();
}

std::string to_line(const DataPoint& point) {
    std::string line;
    append_printable(point.name, line);
    if (!point.labels.empty()) {
        line += '{';
        for (const auto& [name, value] : point.labels) {
            if (line.back() != '{') line += ',';
            append_printable(name, line);
            line += "=\"";
            append_printable(value, line);
            line += '"';
        }
        line += '}';
    }
    return fmt::format("{} {}", std::move(line), point.value);
}

}  // namespace broker::telemetry
