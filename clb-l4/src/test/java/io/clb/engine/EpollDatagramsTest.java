package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Datagrams between two sockets of loopback, from and into all kinds of buffers. */
@EnabledIf("isAvailable")
final class EpollDatagramsTest {

    private static final int SIZE = 2_048;

    private Socket one;
    private Socket other;

    static boolean isAvailable() {
        return Epoll.isAvailable();
    }

    @BeforeEach
    void connect() throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        one = Socket.newSocketDgram();
        other = Socket.newSocketDgram();
        one.bind(new InetSocketAddress(loopback, 0));
        other.bind(new InetSocketAddress(loopback, 0));
        one.connect(other.localAddress());
        other.connect(one.localAddress());
    }

    @AfterEach
    void close() throws Exception {
        one.close();
        other.close();
    }

    /** One with an address, and one without. */
    static Stream<ByteBuf> direct() {
        return Stream.of(
                PooledByteBufAllocator.DEFAULT.directBuffer(SIZE, SIZE),
                new UnpooledDirectByteBuf(UnpooledByteBufAllocator.DEFAULT, SIZE, SIZE));
    }

    static Stream<ByteBuf> all() {
        return Stream.concat(direct(), Stream.of(Unpooled.buffer(SIZE, SIZE)));
    }

    @ParameterizedTest
    @MethodSource("direct")
    void areReadOneByOneEmptyOnesToo(ByteBuf into) throws Exception {
        into.clear().setIndex(100, 100);
        assertThat(EpollDatagrams.read(other, into)).isFalse();
        for (String text : new String[] {"first", "", "third"}) {
            ByteBuf datagram = Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
            assertThat(EpollDatagrams.send(one, datagram)).isTrue();
            datagram.release();
        }
        for (String text : new String[] {"first", "", "third"}) {
            into.setIndex(100, 100);
            assertThat(EpollDatagrams.read(other, into)).isTrue();
            assertThat(into.toString(StandardCharsets.US_ASCII)).isEqualTo(text);
        }
        assertThat(EpollDatagrams.read(other, into)).isFalse();
        into.release();
    }

    @ParameterizedTest
    @MethodSource("all")
    void areSentFromWhereTheyStand(ByteBuf from) throws Exception {
        from.clear();
        from.writeBytes("..sent..".getBytes(StandardCharsets.US_ASCII)).setIndex(2, 6);
        ByteBuf into = Unpooled.directBuffer(SIZE, SIZE);
        assertThat(EpollDatagrams.send(one, from)).isTrue();
        assertThat(EpollDatagrams.read(other, into)).isTrue();
        assertThat(into.toString(StandardCharsets.US_ASCII)).isEqualTo("sent");
        from.release();
        into.release();
    }

    @ParameterizedTest
    @MethodSource("all")
    void areSentToAClient(ByteBuf from) throws Exception {
        from.clear();
        from.writeBytes("..sent..".getBytes(StandardCharsets.US_ASCII)).setIndex(2, 6);
        ByteBuf into = Unpooled.directBuffer(SIZE, SIZE);
        Socket listening = Socket.newSocketDgram();
        try {
            listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            other.connect(listening.localAddress());
            assertThat(EpollDatagrams.send(listening, from, other.localAddress()))
                    .isTrue();
            assertThat(EpollDatagrams.read(other, into)).isTrue();
            assertThat(into.toString(StandardCharsets.US_ASCII)).isEqualTo("sent");
            into.clear();
            assertThat(EpollDatagrams.send(listening, Unpooled.EMPTY_BUFFER, other.localAddress()))
                    .isTrue();
            assertThat(EpollDatagrams.read(other, into)).isTrue();
            assertThat(into.isReadable()).isFalse();
        } finally {
            listening.close();
            from.release();
            into.release();
        }
    }

    @Test
    void nothingGoesThroughAClosedSocket() throws Exception {
        ByteBuf datagram = Unpooled.directBuffer(SIZE, SIZE).writeLong(1);
        InetSocketAddress to = other.localAddress();
        one.close();
        // It has the number of the one that was closed.
        Socket next = Socket.newSocketDgram();
        try {
            assertThat(next.intValue()).isEqualTo(one.intValue());
            next.connect(to);
            assertThat(EpollDatagrams.send(one, datagram)).isFalse();
            assertThat(EpollDatagrams.send(one, datagram, to)).isFalse();
            assertThat(EpollDatagrams.read(one, datagram)).isFalse();
            assertThat(EpollDatagrams.read(other, datagram)).isFalse();
        } finally {
            next.close();
            datagram.release();
        }
    }
}
