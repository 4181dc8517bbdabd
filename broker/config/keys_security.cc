// Broker keys: TLS, SASL, delegation tokens, authorization.
#include "broker/config/key_table.h"

namespace broker::config {

using namespace key_table;

namespace {

constexpr Row rows[] = {
    boolean("allow.everyone.if.no.acl.found", null),
    string("authorizer.class.name", "")
        .rule(one_of(",org.apache.kafka.metadata.authorizer.StandardAuthorizer"))
        .acts("Whether access control lists are kept; none is enforced yet."),
    int32("connection.failed.authentication.delay.ms", "100").rule(at_least(0)),
    int64("connections.max.reauth.ms", "0"),
    int64("delegation.token.expiry.check.interval.ms", "3600000").rule(at_least(1)),
    int64("delegation.token.expiry.time.ms", "86400000").rule(at_least(1)),
    int64("delegation.token.max.lifetime.ms", "604800000").rule(at_least(1)),
    password("delegation.token.secret.key", null),
    class_name("principal.builder.class",
               "org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder")
        .dynamic_per_broker(),
    class_name("sasl.client.callback.handler.class", null),
    list("sasl.enabled.mechanisms", "GSSAPI").dynamic_per_broker(),
    password("sasl.jaas.config", null).dynamic_per_broker(),
    string("sasl.kerberos.kinit.cmd", "/usr/bin/kinit").dynamic_per_broker(),
    int64("sasl.kerberos.min.time.before.relogin", "60000").dynamic_per_broker(),
    list("sasl.kerberos.principal.to.local.rules", "DEFAULT").dynamic_per_broker(),
    string("sasl.kerberos.service.name", null).dynamic_per_broker(),
    real("sasl.kerberos.ticket.renew.jitter", "0.05").dynamic_per_broker(),
    real("sasl.kerberos.ticket.renew.window.factor", "0.8").dynamic_per_broker(),
    class_name("sasl.login.callback.handler.class", null),
    class_name("sasl.login.class", null),
    int32("sasl.login.connect.timeout.ms", null),
    int32("sasl.login.read.timeout.ms", null),
    int16("sasl.login.refresh.buffer.seconds", "300").dynamic_per_broker(),
    int16("sasl.login.refresh.min.period.seconds", "60").dynamic_per_broker(),
    real("sasl.login.refresh.window.factor", "0.8").dynamic_per_broker(),
    real("sasl.login.refresh.window.jitter", "0.05").dynamic_per_broker(),
    int64("sasl.login.retry.backoff.max.ms", "10000"),
    int64("sasl.login.retry.backoff.ms", "100"),
    string("sasl.mechanism.controller.protocol", "GSSAPI"),
    string("sasl.mechanism.inter.broker.protocol", "GSSAPI").dynamic_per_broker(),
    string("sasl.oauthbearer.assertion.algorithm", "RS256").rule(one_of_any_case("ES256,RS256")),
    string("sasl.oauthbearer.assertion.claim.aud", null),
    int32("sasl.oauthbearer.assertion.claim.exp.seconds", "300").rule(between(0, 86'400)),
    string("sasl.oauthbearer.assertion.claim.iss", null),
    boolean("sasl.oauthbearer.assertion.claim.jti.include", "false"),
    int32("sasl.oauthbearer.assertion.claim.nbf.seconds", "60").rule(between(0, 3'600)),
    string("sasl.oauthbearer.assertion.claim.sub", null),
    string("sasl.oauthbearer.assertion.file", null),
    string("sasl.oauthbearer.assertion.private.key.file", null),
    password("sasl.oauthbearer.assertion.private.key.passphrase", null),
    string("sasl.oauthbearer.assertion.template.file", null),
    string("sasl.oauthbearer.client.credentials.client.id", null),
    password("sasl.oauthbearer.client.credentials.client.secret", null),
    int32("sasl.oauthbearer.clock.skew.seconds", "30"),
    list("sasl.oauthbearer.expected.audience", ""),
    string("sasl.oauthbearer.expected.issuer", null),
    int64("sasl.oauthbearer.jwks.endpoint.refresh.ms", "3600000"),
    int64("sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", "10000"),
    int64("sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", "100"),
    string("sasl.oauthbearer.jwks.endpoint.url", null),
    class_name("sasl.oauthbearer.jwt.retriever.class",
               "org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever"),
    class_name("sasl.oauthbearer.jwt.validator.class",
               "org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator"),
    string("sasl.oauthbearer.scope", null),
    string("sasl.oauthbearer.scope.claim.name", "scope"),
    string("sasl.oauthbearer.sub.claim.name", "sub"),
    string("sasl.oauthbearer.token.endpoint.url", null),
    class_name("sasl.server.callback.handler.class", null),
    int32("sasl.server.max.receive.size", "524288"),
    string("security.inter.broker.protocol", "PLAINTEXT")
        .rule(one_of("PLAINTEXT,SSL,SASL_PLAINTEXT,SASL_SSL")),
    string("security.providers", null),
    boolean("ssl.allow.dn.changes", "false"),
    boolean("ssl.allow.san.changes", "false"),
    list("ssl.cipher.suites", "").dynamic_per_broker(),
    string("ssl.client.auth", "none").rule(one_of("required,requested,none")).dynamic_per_broker(),
    list("ssl.enabled.protocols", "TLSv1.2,TLSv1.3").dynamic_per_broker(),
    string("ssl.endpoint.identification.algorithm", "https").dynamic_per_broker(),
    class_name("ssl.engine.factory.class", null).dynamic_per_broker(),
    password("ssl.key.password", null).dynamic_per_broker(),
    string("ssl.keymanager.algorithm", "SunX509").dynamic_per_broker(),
    password("ssl.keystore.certificate.chain", null).dynamic_per_broker(),
    password("ssl.keystore.key", null).dynamic_per_broker(),
    string("ssl.keystore.location", null).dynamic_per_broker(),
    password("ssl.keystore.password", null).dynamic_per_broker(),
    string("ssl.keystore.type", "JKS").dynamic_per_broker(),
    string("ssl.principal.mapping.rules", "DEFAULT"),
    string("ssl.protocol", "TLSv1.3").dynamic_per_broker(),
    string("ssl.provider", null).dynamic_per_broker(),
    string("ssl.secure.random.implementation", null).dynamic_per_broker(),
    string("ssl.trustmanager.algorithm", "PKIX").dynamic_per_broker(),
    password("ssl.truststore.certificates", null).dynamic_per_broker(),
    string("ssl.truststore.location", null).dynamic_per_broker(),
    password("ssl.truststore.password", null).dynamic_per_broker(),
    string("ssl.truststore.type", "JKS").dynamic_per_broker(),
    string("super.users", null),
};

}  // namespace

std::span<const Row> security_rows() { return rows; }

}  // namespace broker::config
