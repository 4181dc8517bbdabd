#include "tools/inspect/names.h"

namespace inspect {

using protocol::Compression;
using protocol::ControlType;
using protocol::TimestampType;

std::string_view name(Compression codec) {
    switch (codec) {
        case Compression::none: return "none";
        case Compression::gzip: return "gzip";
        case Compression::snappy: return "snappy";
        case Compression::lz4: return "lz4";
        case Compression::zstd: return "zstd";
    }
    return "?";
}

std::string_view name(TimestampType type) {
    return type == TimestampType::create_time ? "CreateTime" : "LogAppendTime";
}

std::string_view name(ControlType type) {
    switch (type) {
        case ControlType::abort: return "ABORT";
        case ControlType::commit: return "COMMIT";
        case ControlType::leader_change: return "LEADER_CHANGE";
        case ControlType::snapshot_header: return "SNAPSHOT_HEADER";
        case ControlType::snapshot_footer: return "SNAPSHOT_FOOTER";
        case ControlType::kraft_version: return "KRAFT_VERSION";
        case ControlType::kraft_voters: return "KRAFT_VOTERS";
    }
    return "?";
}

}  // namespace inspect
