package io.clb.engine;

import io.clb.spi.Reason;
import java.io.IOException;
import java.net.ConnectException;
import java.net.PortUnreachableException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads what the system says of a failed connect. */
public final class Failures {

    private Failures() {}

    /**
     * Tells which reason a failed connect is.
     *
     * @param cause what the system said
     * @return refused, timed out, nowhere to connect from, or failed otherwise
     */
    public static Reason connect(@Nullable Throwable cause) {
        String text = text(cause).toLowerCase(Locale.ROOT);
        // Reset: it ceased to listen while the connection waited to be accepted.
        if ((cause instanceof ConnectException && text.contains("refused")) || text.equals("connection reset")) {
            return Reason.CONNECT_REFUSED;
        }
        if (text.contains("assign requested address") || text.contains("address already in use")) {
            return Reason.NO_LOCAL_PORT;
        }
        // The kernel's own limit on handshakes, where it is shorter than ours.
        return text.contains("timed out") ? Reason.CONNECT_TIMEOUT : Reason.CONNECT_FAILED;
    }

    /**
     * Tells whether a connected datagram socket says that nobody is on the server's port (ICMP port unreachable).
     *
     * @param cause what the system said of reading or writing
     * @return true for that alone
     */
    public static boolean isRefused(Throwable cause) {
        return cause instanceof PortUnreachableException
                || (cause instanceof IOException && text(cause).contains("connection refused"));
    }

    /**
     * Says in a few words what went wrong.
     *
     * @param thrown what was thrown
     * @return its message without the address that Netty appends, or its type
     */
    public static String text(@Nullable Throwable thrown) {
        if (thrown == null) {
            return "unknown";
        }
        String message = thrown.getMessage();
        if (message == null) {
            return thrown.getClass().getSimpleName();
        }
        int address = message.lastIndexOf(": ");
        boolean annotated = address > 0 && message.indexOf('/', address) > 0;
        String said = annotated ? message.substring(0, address) : message;
        // As Netty's native transports say it: "finishConnect(..) failed with error(-111): Connection refused".
        int call = said.indexOf("(..) failed");
        int cause = call < 0 ? -1 : said.indexOf(": ", call);
        String words = (cause < 0 ? said : said.substring(cause + 2)).toLowerCase(Locale.ROOT);
        // Linux says by whom, the JDK sometimes not; it is never somebody else.
        return words.equals("connection reset by peer") ? "connection reset" : words;
    }
}
