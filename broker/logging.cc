#include "broker/logging.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <string_view>

namespace broker {

namespace {

// log4j's names, which spdlog spells otherwise.
class LevelName : public spdlog::custom_flag_formatter {
  public:
    void format(const spdlog::details::log_msg& message, const std::tm&,
                spdlog::memory_buf_t& target) override {
        const auto name = [&]() -> std::string_view {
            switch (message.level) {
                case spdlog::level::trace: return "TRACE";
                case spdlog::level::debug: return "DEBUG";
                case spdlog::level::info: return "INFO";
                case spdlog::level::warn: return "WARN";
                case spdlog::level::err: return "ERROR";
                default: return "FATAL";
            }
        }();
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
