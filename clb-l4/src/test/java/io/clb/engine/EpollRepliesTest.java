package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.l4.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers between two sockets of loopback: whatever leaves together arrives one by one. */
@EnabledIf("isAvailable")
@ExtendWith(LeakCheck.class)
final class EpollRepliesTest {

    private static final int SOL_UDP = 17;
    private static final int UDP_SEGMENT = 103;
    private static final int SOL_SOCKET = 1;
    private static final int SO_NO_CHECK = 11;
    private static final int TIMEOUT_MILLIS = 10_000;

    private Socket socket;
    private DatagramSocket client;
    private EpollReplies replies;
    private final byte[] room = new byte[70_000];
    private final List<byte[]> sent = new ArrayList<>();

    static boolean isAvailable() {
        return Epoll.isAvailable();
    }

    @BeforeEach
    void open() throws Exception {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        socket = Socket.newSocketDgram();
        socket.bind(any);
        client = new DatagramSocket(any);
        client.setReceiveBufferSize(1 << 20);
        client.setSoTimeout(TIMEOUT_MILLIS);
        replies = new EpollReplies(socket);
    }

    @AfterEach
    void close() throws Exception {
        socket.close();
        client.close();
    }

    private int segment() throws IOException {
        return socket.getIntOpt(SOL_UDP, UDP_SEGMENT);
    }

    private int send(ByteBuf datagram) {
        byte[] bytes = new byte[datagram.readableBytes()];
        datagram.getBytes(datagram.readerIndex(), bytes);
        sent.add(bytes);
        return replies.send((InetSocketAddress) client.getLocalSocketAddress(), datagram);
    }

    /** Datagrams that stand behind one another, as they are read. */
    private void sendRow(int... sizes) {
        int all = Arrays.stream(sizes).sum();
        ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(all);
        for (int size : sizes) {
            byte[] bytes = new byte[size];
            Arrays.fill(bytes, (byte) sent.size());
            buffer.writeBytes(bytes);
            assertThat(send(buffer.readRetainedSlice(size))).isZero();
        }
        buffer.release();
    }

    private void assertAllArriveAsTheyWere() throws IOException {
        assertThat(replies.flush()).isZero();
        for (byte[] expected : sent) {
            DatagramPacket packet = new DatagramPacket(room, room.length);
            client.receive(packet);
            assertThat(Arrays.copyOf(packet.getData(), packet.getLength())).isEqualTo(expected);
        }
        sent.clear();
    }

    @Test
    void thoseOfOneSizeLeaveTogether() throws Exception {
        sendRow(100, 100, 100, 100);
        assertAllArriveAsTheyWere();
        assertThat(segment()).isEqualTo(100);
    }

    @Test
    void oneByItselfIsNotTakenApartWhateverWasBefore() throws Exception {
        sendRow(100, 100);
        assertAllArriveAsTheyWere();
        sendRow(50, 1_000, 100, 0, 100, 100);
        assertAllArriveAsTheyWere();
        sendRow(65_507);
        assertAllArriveAsTheyWere();
    }

    @Test
    void noMoreLeaveTogetherThanTheSystemTakes() throws Exception {
        int[] many = new int[100];
        Arrays.fill(many, 10);
        sendRow(many);
        assertAllArriveAsTheyWere();
        sendRow(30_000, 30_000, 30_000);
        assertAllArriveAsTheyWere();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void allSequencesArrive(boolean refused) throws Exception {
        if (refused) {
            // Without sums, and so on some devices and ways, the system takes nothing apart.
            socket.setIntOpt(SOL_SOCKET, SO_NO_CHECK, 1);
        }
        SplittableRandom random = new SplittableRandom(7);
        for (int round = 0; round < 50; round++) {
            for (int row = random.nextInt(4); row >= 0; row--) {
                int size = random.nextInt(1_500);
                sendRow(random.ints(1 + random.nextInt(8), 0, 4)
                        .map(kind -> kind == 0 ? random.nextInt(1_500) : size)
                        .toArray());
                assertThat(send(Unpooled.wrappedBuffer(new byte[random.nextInt(100)])))
                        .isZero();
            }
            assertAllArriveAsTheyWere();
        }
    }

    /** To port 0, that is. */
    @Test
    void whatCanBeSentNowhereKeepsNobodyElsesApart() throws Exception {
        InetSocketAddress nowhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(200).writeZero(200);
        assertThat(replies.send(nowhere, buffer.readRetainedSlice(100))).isZero();
        assertThat(replies.send(nowhere, buffer.readRetainedSlice(100))).isZero();
        buffer.release();
        assertThat(replies.flush()).isEqualTo(2);
        sendRow(100, 100);
        assertAllArriveAsTheyWere();
        assertThat(segment()).isEqualTo(100);
    }

    @Test
    void whatIsLostIsTold() throws Exception {
        sendRow(100, 100, 100);
        socket.close();
        assertThat(replies.flush()).isEqualTo(3);
        assertThat(replies.flush()).isZero();
    }
}
