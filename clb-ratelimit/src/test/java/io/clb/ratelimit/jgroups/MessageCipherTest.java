package io.clb.ratelimit.jgroups;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What is sealed opens as it was, by the same secret in the same cluster, and not otherwise. */
class MessageCipherTest {

    private static final String SECRET = "a secret of some length";
    private static final byte[] PLAIN = "what a node says".getBytes(UTF_8);

    @Test
    void opensWhatWasSealedWithTheSameSecret() throws GeneralSecurityException {
        byte[] sealed = new MessageCipher(SECRET, "test").seal(PLAIN, 0, PLAIN.length);
        byte[] amid = new byte[sealed.length + 5];
        System.arraycopy(sealed, 0, amid, 3, sealed.length);
        assertThat(new MessageCipher(SECRET, "test").open(amid, 3, sealed.length))
                .isEqualTo(PLAIN);
        assertThat(new MessageCipher(SECRET, "other").open(sealed, 0, sealed.length))
                .isNull();
        assertThat(new MessageCipher("another secret of length", "test").open(sealed, 0, sealed.length))
                .isNull();
    }

    @Test
    void noBitMayBeChanged() throws GeneralSecurityException {
        MessageCipher cipher = new MessageCipher(SECRET, "test");
        byte[] sealed = cipher.seal(PLAIN, 0, PLAIN.length);
        for (int i = 0; i < sealed.length; i++) {
            byte[] changed = sealed.clone();
            changed[i] ^= 1;
            assertThat(cipher.open(changed, 0, changed.length)).isNull();
            assertThat(cipher.open(sealed, 0, i)).isNull();
        }
    }

    @Test
    void theSameMessageIsNeverSealedTheSame() throws GeneralSecurityException {
        MessageCipher cipher = new MessageCipher(SECRET, "test");
        byte[] sealed = cipher.seal(PLAIN, 0, PLAIN.length);
        assertThat(sealed).isNotEqualTo(cipher.seal(PLAIN, 0, PLAIN.length));
        assertThat(Arrays.equals(sealed, 28, 28 + PLAIN.length, PLAIN, 0, PLAIN.length))
                .isFalse();
    }
}
