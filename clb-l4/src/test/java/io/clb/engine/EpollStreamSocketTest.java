package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.l4.LeakCheck;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoOps;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a socket on epoll does that nothing whole can be asked to show. */
@EnabledIf("isAvailable")
@ExtendWith(LeakCheck.class)
final class EpollStreamSocketTest {

    private static final int TIMEOUT_MILLIS = 10_000;
    private static final int CHUNK = 64 * 1_024;

    /** What was told. Written on the loop. */
    private static final class Told implements StreamSocket.Events {

        private long bytes;
        private final List<Long> turns = new ArrayList<>();
        private final StringBuilder text = new StringBuilder();
        private long connectedTurn = -1;
        private boolean allWritten;
        private boolean inputEnded;
        private boolean failed;
        private boolean writable;
        private boolean readsToReset;
        private int largestBuffer;
        private final Loop loop;

        Told(Loop loop) {
            this.loop = loop;
        }

        @Override
        public void connected(@Nullable Throwable failure) {
            assertThat(failure).isNull();
            connectedTurn = loop.turn();
        }

        @Override
        public void received(ByteBuf bytes) {
            this.bytes += bytes.readableBytes();
            largestBuffer = Math.max(largestBuffer, bytes.capacity());
            turns.add(loop.turn());
            if (bytes.readableBytes() < CHUNK) {
                text.append(bytes.toString(StandardCharsets.US_ASCII));
            }
            bytes.release();
        }

        @Override
        public void readComplete() {}

        @Override
        public void written() {
            writable = true;
        }

        @Override
        public boolean hearsOfResets() {
            return !readsToReset;
        }

        @Override
        public void allWritten() {
            allWritten = true;
        }

        @Override
        public void inputEnded() {
            inputEnded = true;
        }

        @Override
        public void failed(@Nullable Throwable cause) {
            failed = true;
        }
    }

    static boolean isAvailable() {
        return Epoll.isAvailable();
    }

    /** A loop with one such socket, and somebody to connect it to. */
    private static final class Pair implements AutoCloseable {

        private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, new EpollHandlers());
        private final Loop loop;
        private final Told told;
        private final EpollStreamSocket socket;
        private final ServerSocket server = new ServerSocket();

        Pair(ByteBufAllocator allocator) throws IOException {
            this(allocator, StreamSocket.Use.RELAY);
        }

        Pair(ByteBufAllocator allocator, StreamSocket.Use use) throws IOException {
            loop = new Loop(0, group.next(), Clock.SYSTEM, allocator);
            told = new Told(loop);
            socket = new EpollStreamSocket(
                    io.netty.channel.unix.Socket.newSocketStream(),
                    false,
                    loop,
                    Direction.TO_CLIENTS,
                    new RunRule("rule", 2),
                    use,
                    told);
            server.setReceiveBufferSize(CHUNK);
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        }

        <T> T on(Callable<T> task) throws Exception {
            return loop.eventLoop().submit(task).get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
        }

        void beginConnect() throws IOException {
            socket.connect((InetSocketAddress) server.getLocalSocketAddress(), null);
        }

        Socket accept() throws IOException {
            Socket far = server.accept();
            far.setSoTimeout(TIMEOUT_MILLIS);
            return far;
        }

        Socket connect() throws Exception {
            on(() -> {
                beginConnect();
                return null;
            });
            Socket far = accept();
            await().until(() -> on(() -> told.connectedTurn >= 0));
            return far;
        }

