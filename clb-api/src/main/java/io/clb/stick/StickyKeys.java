package io.clb.stick;

import static java.util.Objects.requireNonNull;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.List;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** The secret keys of sticky cookies, the one that signs first. Immutable; never printed. Equal if all keys are, or if both were made at random. */
final class StickyKeys {

    private static final String ALGORITHM = "HmacSHA256";

    /** Bytes of a key made at random: the length of what SHA-256 puts out; more adds nothing (RFC 2104 3). */
    private static final int RANDOM_LENGTH = 32;

    private final List<byte[]> keys;
    private final boolean random;

    private StickyKeys(List<byte[]> keys, boolean random) {
        this.keys = keys;
        this.random = random;
    }

    static StickyKeys random() {
        byte[] key = new byte[RANDOM_LENGTH];
        new SecureRandom().nextBytes(key);
        return new StickyKeys(List.of(key), true);
    }

    static StickyKeys of(List<byte[]> keys) {
        return new StickyKeys(
                keys.stream().map(key -> requireNonNull(key, "key").clone()).toList(), false);
    }

    boolean areRandom() {
        return random;
    }

    List<Integer> lengths() {
        return keys.stream().map(key -> key.length).toList();
    }

    /** Makes what computes HMAC-SHA-256 (RFC 2104) by each key, in their order. For one thread. */
    List<Mac> macs() {
        return keys.stream().map(StickyKeys::mac).toList();
    }

    private static Mac mac(byte[] key) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(ALGORITHM + ": missing (expected: in every Java platform)", e);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof StickyKeys that && random == that.random && (random || sameKeys(that));
    }

    private boolean sameKeys(StickyKeys that) {
        return keys.size() == that.keys.size()
                && IntStream.range(0, keys.size()).allMatch(i -> MessageDigest.isEqual(keys.get(i), that.keys.get(i)));
    }

    /** Of their number only: a hash of the keys would tell of them. */
    @Override
    public int hashCode() {
        return random ? 0 : keys.size();
    }

    @Override
    public String toString() {
        return random ? "a random key" : keys.size() + (keys.size() == 1 ? " key" : " keys");
    }
}
