#include "broker/api/change_resources.h"

#include <fmt/format.h>

#include "broker/broker.h"
#include "broker/logging.h"

namespace broker::api {

namespace {

using metadata::ApiError;
using metadata::ConfigChange;
using metadata::ConfigOperation;
using protocol::ErrorCode;
using Checked = std::expected<void, ApiError>;

using metadata::refuse;

Checked check_level(const ConfigChange::Entry& entry) {
    if (entry.key != root_logger)
        return refuse(ErrorCode::invalid_config,
                      fmt::format("Logger {} does not exist!", entry.key));
    switch (entry.operation) {
        case ConfigOperation::set:
            if (is_log_level(*entry.value)) return {};
            return refuse(
                ErrorCode::invalid_config,
                fmt::format("Cannot set the log level of {} to {} {}. Valid log levels are {}",
                            entry.key, *entry.value, "as it is not a supported log level",
                            "DEBUG, ERROR, FATAL, INFO, TRACE, WARN"));
        case ConfigOperation::remove:
            return refuse(ErrorCode::invalid_request,
                          "Removing the log level of the root logger is not allowed");
        default:
            return refuse(
                ErrorCode::invalid_request,
                fmt::format("{} operation is not allowed for the BROKER_LOGGER resource",
                            entry.operation == ConfigOperation::append ? "APPEND" : "SUBTRACT"));
    }
}

// KIP-412. Levels last as long as the process.
Checked change_log_levels(const ConfigChange& change, int32_t node_id, bool validate_only) {
    if (auto valid = metadata::validate_entries(change); !valid) return valid;
    if (auto valid = metadata::validate_node_id(change.name, node_id); !valid) return valid;
    for (const auto& entry : change.entries)
        if (auto valid = check_level(entry); !valid) return valid;
    if (validate_only) return {};
    for (const auto& entry : change.entries) set_log_level(*entry.value);
    return {};
}

}  // namespace

Answer<Checked> change_resource(RequestContext& context, ConfigChange change, bool validate_only) {
    if (change.resource == metadata::ConfigResource::broker_logger && !change.replaces_all)
        co_return change_log_levels(change, context.home.config.node_id, validate_only);
    auto decide = [&change, validate_only, &first = context.shards.first()](
                      const metadata::ClusterImage& image, const metadata::ClusterDefaults&) {
        auto records = metadata::change_configs(image, change, first.config);
        if (records && validate_only) records->clear();
        return records;
    };
    co_return co_await context.broker.controller().change(std::move(decide));
}

}  // namespace broker::api
