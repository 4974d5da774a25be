package io.clb.l7;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.clb.spi.Reason;
import java.util.Arrays;

/** The field that says why the balancer answered by itself: RFC 9209. The registered error is the nearest one; the reason's own code stands in {@code details}. */
@SuppressWarnings("EnumOrdinal") // an index into an array that lives no longer than the enum
final class ProxyStatus {

    /** More than the longest. */
    static final int MAX_LENGTH = 128;

    private static final byte[][] LINES = Arrays.stream(Reason.values())
            .map(reason -> ("Proxy-Status: clb; error=" + error(reason) + "; details=\"" + reason.code() + "\"\r\n")
                    .getBytes(US_ASCII))
            .toArray(byte[][]::new);

    private ProxyStatus() {}

    /** The whole line; not to be changed. */
    static byte[] line(Reason reason) {
        return LINES[reason.ordinal()];
    }

    /** What RFC 9209 2.3 calls it. */
    private static String error(Reason reason) {
        return switch (reason) {
            case ACCESS_DENIED,
                    FILTER_DENIED,
                    LIMIT_CPS,
                    LIMIT_CPS_PER_CLIENT,
                    LIMIT_QPS,
                    LIMIT_QPS_PER_CLIENT,
                    LIMIT_QPS_PER_HEADER,
                    LIMIT_BANDWIDTH,
                    MAX_CONNECTIONS,
                    MAX_CONNECTIONS_PER_CLIENT,
                    MAX_WEB_SOCKETS,
                    TRACE_REFUSED -> "http_request_denied";
            case RETRY_BUDGET_EMPTY, ALL_SERVERS_DOWN, NO_SERVER_AVAILABLE, SERVER_DRAINED -> "destination_unavailable";
            case SERVER_QUEUE_FULL, SERVER_QUEUE_TIMEOUT -> "connection_limit_reached";
            case CONNECT_REFUSED -> "connection_refused";
            case CONNECT_TIMEOUT -> "connection_timeout";
            case CONNECT_FAILED, NO_LOCAL_PORT -> "destination_ip_unroutable";
            case NAME_UNRESOLVED -> "dns_error";
            case SERVER_RESET, SERVER_CLOSED -> "connection_terminated";
            case RESPONSE_TIMEOUT -> "http_response_timeout";
            case RESPONSE_HEAD_TOO_LARGE -> "http_response_header_section_size";
            case RESPONSE_TRUNCATED -> "http_response_incomplete";
            case BAD_RESPONSE -> "http_protocol_error";
            case NO_RULE_MATCHED, UNKNOWN_HOST -> "destination_not_found";
            case MEMORY, SHUTDOWN, EXTENSION_FAILED, FILTER_TIMEOUT, INTERNAL_ERROR -> "proxy_internal_error";
            default -> reason.party() == Reason.Party.CLIENT ? "http_request_error" : "proxy_internal_response";
        };
    }
}
