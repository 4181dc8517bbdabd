import java.util.List;
import org.apache.kafka.common.message.CreateAclsRequestData;
import org.apache.kafka.common.message.CreateAclsRequestData.AclCreation;
import org.apache.kafka.common.message.CreateDelegationTokenRequestData;
import org.apache.kafka.common.message.DeleteAclsRequestData;
import org.apache.kafka.common.message.DeleteAclsRequestData.DeleteAclsFilter;
import org.apache.kafka.common.message.DescribeAclsRequestData;
import org.apache.kafka.common.message.DescribeDelegationTokenRequestData;
import org.apache.kafka.common.message.ExpireDelegationTokenRequestData;
import org.apache.kafka.common.message.RenewDelegationTokenRequestData;
import org.apache.kafka.common.message.SaslAuthenticateRequestData;
import org.apache.kafka.common.message.SaslHandshakeRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/** Who may do what, asked of a listener without authentication and a broker without authorizer. */
final class SecurityCases {
    private SecurityCases() {
    }

    static void addTo(Cases cases) {
        same(cases, ApiKeys.SASL_HANDSHAKE, "without SASL",
            new SaslHandshakeRequestData().setMechanism("PLAIN"));
        same(cases, ApiKeys.SASL_AUTHENTICATE, "without SASL",
            new SaslAuthenticateRequestData().setAuthBytes(new byte[] {0, 'a', 0, 'b'}));
        addTokens(cases);
        addAcls(cases);
    }

    private static void addTokens(Cases cases) {
        String situation = "without authentication";
        same(cases, ApiKeys.CREATE_DELEGATION_TOKEN, situation,
            new CreateDelegationTokenRequestData().setMaxLifetimeMs(1000));
        same(cases, ApiKeys.RENEW_DELEGATION_TOKEN, situation,
            new RenewDelegationTokenRequestData().setHmac(new byte[] {1}).setRenewPeriodMs(1));
        same(cases, ApiKeys.EXPIRE_DELEGATION_TOKEN, situation,
            new ExpireDelegationTokenRequestData().setHmac(new byte[0]).setExpiryTimePeriodMs(-1));
        same(cases, ApiKeys.DESCRIBE_DELEGATION_TOKEN, situation,
            new DescribeDelegationTokenRequestData().setOwners(null));
    }

    private static void addAcls(Cases cases) {
        String situation = "without authorizer";
        same(cases, ApiKeys.CREATE_ACLS, situation,
            new CreateAclsRequestData().setCreations(List.of(creation(), creation())));
        same(cases, ApiKeys.CREATE_ACLS, "nothing", new CreateAclsRequestData());
        same(cases, ApiKeys.CREATE_ACLS, "an unknown operation",
            new CreateAclsRequestData().setCreations(
                List.of(creation().setOperation((byte) 99))));
        same(cases, ApiKeys.DESCRIBE_ACLS, situation, description());
        same(cases, ApiKeys.DESCRIBE_ACLS, "an unknown type",
            description().setResourceTypeFilter((byte) 99));
        same(cases, ApiKeys.DELETE_ACLS, situation,
            new DeleteAclsRequestData().setFilters(List.of(filter(), filter())));
        same(cases, ApiKeys.DELETE_ACLS, "nothing", new DeleteAclsRequestData());
        same(cases, ApiKeys.DELETE_ACLS, "an unknown pattern type",
            new DeleteAclsRequestData().setFilters(
                List.of(filter().setPatternTypeFilter((byte) 0))));
    }

    private static AclCreation creation() {
        return new AclCreation()
            .setResourceType((byte) 2)
            .setResourceName("t")
            .setResourcePatternType((byte) 3)
            .setPrincipal("User:a")
            .setHost("*")
            .setOperation((byte) 3)
            .setPermissionType((byte) 3);
    }

    private static DescribeAclsRequestData description() {
        return new DescribeAclsRequestData()
            .setResourceTypeFilter((byte) 1)
            .setResourceNameFilter(null)
            .setPatternTypeFilter((byte) 1)
            .setPrincipalFilter(null)
            .setHostFilter(null)
            .setOperation((byte) 1)
            .setPermissionType((byte) 1);
    }

    private static DeleteAclsFilter filter() {
        return new DeleteAclsFilter()
            .setResourceTypeFilter((byte) 1)
            .setResourceNameFilter(null)
            .setPatternTypeFilter((byte) 1)
            .setPrincipalFilter(null)
            .setHostFilter(null)
            .setOperation((byte) 1)
            .setPermissionType((byte) 1);
    }

    private static void same(Cases cases, ApiKeys api, String situation, ApiMessage request) {
        cases.each(api, situation,
            (broker, version) -> Facts.of(version, broker.ask(version, request)));
    }
}
