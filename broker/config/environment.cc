#include "broker/config/environment.h"

#include <unistd.h>

#include <algorithm>
#include <array>

namespace broker::config {

namespace {

// What Kafka's start scripts read themselves.
constexpr std::array<std::string_view, 16> not_keys{
    "KAFKA_VERSION",           "KAFKA_HEAP_OPTS",
    "KAFKA_LOG4J_OPTS",        "KAFKA_OPTS",
    "KAFKA_JMX_OPTS",          "KAFKA_JVM_PERFORMANCE_OPTS",
    "KAFKA_GC_LOG_OPTS",       "KAFKA_LOG4J_ROOT_LOGLEVEL",
    "KAFKA_LOG4J_LOGGERS",     "KAFKA_JMX_HOSTNAME",
    "KAFKA_JMX_PORT",          "KAFKA_TOOLS_LOG4J_LOGLEVEL",
    "KAFKA_ZOOKEEPER_CONNECT", "KAFKA_HOME",
    "KAFKA_CLUSTER_ID",        "KAFKA_DEBUG",
};

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

std::string key_of_variable(std::string_view variable) {
    std::string key(variable.substr(std::string_view("KAFKA_").size()));
    for (char& c : key) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
        if (c == '_') c = '.';
    }
    replace_all(key, "...", "-");
    replace_all(key, "..", "_");
    return key;
}

}  // namespace

Values keys_of_environment(const Values& environment) {
    Values keys;
    for (const auto& [variable, value] : environment) {
        if (variable == "CLUSTER_ID") {
            keys["einmal.cluster.id"] = value;
        } else if (variable.starts_with("KAFKA_") &&
                   std::ranges::find(not_keys, variable) == not_keys.end()) {
            keys[key_of_variable(variable)] = value;
        }
    }
    return keys;
}

Values process_environment() {
    Values variables;
    for (char** entry = environ; entry && *entry; ++entry) {
        const std::string_view text(*entry);
        const auto equals = text.find('=');
        if (equals == text.npos) continue;
        variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return variables;
}

}  // namespace broker::config
