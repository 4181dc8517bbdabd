// The visitor that writes a message to a sink: SizeSink measures, BufferSink writes.
#pragma once

#include "protocol/visitors.h"
#include "protocol/wire.h"

namespace protocol {

template <class Sink>
class Encoder {
  public:
    Encoder(Sink& sink, int16_t version, bool flexible)
        : sink_(sink), version_(version), flexible_(flexible) {}

    template <class T>
    void operator()(const char*, const T& field, Versions present = always, Nullable null = {}) {
        if (!present.contains(version_)) return;
        if constexpr (detail::is_optional<T>)
            write_optional(field, null.versions.contains(version_));
        else
            write(field);
    }

    template <class T>
    void tagged(uint32_t, const char*, const T& field, Versions present,
                const std::type_identity_t<T>& absent = {}) {
        if (present.contains(version_) && !detail::is_absent(field, absent)) ++tag_count_;
    }

    template <class T>
    void write(const T& field) {
        if constexpr (std::is_same_v<T, bool>)
            sink_.template integer<uint8_t>(field);
        else if constexpr (std::is_enum_v<T>)
            sink_.integer(static_cast<std::underlying_type_t<T>>(field));
        else if constexpr (std::is_integral_v<T>)
            sink_.integer(field);
        else if constexpr (std::is_same_v<T, double>)
            sink_.integer(std::bit_cast<uint64_t>(field));
        else if constexpr (std::is_same_v<T, Uuid>)
            sink_.bytes(field.bytes);
        else if constexpr (std::is_same_v<T, ShortText>)
            write_short_text(field);
        else if constexpr (detail::Struct<T>)
            write_struct(field);
        else
            write_sized(field);
    }

    // A null where the version has none is written as the empty value: whatever a client asked
    // for, the answer stays well formed.
    template <class T>
    void write_optional(const std::optional<T>& field, bool nullable) {
        if constexpr (detail::Struct<T>) {
            if (nullable) sink_.template integer<int8_t>(field ? 1 : -1);
            if (field)
                write_struct(*field);
            else if (!nullable)
                write_struct(T{});
        } else {
            if (field)
                write_sized(*field);
            else
                write_length<T>(nullable ? -1 : 0);
        }
    }

  private:
    template <class T>
    void write_length(int64_t length) {
        if (flexible_)
            sink_.unsigned_varint(static_cast<uint32_t>(length + 1));
        else if constexpr (detail::Text<T>)
            sink_.integer(static_cast<int16_t>(length));
        else
            sink_.integer(static_cast<int32_t>(length));
    }

    void write_short_text(const ShortText& field) {
        const std::string_view text = detail::fitting(field.value_or(std::string_view{}));
        sink_.integer(static_cast<int16_t>(field ? static_cast<int64_t>(text.size()) : -1));
        sink_.bytes(detail::as_bytes(text));
    }

    template <detail::Text T>
    void write_sized(const T& field) {
        const std::string_view text = detail::fitting(field);
        write_length<T>(static_cast<int64_t>(text.size()));
        sink_.bytes(detail::as_bytes(text));
    }

    void write_sized(const Bytes& field) {
        write_length<Bytes>(static_cast<int64_t>(field.size()));
        sink_.bytes(field);
    }

    void write_sized(const Blob& field) { write_sized(Bytes(field)); }

    void write_sized(const Records& field) {
        write_length<Records>(static_cast<int64_t>(field.bytes.size() + field.elsewhere_bytes));
        sink_.records(field);
    }

    template <class T>
    void write_sized(const std::vector<T>& field) {
        write_length<std::vector<T>>(static_cast<int64_t>(field.size()));
        for (const T& element : field) write(element);
    }

    template <class T>
    void write_struct(const T& message);

    Sink& sink_;
    int16_t version_;
    bool flexible_;
    uint32_t tag_count_ = 0;  // of the struct being written
};

// Second pass over a struct's fields: writes those tagged fields that differ from their default.
template <class Sink>
class TagEncoder {
  public:
    TagEncoder(Sink& sink, int16_t version) : sink_(sink), version_(version) {}

    template <class T>
    void operator()(const char*, const T&, Versions = always, Nullable = {}) {}

    template <class T>
    void tagged(uint32_t tag, const char*, const T& field, Versions present,
                const std::type_identity_t<T>& absent = {}) {
        if (!present.contains(version_) || detail::is_absent(field, absent)) return;
        SizeSink body;
        write(body, field);
        sink_.unsigned_varint(tag);
        sink_.unsigned_varint(static_cast<uint32_t>(body.size()));
        write(sink_, field);
    }

  private:
    template <class Target, class T>
    void write(Target& target, const T& field) {
        Encoder<Target> encoder(target, version_, /*flexible=*/true);
        if constexpr (!detail::is_optional<T>) {
            encoder.write(field);
        } else if constexpr (!detail::Struct<typename T::value_type>) {
            encoder.write_optional(field, /*nullable=*/true);
        } else {
            // The marker of a nullable struct is an unsigned varint here, an int8 elsewhere.
            target.unsigned_varint(field ? 1 : 0);
            if (field) encoder.write(*field);
        }
    }

    Sink& sink_;
    int16_t version_;
};

template <class Sink>
template <class T>
void Encoder<Sink>::write_struct(const T& message) {
    const uint32_t outer_count = std::exchange(tag_count_, 0);
    T::fields(*this, message);
    if (flexible_) {
        sink_.unsigned_varint(tag_count_);
        if (tag_count_ > 0) {
            TagEncoder<Sink> visitor(sink_, version_);
            T::fields(visitor, message);
        }
    }
    tag_count_ = outer_count;
}

}  // namespace protocol
