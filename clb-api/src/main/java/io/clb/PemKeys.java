package io.clb;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/** Reads certificates and private keys in PEM (RFC 7468) by the JDK, which knows keys in PKCS#8 only: older forms are wrapped in that (RFC 5208, RFC 8017, RFC 5915). */
final class PemKeys {

    private static final Pattern BLOCK = Pattern.compile(
            "-----BEGIN ((?:RSA |EC |ENCRYPTED )?PRIVATE KEY)-----\\s+([A-Za-z0-9+/=\\s]+)-----END \\1-----");
    private static final Pattern CERTIFICATE = Pattern.compile("-----BEGIN CERTIFICATE-----");
    private static final Pattern LEGACY = Pattern.compile("Proc-Type: *4,ENCRYPTED");
    private static final Set<Integer> CURVE_BITS = Set.of(256, 384, 521);
    private static final int MAX_BYTES = 1 << 20;

    private static final int INTEGER = 0x02;
    private static final int OCTETS = 0x04;
    private static final int SEQUENCE = 0x30;
    private static final int PARAMETERS = 0xA0;

    /** Version 0. */
    private static final byte[] VERSION = {INTEGER, 1, 0};

    /** 1.2.840.113549.1.1.1 with NULL. */
    private static final byte[] RSA = {
        0x30, 0x0D, 0x06, 0x09, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00
    };

    /** 1.2.840.10045.2.1. */
    private static final byte[] EC = {0x06, 0x07, 0x2A, (byte) 0x86, 0x48, (byte) 0xCE, 0x3D, 0x02, 0x01};

    private PemKeys() {}

    /** The certificates in a file, of which there is one at least. */
    static X509Certificate[] chain(Path file) throws IOException, GeneralSecurityException {
        byte[] bytes = read(file);
        if (!CERTIFICATE.matcher(new String(bytes, US_ASCII)).find()) {
            throw new CertificateException(file + " has no certificate (expected: one or more in PEM)");
        }
        try {
            return CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(bytes))
                    .toArray(X509Certificate[]::new);
        } catch (CertificateException e) {
            throw new CertificateException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** The private key in a file. */
    static PrivateKey key(Path file, String password) throws IOException, GeneralSecurityException {
        String text = new String(read(file), US_ASCII);
        Matcher block = BLOCK.matcher(text);
        if (!block.find()) {
            throw new InvalidKeyException(
                    LEGACY.matcher(text).find()
                            ? file
                                    + " is encrypted in the old form of OpenSSL (expected: ENCRYPTED PRIVATE KEY; openssl pkcs8 -topk8 converts it)"
                            : file + " has no private key (expected: one in PEM)");
        }
        try {
            byte[] der = Base64.getMimeDecoder().decode(block.group(2));
            return switch (block.group(1)) {
                case "RSA PRIVATE KEY" -> pkcs8(join(VERSION, RSA, wrap(OCTETS, der)), "RSA");
                case "EC PRIVATE KEY" ->
                    pkcs8(join(VERSION, wrap(SEQUENCE, join(EC, curve(der))), wrap(OCTETS, der)), "EC");
                case "ENCRYPTED PRIVATE KEY" -> decrypted(der, password);
                default -> anyKind(new PKCS8EncodedKeySpec(der));
            };
        } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
            throw new InvalidKeyException(
                    file + " has a private key that cannot be read" + (password.isEmpty() ? "" : " with this password")
                            + ": " + e.getMessage(),
                    e);
        }
    }

