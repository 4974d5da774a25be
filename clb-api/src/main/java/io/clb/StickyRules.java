package io.clb;

import io.clb.spi.SessionStickerFactory;
import io.clb.stick.InsertCookie;
import io.clb.stick.RewriteCookie;
import io.clb.stick.SourceIp;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rules for the stickiness of a listener. */
final class StickyRules {

    private static final int MAX_NAME_LENGTH = 200;

    /** More than rotation needs; each is computed for every server. */
    private static final int MAX_KEYS = 16;

    /** 128 bits, what cannot be guessed. */
    private static final int MIN_KEY_LENGTH = 16;

    /** The block of SHA-256: a longer key would be hashed down to 32 bytes (RFC 2104 2). */
    private static final int MAX_KEY_LENGTH = 64;

    private StickyRules() {}

    static void check(
            String listener, ListenerConfig.Protocol protocol, SessionStickerFactory sticker, Mistakes mistakes) {
        if (sticker.needsHttp() && protocol != ListenerConfig.Protocol.HTTP) {
            mistakes.add(listener, "sticky", sticker, "one that does not need HTTP: this listener is " + protocol);
        }
        String where = listener + ": sticky";
        if (sticker instanceof SourceIp sourceIp) {
            checkSeconds(where, Options.STICKY_IDLE, sourceIp.idle(), mistakes);
            Options.STICKY_CAPACITY.check(where, sourceIp.capacity(), mistakes);
        } else if (sticker instanceof InsertCookie cookie) {
            checkSeconds(where, Options.STICKY_MAX_AGE, cookie.maxAge(), mistakes);
            checkName(where, cookie.cookieName(), mistakes);
            checkKeys(where, cookie.stickyKeyLengths(), mistakes);
        } else if (sticker instanceof RewriteCookie cookie) {
            checkName(where, cookie.cookieName(), mistakes);
            checkKeys(where, cookie.stickyKeyLengths(), mistakes);
        }
    }

    private static void checkName(String where, String name, Mistakes mistakes) {
        if (!isCookieName(name)) {
            mistakes.add(
                    where,
                    "cookieName",
                    name,
                    "1 to 200 letters, digits and " + Names.TOKEN_MARKS + ", the first of them not $");
        }
    }

    /** The nodes of a cluster must know each other's cookies. */
    static void checkCluster(Cluster cluster, Iterable<ListenerConfig> listeners, Mistakes mistakes) {
        if (cluster.isDefault() || cluster.l7() == 1) {
            return;
        }
        for (ListenerConfig listener : listeners) {
            String where = "listener " + listener.name();
            checkCluster(where, listener.sticker(), cluster, mistakes);
            listener.rules()
                    .forEach((name, rule) -> checkCluster(where + ": rule " + name, rule.sticker(), cluster, mistakes));
        }
    }

    private static void checkCluster(
            String where, @Nullable SessionStickerFactory sticker, Cluster cluster, Mistakes mistakes) {
        boolean ofThisNode = (sticker instanceof InsertCookie inserted && !inserted.hasStickyKeys())
                || (sticker instanceof RewriteCookie rewritten && !rewritten.hasStickyKeys());
        if (ofThisNode) {
            mistakes.add(
                    where + ": sticky",
                    "stickyKeys",
                    "not set",
                    "keys that all " + cluster.l7() + " nodes of the cluster have");
        }
    }

    private static void checkSeconds(String where, Option<Duration> option, Duration value, Mistakes mistakes) {
        option.check(where, value, mistakes);
        if (!value.equals(value.truncatedTo(ChronoUnit.SECONDS))) {
            mistakes.add(where, option.name(), value, "whole seconds");
        }
    }

    private static boolean isCookieName(String name) {
        return Names.isToken(name) && name.length() <= MAX_NAME_LENGTH && name.charAt(0) != '$';
    }

    /** Says how long keys are, never what they are. */
    private static void checkKeys(String where, List<Integer> lengths, Mistakes mistakes) {
        if (lengths.isEmpty() || lengths.size() > MAX_KEYS) {
            mistakes.add(where, "stickyKeys", lengths.size() + " keys", "1 to 16 keys");
        }
        for (int length : lengths) {
            if (length < MIN_KEY_LENGTH || length > MAX_KEY_LENGTH) {
                mistakes.add(where, "stickyKeys", "a key of " + length + " bytes", "16 to 64 bytes");
            }
        }
    }
}
