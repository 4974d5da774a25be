package io.clb.ratelimit.jgroups;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts and authenticates messages by a shared secret: AES-256 in GCM (NIST SP 800-38D), each message with a key of its own. Any thread may use it.
 *
 * <p>A message's key is the HMAC-SHA256, under the master key, of 16 random bytes that go with it. So all nodes can send under one master key for years without
 * the same key and nonce coming twice, which random nonces of 12 bytes alone would allow after some 2^32 messages.
 */
final class MessageCipher {

    /** A guess at the secret costs as much as it does us: some 0.1 s, once in the life of a node. */
    private static final int ITERATIONS = 100_000;

    private static final int KEY_BITS = 256;
    private static final int TAG_BITS = 128;
    private static final int SALT = 16;
    private static final int NONCE = 12;
    private static final int PREFIX = SALT + NONCE;

    private static final String MAC = "HmacSHA256";
    private static final String CIPHER = "AES/GCM/NoPadding";

    private final SecureRandom random = new SecureRandom();
    private final SecretKeySpec master;

    /** Derives the master key (PBKDF2, RFC 8018), which takes some 0.1 s: the cluster's name is the salt, so that no two clusters have the same. */
    MessageCipher(String secret, String cluster) throws GeneralSecurityException {
        PBEKeySpec derivation =
                new PBEKeySpec(secret.toCharArray(), ("clb-cluster:" + cluster).getBytes(UTF_8), ITERATIONS, KEY_BITS);
        byte[] key = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512")
                .generateSecret(derivation)
                .getEncoded();
        master = new SecretKeySpec(key, MAC);
    }

    /** Returns the random bytes, then what is encrypted, then its tag. */
    byte[] seal(byte[] plain, int offset, int length) throws GeneralSecurityException {
        byte[] prefix = new byte[PREFIX];
        random.nextBytes(prefix);
        Cipher cipher = cipher(Cipher.ENCRYPT_MODE, prefix, 0);
        byte[] sealed = Arrays.copyOf(prefix, PREFIX + cipher.getOutputSize(length));
        cipher.doFinal(plain, offset, length, sealed, PREFIX);
        return sealed;
    }

    /** Returns what was encrypted, or null if it was not under this secret, or was changed. */
    byte @Nullable [] open(byte[] sealed, int offset, int length) {
        if (length < PREFIX + TAG_BITS / Byte.SIZE) {
            return null;
        }
        try {
            return cipher(Cipher.DECRYPT_MODE, sealed, offset).doFinal(sealed, offset + PREFIX, length - PREFIX);
        } catch (GeneralSecurityException e) {
            return null;
        }
    }

    private Cipher cipher(int mode, byte[] prefix, int offset) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(MAC);
        mac.init(master);
        mac.update(prefix, offset, SALT);
        Cipher cipher = Cipher.getInstance(CIPHER);
        cipher.init(
                mode,
                new SecretKeySpec(mac.doFinal(), "AES"),
                new GCMParameterSpec(TAG_BITS, prefix, offset + SALT, NONCE));
        return cipher;
    }
}
