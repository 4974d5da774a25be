package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.l4.LeakCheck;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoOps;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a socket on epoll does that nothing whole can be asked to show. */
@EnabledIf("io.clb.engine.EpollPair#isAvailable")
@ExtendWith(LeakCheck.class)
final class EpollStreamSocketTest {

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
        try (EpollPair pair = new EpollPair(EngineSetup.ALLOCATOR)) {
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
        try (EpollPair pair = new EpollPair(EngineSetup.ALLOCATOR);
                Socket far = pair.connect()) {
            pair.on(() -> {
                pair.socket.reading().want(true);
                return null;
            });
            OutputStream out = far.getOutputStream();
            for (int i = 0; i < 1_024; i++) {
                out.write(new byte[EpollPair.CHUNK]);
            }
            far.shutdownOutput();
            await().until(() -> pair.on(() -> pair.told.inputEnded));
            assertThat(pair.told.bytes).isEqualTo(1_024L * EpollPair.CHUNK);
            List<Long> turns = pair.told.turns;
            for (int i = 16; i < turns.size(); i++) {
                assertThat(turns.get(i)).isGreaterThan(turns.get(i - 16));
            }
        }
    }

    /** A read stops before what is urgent, though more has come; what is urgent is not passed on. */
    @Test
    void whatComesBehindSomethingUrgentIsReadToo() throws Exception {
        try (EpollPair pair = new EpollPair(EngineSetup.ALLOCATOR);
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
        try (EpollPair pair = new EpollPair(EngineSetup.ALLOCATOR)) {
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
        try (EpollPair pair = new EpollPair(EngineSetup.ALLOCATOR);
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
                        pair.socket.write(pair.loop
                                .allocator()
                                .directBuffer(EpollPair.CHUNK)
                                .writeZero(EpollPair.CHUNK));
                        bytes += EpollPair.CHUNK;
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
        try (EpollPair pair = new EpollPair(EngineSetup.ALLOCATOR);
                Socket far = pair.connect()) {
            EpollStreamSocket socket = pair.socket;
            ByteBufAllocator allocator = pair.loop.allocator();
            int written = pair.on(() -> {
                int bytes = 0;
                while (socket.unwritten() == 0) {
                    socket.write(allocator.directBuffer(EpollPair.CHUNK).writeZero(EpollPair.CHUNK));
                    bytes += EpollPair.CHUNK;
                }
                return bytes;
            });
            int small = 10_000;
            pair.on(() -> {
                long before = socket.unwritten();
                for (int i = 0; i < small; i++) {
                    socket.write(allocator.directBuffer(EpollPair.CHUNK).writeByte('x'));
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

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void buffersOfAllKindsAreReadIntoAndWrittenFrom(boolean addresses) throws Exception {
        try (EpollPair pair = new EpollPair(addresses ? EngineSetup.ALLOCATOR : new WithoutAddresses());
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
}