        @Override
        public void close() throws IOException {
            loop.execute(() -> {
                socket.end(false);
                loop.stop();
            });
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
            server.close();
        }
    }

    /** What a socket does not ask. */
    private record NoRegistration() implements IoRegistration {

        @Override
        @SuppressWarnings("TypeParameterUnusedInFormals") // as Netty declares it
        public <T> T attachment() {
            throw new AssertionError();
        }

        @Override
        public long submit(IoOps ops) {
            throw new AssertionError();
        }

        @Override
        public boolean isValid() {
            return true;
        }

        @Override
        public boolean cancel() {
            return false;
        }
    }

    /** Its descriptor had the number of one that was closed in the same turn, and that something was still to be told of. */
    @Test
    void whatIsToldInTheTurnInWhichItWasRegisteredIsOfAnother() throws Exception {
        try (Pair pair = new Pair(EngineSetup.ALLOCATOR)) {
            EpollIoEvent room = () -> EpollIoOps.EPOLLOUT;
            long turn = pair.on(() -> {
                pair.beginConnect();
                pair.socket.handle(new NoRegistration(), room);
                return pair.loop.turn();
            });
            pair.accept().close();
            await().until(() -> pair.on(() -> pair.told.connectedTurn >= 0));
            assertThat(pair.told.connectedTurn).isGreaterThan(turn);
        }
    }

    @Test
    void aFloodLeavesOthersTheirTurns() throws Exception {
        try (Pair pair = new Pair(EngineSetup.ALLOCATOR);
                Socket far = pair.connect()) {
            pair.on(() -> {
                pair.socket.reading().want(true);
                return null;
            });
            OutputStream out = far.getOutputStream();
            for (int i = 0; i < 1_024; i++) {
                out.write(new byte[CHUNK]);
            }
            far.shutdownOutput();
            await().until(() -> pair.on(() -> pair.told.inputEnded));
            assertThat(pair.told.bytes).isEqualTo(1_024L * CHUNK);
            List<Long> turns = pair.told.turns;
            for (int i = 16; i < turns.size(); i++) {
                assertThat(turns.get(i)).isGreaterThan(turns.get(i - 16));
            }
        }
    }

    /** A read stops before what is urgent, though more has come; what is urgent is not passed on. */
    @Test
    void whatComesBehindSomethingUrgentIsReadToo() throws Exception {
        try (Pair pair = new Pair(EngineSetup.ALLOCATOR);
                Socket far = pair.connect()) {
            OutputStream out = far.getOutputStream();
            out.write("ab".getBytes(StandardCharsets.US_ASCII));
            far.sendUrgentData('X');
            out.write("def".getBytes(StandardCharsets.US_ASCII));
            pair.on(() -> {
                pair.socket.reading().want(true);
                return null;
            });
            await().until(() -> pair.on(() -> pair.told.text.toString().equals("abdef")));
        }
    }

    /** Both have come when the loop looks: the reset is what counts. */
    @Test
    void aResetBehindAFinIsAReset() throws Exception {
        try (Pair pair = new Pair(EngineSetup.ALLOCATOR)) {
            Socket far = pair.connect();
            pair.on(() -> {
                pair.socket.reading().want(true);
                pair.socket.write(Unpooled.copiedBuffer("unread", StandardCharsets.US_ASCII));
                await().until(() -> far.getInputStream().available() > 0);
                far.getOutputStream().write("answer".getBytes(StandardCharsets.US_ASCII));
                far.shutdownOutput();
                // With something unread, this is a reset.
                far.close();
                return null;
            });
            await().until(() -> pair.on(() -> pair.told.failed));
            assertThat(pair.told.inputEnded).isFalse();
        }
    }

    /** It is told of room no more then, unless there was none once. */
    @Test
    void oneThatLivedLongWritesOnWhenThereIsRoomAgain() throws Exception {
        try (Pair pair = new Pair(EngineSetup.ALLOCATOR);
                Socket far = pair.connect()) {
            pair.on(() -> {
                pair.socket.reading().want(true);
                return null;
            });
            for (int i = 1; i <= 20; i++) {
                far.getOutputStream().write('x');
                int length = i;
                await().until(() -> pair.on(() -> pair.told.text.length() == length));
            }
            for (int round = 0; round < 3; round++) {
                int written = pair.on(() -> {
                    int bytes = 0;
                    while (pair.socket.unwritten() == 0) {
                        pair.socket.write(
                                pair.loop.allocator().directBuffer(CHUNK).writeZero(CHUNK));
                        bytes += CHUNK;
                    }
                    pair.told.allWritten = false;
                    pair.socket.awaitWritten();
                    return bytes;
                });
                far.getInputStream().skipNBytes(written);
                await().until(() -> pair.on(() -> pair.told.allWritten));
            }
        }
    }

    /** Many small writes hold no more memory than they count for, and not much more than they are. */
    @Test
    void littleThatWaitsIsKeptTogether() throws Exception {
        try (Pair pair = new Pair(EngineSetup.ALLOCATOR);
                Socket far = pair.connect()) {
            EpollStreamSocket socket = pair.socket;
            ByteBufAllocator allocator = pair.loop.allocator();
            int written = pair.on(() -> {
                int bytes = 0;
                while (socket.unwritten() == 0) {
                    socket.write(allocator.directBuffer(CHUNK).writeZero(CHUNK));
                    bytes += CHUNK;
                }
                return bytes;
            });
            int small = 10_000;
            pair.on(() -> {
                long before = socket.unwritten();
                for (int i = 0; i < small; i++) {
                    socket.write(allocator.directBuffer(CHUNK).writeByte('x'));
                }
                assertThat(socket.unwritten() - before).isBetween(small - 4_096L, small + 4_096L);
                socket.awaitWritten();
                return null;
            });
            InputStream in = far.getInputStream();
            in.skipNBytes(written);
            assertThat(in.readNBytes(small)).containsOnly('x');
            await().until(() -> pair.on(() -> pair.told.allWritten));
            assertThat(socket.unwritten()).isZero();
            assertThat(socket.isWritable()).isTrue();
        }
    }

    /** Its direct buffers have no address that anybody is told. */
    private static final class WithoutAddresses extends AbstractByteBufAllocator {

        WithoutAddresses() {
            super(true);
        }

        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            return UnpooledByteBufAllocator.DEFAULT.heapBuffer(initialCapacity, maxCapacity);
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            return new UnpooledDirectByteBuf(this, initialCapacity, maxCapacity);
        }

        @Override
        public boolean isDirectBufferPooled() {
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void buffersOfAllKindsAreReadIntoAndWrittenFrom(boolean addresses) throws Exception {
        try (Pair pair = new Pair(addresses ? EngineSetup.ALLOCATOR : new WithoutAddresses());
                Socket far = pair.connect()) {
            pair.on(() -> {
                pair.socket.reading().want(true);
                pair.socket.write(Unpooled.copiedBuffer("heap ", StandardCharsets.US_ASCII));
                pair.socket.write(pair.loop
                        .allocator()
                        .directBuffer()
                        .writeBytes("..direct..".getBytes(StandardCharsets.US_ASCII))
                        .setIndex(2, 8));
                return null;
            });
            assertThat(far.getInputStream().readNBytes("heap direct".length()))
                    .isEqualTo("heap direct".getBytes(StandardCharsets.US_ASCII));
            far.getOutputStream().write("answer".getBytes(StandardCharsets.US_ASCII));
            await().until(() -> pair.on(() -> pair.told.text.toString().equals("answer")));
        }
    }

    private static ByteBuf text(Pair pair, String text) {
        return pair.loop.allocator().directBuffer().writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void messagesLeaveTogetherAndNotBeforeTheyAreFlushed(boolean addresses) throws Exception {
        ByteBufAllocator allocator = addresses ? EngineSetup.ALLOCATOR : new WithoutAddresses();
        try (Pair pair = new Pair(allocator, StreamSocket.Use.MESSAGES);
                Socket far = pair.connect()) {
            pair.on(() -> {
                pair.socket.write(Unpooled.copiedBuffer("heap ", StandardCharsets.US_ASCII));
                pair.socket.write(text(pair, "..direct ..").setIndex(2, 9));
                pair.socket.write(Unpooled.EMPTY_BUFFER);
                pair.socket.write(Unpooled.wrappedBuffer(text(pair, "of two "), text(pair, "parts")));
                assertThat(pair.socket.unwritten()).isPositive();
                assertThat(far.getInputStream().available()).isZero();
                pair.socket.flush();
                assertThat(pair.socket.unwritten()).isZero();
                return null;
            });
            String expected = "heap direct of two parts";
            assertThat(new String(far.getInputStream().readNBytes(expected.length()), StandardCharsets.US_ASCII))
                    .isEqualTo(expected);
        }
    }

    @Test
    void messagesForWhichThereIsNoRoomLeaveLaterAndInOrder() throws Exception {
        try (Pair pair = new Pair(EngineSetup.ALLOCATOR, StreamSocket.Use.MESSAGES);
                Socket far = pair.connect()) {
            int written = pair.on(() -> {
                int number = 0;
                while (pair.socket.isWritable()) {
                    for (int i = 0; i < 200; i++) {
                        pair.socket.write(pair.loop.allocator().directBuffer().writeInt(number++));
                    }
                    pair.socket.write(pair.loop.allocator().directBuffer(CHUNK).writeZero(CHUNK - Integer.BYTES));
                    pair.socket.flush();
                }
                return number;
            });
            DataInputStream in = new DataInputStream(new BufferedInputStream(far.getInputStream()));
            for (int number = 0; number < written; ) {
                for (int i = 0; i < 200; i++) {
                    assertThat(in.readInt()).isEqualTo(number++);
                }
                in.skipNBytes(CHUNK - Integer.BYTES);
            }
            await().until(() -> pair.on(() -> pair.told.writable && pair.socket.unwritten() == 0));
        }
    }

    /** One that was full of what was not flushed is told, as there is no room to wait for. */
    @Test
    void aFlushThatMakesRoomIsTold() throws Exception {
        try (Pair pair = new Pair(EngineSetup.ALLOCATOR, StreamSocket.Use.MESSAGES);
                Socket far = pair.connect()) {
            pair.on(() -> {
                pair.told.writable = false;
                pair.socket.write(pair.loop.allocator().directBuffer(CHUNK).writeZero(CHUNK));
                pair.socket.write(text(pair, "more"));
                assertThat(pair.socket.isWritable()).isFalse();
                pair.socket.flush();
                return null;
            });
            far.getInputStream().skipNBytes(CHUNK);
            await().until(() -> pair.on(() -> pair.told.writable));
        }
    }

    /** As they may be held: for a client that waits for a server, say. */
    @Test
    void littleMessagesAreReadIntoLittleBuffers() throws Exception {
        try (Pair pair = new Pair(EngineSetup.ALLOCATOR, StreamSocket.Use.MESSAGES);
                Socket far = pair.connect()) {
            pair.on(() -> {
                pair.socket.reading().want(true);
                return null;
            });
            far.getOutputStream().write(new byte[CHUNK]);
            await().until(() -> pair.on(() -> pair.told.bytes == CHUNK));
            for (int i = 1; i <= 20; i++) {
                int expected = CHUNK + i;
                pair.on(() -> pair.told.largestBuffer = 0);
                far.getOutputStream().write('x');
                await().until(() -> pair.on(() -> pair.told.bytes == expected));
            }
            assertThat(pair.on(() -> pair.told.largestBuffer)).isEqualTo(2_048);
        }
    }

    /** One event tells of both. */
    @Test
    void whatComesWithTheEndOfTheConnectIsRead() throws Exception {
        try (Pair pair = new Pair(EngineSetup.ALLOCATOR, StreamSocket.Use.MESSAGES)) {
            pair.on(() -> {
                pair.socket.reading().want(true);
                pair.beginConnect();
                Socket far = pair.accept();
                far.getOutputStream().write("early".getBytes(StandardCharsets.US_ASCII));
                far.close();
                return null;
            });
            await().until(() -> pair.on(() -> pair.told.inputEnded));
            assertThat(pair.told.text.toString()).isEqualTo("early");
            assertThat(pair.told.connectedTurn).isNotNegative();
        }
    }

    /** A server that has answered, and reset then, has answered. */
    @Test
    void whatCameBeforeAResetIsReadThoughReadingRested() throws Exception {
        try (Pair pair = new Pair(EngineSetup.ALLOCATOR, StreamSocket.Use.MESSAGES)) {
            Socket far = pair.connect();
            pair.on(() -> {
                pair.told.readsToReset = true;
                return null;
            });
            far.setSoLinger(true, 0);
            far.getOutputStream().write("answer".getBytes(StandardCharsets.US_ASCII));
            far.close();
            // By the second turn from now the loop has heard of the reset.
            long turn = pair.on(() -> pair.loop.turn());
            await().until(() -> pair.on(() -> pair.loop.turn() > turn + 1));
            assertThat(pair.on(() -> pair.told.failed)).isFalse();
            pair.on(() -> {
                pair.socket.reading().want(true);
                return null;
            });
            await().until(() -> pair.on(() -> pair.told.failed));
            assertThat(pair.told.text.toString()).isEqualTo("answer");
            assertThat(pair.told.inputEnded).isFalse();
        }
    }

    @Test
    void messagesThatWereNotFlushedStandBeforeWhatARelayWrites() throws Exception {
        try (Pair pair = new Pair(EngineSetup.ALLOCATOR, StreamSocket.Use.MESSAGES);
                Socket far = pair.connect()) {
            pair.on(() -> {
                pair.socket.write(text(pair, "head "));
                pair.socket.relay(pair.told);
                pair.socket.write(text(pair, "frame"));
                return null;
            });
            assertThat(new String(far.getInputStream().readNBytes(10), StandardCharsets.US_ASCII))
                    .isEqualTo("head frame");
            far.getOutputStream().write("answer".getBytes(StandardCharsets.US_ASCII));
            pair.on(() -> {
                pair.socket.reading().want(true);
                return null;
            });
            await().until(() -> pair.on(() -> pair.told.text.toString().equals("answer")));
        }
    }

    @Test
    void anIdleOneKnowsThatTheOtherEndHasStirred() throws Exception {
        try (Pair pair = new Pair(EngineSetup.ALLOCATOR, StreamSocket.Use.MESSAGES)) {
            Socket far = pair.connect();
            assertThat(pair.on(pair.socket::hasStirred)).isFalse();
            assertThat(pair.on(pair.socket::roundTripMicros)).isPositive();
            far.close();
            await().until(() -> pair.on(pair.socket::hasStirred));
            pair.on(() -> {
                pair.socket.end(true);
                return null;
            });
            assertThat(pair.on(pair.socket::hasStirred)).isTrue();
            assertThat(pair.on(pair.socket::roundTripMicros)).isEqualTo(-1);
        }
    }
}
