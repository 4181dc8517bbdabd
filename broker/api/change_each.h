// A change of several things that are each judged by itself, and written as one batch.
#pragma once

#include <expected>
#include <functional>
#include <utility>
#include <vector>

#include "broker/api/handlers.h"
#include "broker/broker.h"

namespace broker::api {

// `decide` makes of the image records, and a result for each thing: those without an error are what
// the records are of, and share the error of writing them. With `validate_only` nothing is written.
template <class Changes>
Answer<std::vector<typename Changes::Result>> change_each(
    RequestContext& context, std::function<Changes(const metadata::ClusterImage&)> decide,
    bool validate_only = false) {
    using Records = std::expected<std::vector<metadata::MetadataRecord>, metadata::ApiError>;
    std::vector<typename Changes::Result> results;
    auto records_of = [&](const metadata::ClusterImage& image, const auto&) -> Records {
        Changes changes = decide(image);
        results = std::move(changes.results);
        if (validate_only) changes.records.clear();
        return std::move(changes.records);
    };
    const auto changed = co_await context.broker.controller().change(std::move(records_of));
    if (changed) co_return results;
    for (auto& result : results)
        if (result.error.code == protocol::ErrorCode::none) result.error = changed.error();
    co_return results;
}

}  // namespace broker::api
