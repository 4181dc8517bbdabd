#include "broker/logging.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

namespace broker {

namespace {

// log4j's names, which spdlog spells otherwise.
struct Level {
    spdlog::level::level_enum level;
    std::string_view name;
};
constexpr std::array levels{
    Level{spdlog::level::trace, "TRACE"}, Level{spdlog::level::debug, "DEBUG"},
    Level{spdlog::level::info, "INFO"},   Level{spdlog::level::warn, "WARN"},
    Level{spdlog::level::err, "ERROR"},   Level{spdlog::level::critical, "FATAL"}};

std::string_view name_of(spdlog::level::level_enum level) {
    const auto found = std::ranges::find(levels, level, &Level::level);
    return found == levels.end() ? "OFF" : found->name;
}

class LevelName : public spdlog::custom_flag_formatter {
  public:
    void format(const spdlog::details::log_msg& message, const std::tm&,
                spdlog::memory_buf_t& target) override {
        const std::string_view name = name_of(message.level);
        target.append(name.data(), name.data() + name.size());
    }
    std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<LevelName>();
    }
};

}  // namespace

void set_up_logging(const std::string& level) {
    const auto logger = spdlog::stdout_logger_mt("einmal");
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<LevelName>('*').set_pattern("[%Y-%m-%d %H:%M:%S,%e] %* %v (%n)");
    logger->set_formatter(std::move(formatter));
    logger->set_level(spdlog::level::from_str(level));
    spdlog::set_default_logger(logger);
}

std::string_view log_level() { return name_of(spdlog::default_logger_raw()->level()); }

bool is_log_level(std::string_view level) {
    return std::ranges::find(levels, level, &Level::name) != levels.end();
}

void set_log_level(std::string_view level) {
    spdlog::default_logger_raw()->set_level(std::ranges::find(levels, level, &Level::name)->level);
}

void log_ready(int node_id) {
    const auto logger = spdlog::default_logger();
    if (logger->level() == spdlog::level::off) return;
    const auto print = [&](std::string_view name, const std::string& text) {
        const auto named = logger->clone(std::string(name));
        named->set_level(spdlog::level::info);
        named->info(text);
    };
    constexpr auto unfenced =
        "The broker has been unfenced. Transitioning from RECOVERY to RUNNING.";
    print("kafka.server.BrokerLifecycleManager",
          fmt::format("[BrokerLifecycleManager id={}] {}", node_id, unfenced));
    print("kafka.server.KafkaRaftServer",
          fmt::format("[KafkaRaftServer nodeId={}] Kafka Server started", node_id));
}

}  // namespace broker