    private static byte[] read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(file + " has " + Files.size(file) + " bytes (expected: 1 MiB at most)");
        }
        return Files.readAllBytes(file);
    }

    private static PrivateKey decrypted(byte[] der, String password) throws GeneralSecurityException, IOException {
        if (password.isEmpty()) {
            throw new InvalidKeyException("it is encrypted (expected: a password)");
        }
        EncryptedPrivateKeyInfo encrypted = new EncryptedPrivateKeyInfo(der);
        // What PBES2 is made of, JDK 17 tells by its parameters only.
        String algorithm = encrypted.getAlgName().startsWith("PBEWith")
                ? encrypted.getAlgName()
                : String.valueOf(encrypted.getAlgParameters());
        SecretKey secret =
                SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(password.toCharArray()));
        Cipher cipher = Cipher.getInstance(algorithm);
        cipher.init(Cipher.DECRYPT_MODE, secret, encrypted.getAlgParameters());
        return anyKind(encrypted.getKeySpec(cipher));
    }

    private static PrivateKey anyKind(PKCS8EncodedKeySpec spec) throws GeneralSecurityException {
        try {
            return KeyFactory.getInstance("RSA").generatePrivate(spec);
        } catch (GeneralSecurityException e) {
            return KeyFactory.getInstance("EC").generatePrivate(spec);
        }
    }

    private static PrivateKey pkcs8(byte[] content, String algorithm) throws GeneralSecurityException {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(wrap(SEQUENCE, content)));
    }

    /** The curve's name, which stands in the key as [0]: SEQUENCE { INTEGER 1, OCTET STRING, [0] { OBJECT IDENTIFIER } }. */
    private static byte[] curve(byte[] der) throws InvalidKeyException {
        try {
            int at = content(der, 0);
            while (at < der.length) {
                int start = content(der, at);
                int end = start + length(der, at);
                if ((der[at] & 0xFF) == PARAMETERS) {
                    return Arrays.copyOfRange(der, start, end);
                }
                at = end;
            }
        } catch (IndexOutOfBoundsException e) {
            throw new InvalidKeyException("it breaks off", e);
        }
        throw new InvalidKeyException("it does not name its curve");
    }

    private static int content(byte[] der, int at) {
        return at + 2 + (der[at + 1] < 0 ? der[at + 1] & 0x7F : 0);
    }

    private static int length(byte[] der, int at) {
        if (der[at + 1] >= 0) {
            return der[at + 1];
        }
        int length = 0;
        for (int i = at + 2; i < content(der, at); i++) {
            length = (length << Byte.SIZE) | (der[i] & 0xFF);
        }
        return length;
    }

    private static byte[] wrap(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.length < 0x80) {
            out.write(content.length);
        } else {
            int bytes = content.length < 0x100 ? 1 : 2;
            out.write(0x80 | bytes);
            for (int i = bytes - 1; i >= 0; i--) {
                out.write(content.length >> (i * Byte.SIZE));
            }
        }
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    static void checkKind(PublicKey key, Path file, int leastRsaBits) throws CertificateException {
        boolean served = false;
        if (key instanceof RSAPublicKey rsa) {
            served = rsa.getModulus().bitLength() >= leastRsaBits;
        } else if (key instanceof ECPublicKey ec) {
            served = CURVE_BITS.contains(ec.getParams().getCurve().getField().getFieldSize());
        }
        if (!served) {
            throw new CertificateException(file + " has a key of " + key.getAlgorithm()
                    + " (expected: RSA of 2048 bits or more, or EC on P-256, P-384 or P-521)");
        }
    }

    /** That what the one signs the other verifies. */
    static void checkPair(PrivateKey secret, PublicKey known, String files) throws GeneralSecurityException {
        String algorithm = known instanceof RSAPublicKey ? "SHA256withRSA" : "SHA256withECDSA";
        byte[] any = {1};
        boolean fits = secret.getAlgorithm().equals(known.getAlgorithm());
        if (fits) {
            Signature signing = Signature.getInstance(algorithm);
            signing.initSign(secret);
            signing.update(any);
            Signature verifying = Signature.getInstance(algorithm);
            verifying.initVerify(known);
            verifying.update(any);
            try {
                fits = verifying.verify(signing.sign());
            } catch (SignatureException e) {
                fits = false;
            }
        }
        if (!fits) {
            throw new InvalidKeyException(files + " do not belong together (expected: the certificate's own key)");
        }
    }
}
