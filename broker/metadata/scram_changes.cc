#include "broker/metadata/scram_changes.h"

#include <map>

#include "broker/metadata/features.h"
#include "broker/security/scram.h"

namespace broker::metadata {

namespace {

// All credentials together: they stay in memory, and there is room for tens of thousands.
constexpr size_t credential_bytes_max = 16 << 20;

// What a credential takes in memory and in a snapshot, about.
size_t bytes_of(std::string_view user, const protocol::Blob& salt) {
    constexpr size_t around_bytes = 400;  // with its keys
    return around_bytes + user.size() + salt.size();
}

ApiError check_name(const std::string& user, int8_t mechanism) {
    if (user.empty()) return {ErrorCode::unacceptable_credential, "Username must not be empty"};
    if (!security::scram_mechanism(mechanism))
        return {ErrorCode::unsupported_sasl_mechanism, "Unknown SCRAM mechanism"};
    return {};
}

ApiError check(const ClusterImage& image, const ScramDeletion& deletion) {
    if (auto error = check_name(deletion.user, deletion.mechanism); error.code != ErrorCode::none)
        return error;
    if (!image.scram_users().contains({deletion.user, deletion.mechanism}))
        return {ErrorCode::resource_not_found,
                "Attempt to delete a user credential that does not exist"};
    return {};
}

ApiError check(const ClusterImage&, const ScramUpsertion& upsertion) {
    if (auto error = check_name(upsertion.user, upsertion.mechanism); error.code != ErrorCode::none)
        return error;
    if (upsertion.iterations < security::scram_iterations_min)
        return {ErrorCode::unacceptable_credential, "Too few iterations"};
    if (upsertion.iterations > security::scram_iterations_max)
        return {ErrorCode::unacceptable_credential, "Too many iterations"};
    if (upsertion.salted_password.empty())  // Apache Kafka: unknown_server_error
        return {ErrorCode::unacceptable_credential, "The salted password must not be empty"};
    return {};
}

MetadataRecord record_of(const ScramDeletion& deletion) {
    return protocol::RemoveUserScramCredentialRecord{.name = deletion.user,
                                                     .mechanism = deletion.mechanism};
}

MetadataRecord record_of(const ScramUpsertion& upsertion) {
    auto keys = security::scram_keys(*security::scram_mechanism(upsertion.mechanism),
                                     upsertion.salted_password);
    return protocol::UserScramCredentialRecord{.name = upsertion.user,
                                               .mechanism = upsertion.mechanism,
                                               .salt = upsertion.salt,
                                               .stored_key = std::move(keys.stored_key),
                                               .server_key = std::move(keys.server_key),
                                               .iterations = upsertion.iterations};
}

// All alterations of a request, by the user.
class Alterations {
  public:
    explicit Alterations(const ClusterImage& image) : image_(image) {
        for (const auto& [user, credential] : image.scram_users())
            bytes_ += bytes_of(credential.name, credential.salt);
    }

    template <class Alteration>
    void add(const std::vector<Alteration>& alterations) {
        for (const Alteration& alteration : alterations) add(alteration);
    }

    ScramChanges changes() && {
        ScramChanges changes;
        for (One& one : all_) {
            if (one.record && one.error.code == ErrorCode::none)
                changes.records.push_back(std::move(*one.record));
            changes.results.push_back({std::move(one.user), std::move(one.error)});
        }
        return changes;
    }

  private:
    struct One {
        std::string user;
        ApiError error;
        std::optional<MetadataRecord> record;
    };

    template <class Alteration>
    void add(const Alteration& alteration) {
        const auto [place, is_new] = places_.emplace(alteration.user, all_.size());
        if (!is_new) {
            // The first error that there was stays.
            ApiError& error = all_[place->second].error;
            if (error.code == ErrorCode::none)
                error = {ErrorCode::duplicate_resource,
                         "A user credential cannot be altered twice in the same request"};
            return;
        }
        One& one = all_.emplace_back(One{.user = alteration.user});
        if (image_.metadata_version() < metadata_version_of::scram)
            one.error = {ErrorCode::unsupported_version,
                         "The current metadata.version does not support SCRAM"};
        else
            one.error = check(image_, alteration);
        if (one.error.code == ErrorCode::none) one.error = check_room(alteration);
        if (one.error.code == ErrorCode::none) one.record = record_of(alteration);
    }

    ApiError check_room(const ScramDeletion&) { return {}; }
    ApiError check_room(const ScramUpsertion& upsertion) {
        const size_t bytes = bytes_of(upsertion.user, upsertion.salt);
        if (bytes_ + bytes > credential_bytes_max)
            return {ErrorCode::policy_violation, "There are too many SCRAM credentials."};
        bytes_ += bytes;
        return {};
    }

    const ClusterImage& image_;
    size_t bytes_ = 0;  // of all credentials; one that is replaced counts twice until then
    std::vector<One> all_;
    std::map<std::string, size_t> places_;  // of users
};

}  // namespace

ScramChanges alter_scram_credentials(const ClusterImage& image,
                                     const std::vector<ScramDeletion>& deletions,
                                     const std::vector<ScramUpsertion>& upsertions) {
    Alterations alterations(image);
    alterations.add(deletions);
    alterations.add(upsertions);
    return std::move(alterations).changes();
}

}  // namespace broker::metadata
