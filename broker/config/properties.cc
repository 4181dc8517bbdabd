#include "broker/config/properties.h"

#include <fmt/format.h>

#include <charconv>

namespace broker::config {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }

std::string_view skip_blanks(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    return text;
}

// Takes natural lines off a text, and joins them where a line ends in an odd number of backslashes.
class Lines {
  public:
    explicit Lines(std::string_view text) : rest_(text) {}

    bool at_end() const { return rest_.empty(); }
    int number() const { return number_; }

    std::string next() {
        std::string line(skip_blanks(next_natural()));
        if (line.starts_with('#') || line.starts_with('!')) return {};
        while (is_continued(line)) {
            line.pop_back();
            if (at_end()) break;
            line += skip_blanks(next_natural());
        }
        return line;
    }

  private:
    std::string_view next_natural() {
        ++number_;
        const auto end = rest_.find_first_of("\r\n");
        const auto line = rest_.substr(0, end);
        if (end == rest_.npos) {
            rest_ = {};
        } else {
            rest_.remove_prefix(end + (rest_.substr(end).starts_with("\r\n") ? 2 : 1));
        }
        return line;
    }
    static bool is_continued(std::string_view line) {
        const auto last_other = line.find_last_not_of('\\');
        const auto backslashes = line.size() - (last_other == line.npos ? 0 : last_other + 1);
        return backslashes % 2 == 1;
    }

    std::string_view rest_;
    int number_ = 0;
};

// Where the key ends: at the first separator that is not escaped.
size_t key_length(std::string_view line) {
    for (size_t at = 0; at < line.size(); ++at) {
        if (line[at] == '\\') {
            ++at;
        } else if (line[at] == '=' || line[at] == ':' || is_blank(line[at])) {
            return at;
        }
    }
    return line.size();
}

void append_utf8(std::string& target, uint32_t code) {
    if (code < 0x80) {
        target += static_cast<char>(code);
    } else if (code < 0x800) {
        target += static_cast<char>(0xc0 | code >> 6);
        target += static_cast<char>(0x80 | (code & 0x3f));
    } else {
        target += static_cast<char>(0xe0 | code >> 12);
        target += static_cast<char>(0x80 | (code >> 6 & 0x3f));
        target += static_cast<char>(0x80 | (code & 0x3f));
    }
}

// nullopt: a \u escape is cut short.
std::optional<std::string> unescape(std::string_view text) {
    std::string plain;
    for (size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '\\' || at + 1 == text.size()) {
            plain += text[at];
            continue;
        }
        switch (const char escaped = text[++at]) {
            case 't': plain += '\t'; break;
            case 'n': plain += '\n'; break;
            case 'r': plain += '\r'; break;
            case 'f': plain += '\f'; break;
            case 'u': {
                const auto digits = text.substr(at + 1, 4);
                uint32_t code = 0;
                const auto [end, error] =
                    std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
                if (error != std::errc{} || end != digits.data() + 4) return std::nullopt;
                append_utf8(plain, code);
                at += 4;
                break;
            }
            default: plain += escaped;
        }
    }
    return plain;
}

}  // namespace

std::expected<Values, ConfigError> parse_properties(std::string_view text) {
    Values values;
    Lines lines(text);
    while (!lines.at_end()) {
        const auto line = lines.next();
        if (line.empty()) continue;
        const auto length = key_length(line);
        auto rest = skip_blanks(std::string_view(line).substr(length));
        if (rest.starts_with('=') || rest.starts_with(':')) rest = skip_blanks(rest.substr(1));
        auto key = unescape(std::string_view(line).substr(0, length));
        auto value = unescape(rest);
        if (!key || !value) {
            return std::unexpected(ConfigError{
                ErrorCode::invalid_config,
                fmt::format("line {}: \\u wants four hexadecimal digits", lines.number())});
        }
        values.insert_or_assign(*std::move(key), *std::move(value));
    }
    return values;
}

}  // namespace broker::config
