package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.l4.ProxyHeaders;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.TransportProtocol;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever comes in place of a header. */
class ProxyCodecTest {

    private static final Origin OWN = new Origin(null, null, null);

    private static final List<byte[]> SOUND = List.of(
            ProxyHeaders.binary(),
            ProxyHeaders.binary(new byte[] {2, 0, 1, 'x', 0x20, 0, 5, 1, 0, 0, 0, 0}),
            "PROXY TCP4 192.0.2.7 198.51.100.9 1111 2222\r\n".getBytes(StandardCharsets.US_ASCII),
            "PROXY UNKNOWN\r\n".getBytes(StandardCharsets.US_ASCII));

    /** A sound header of which some bytes are others, cut off or with something behind it. */
    @Provide
    Arbitrary<byte[]> almostHeaders() {
        Arbitrary<byte[]> changes = Arbitraries.bytes().array(byte[].class).ofMaxSize(6);
        return Combinators.combine(
                        Arbitraries.of(SOUND),
                        changes,
                        Arbitraries.integers().between(0, 1 << 20),
                        Arbitraries.integers().between(0, 64))
                .as((sound, changed, where, length) -> {
                    byte[] bytes = Arrays.copyOf(sound, Math.min(sound.length, 6 + length));
                    int at = where;
                    for (byte each : changed) {
                        bytes[at % bytes.length] = each;
                        at = at * 31 + 7;
                        at &= 0xfffff;
                    }
                    return bytes;
                });
    }

    @Property(tries = 5_000)
    void aHeaderIsReadOrRefusedAndNeverMoreThanItIs(@ForAll("almostHeaders") byte[] bytes) {
        ByteBuf buffer = Unpooled.buffer().writeBytes(bytes);
        int length = ProxyCodec.length(buffer);
        assertThat(length).isBetween(ProxyCodec.MALFORMED, bytes.length);
        if (length > 0) {
            ProxyCodec.decode(buffer.slice(0, length), TransportProtocol.STREAM, OWN);
        }
        assertThat(buffer.readableBytes()).isEqualTo(bytes.length);
        assertThat(buffer.refCnt()).isOne();
        buffer.release();
    }

    /** What begins otherwise is none, however short; what begins alike is not judged before it is there. */
    @Property(tries = 1_000)
    void theFirstBytesThatDifferDecide(@ForAll byte[] bytes) {
        ByteBuf buffer = Unpooled.wrappedBuffer(bytes);
        boolean mayBe = bytes.length == 0 || bytes[0] == 'P' || bytes[0] == '\r';
        if (!mayBe) {
            assertThat(ProxyCodec.length(buffer)).isEqualTo(ProxyCodec.NONE);
        }
        for (byte[] header : SOUND) {
            for (int cut = 0; cut < header.length; cut++) {
                assertThat(ProxyCodec.length(Unpooled.wrappedBuffer(header, 0, cut)))
                        .isEqualTo(ProxyCodec.UNDECIDED);
            }
            assertThat(ProxyCodec.length(Unpooled.wrappedBuffer(header, bytes))).isEqualTo(header.length);
        }
    }
}
