package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.l4.LeakCheck;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a socket on epoll does with messages, that nothing whole can be asked to show. */
@EnabledIf("io.clb.engine.EpollPair#isAvailable")
@ExtendWith(LeakCheck.class)
final class EpollMessagesTest {

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void messagesLeaveTogetherAndNotBeforeTheyAreFlushed(boolean addresses) throws Exception {
        ByteBufAllocator allocator = addresses ? EngineSetup.ALLOCATOR : new WithoutAddresses();
        try (EpollPair pair = new EpollPair(allocator, StreamSocket.Use.MESSAGES);
                Socket far = pair.connect()) {
            pair.on(() -> {
                pair.socket.write(Unpooled.copiedBuffer("heap ", StandardCharsets.US_ASCII));
                pair.socket.write(pair.text("..direct ..").setIndex(2, 9));
                pair.socket.write(Unpooled.EMPTY_BUFFER);
                pair.socket.write(Unpooled.wrappedBuffer(pair.text("of two "), pair.text("parts")));
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
        try (EpollPair pair = new EpollPair(EngineSetup.ALLOCATOR, StreamSocket.Use.MESSAGES);
                Socket far = pair.connect()) {
            int written = pair.on(() -> {
                int number = 0;
                while (pair.socket.isWritable()) {
                    for (int i = 0; i < 200; i++) {
                        pair.socket.write(pair.loop.allocator().directBuffer().writeInt(number++));
                    }
                    pair.socket.write(pair.loop
                            .allocator()
                            .directBuffer(EpollPair.CHUNK)
                            .writeZero(EpollPair.CHUNK - Integer.BYTES));
                    pair.socket.flush();
                }
                return number;
            });
            DataInputStream in = new DataInputStream(new BufferedInputStream(far.getInputStream()));
            for (int number = 0; number < written; ) {
                for (int i = 0; i < 200; i++) {
                    assertThat(in.readInt()).isEqualTo(number++);
                }
                in.skipNBytes(EpollPair.CHUNK - Integer.BYTES);
            }
            await().until(() -> pair.on(() -> pair.told.writable && pair.socket.unwritten() == 0));
        }
    }

    /** One that was full of what was not flushed is told, as there is no room to wait for. */
    @Test
    void aFlushThatMakesRoomIsTold() throws Exception {
        try (EpollPair pair = new EpollPair(EngineSetup.ALLOCATOR, StreamSocket.Use.MESSAGES);
                Socket far = pair.connect()) {
            pair.on(() -> {
                pair.told.writable = false;
                pair.socket.write(
                        pair.loop.allocator().directBuffer(EpollPair.CHUNK).writeZero(EpollPair.CHUNK));
                pair.socket.write(pair.text("more"));
                assertThat(pair.socket.isWritable()).isFalse();
                pair.socket.flush();
                return null;
            });
            far.getInputStream().skipNBytes(EpollPair.CHUNK);
            await().until(() -> pair.on(() -> pair.told.writable));
        }
    }

    /** As they may be held: for a client that waits for a server, say. */
    @Test
    void littleMessagesAreReadIntoLittleBuffers() throws Exception {
        try (EpollPair pair = new EpollPair(EngineSetup.ALLOCATOR, StreamSocket.Use.MESSAGES);
                Socket far = pair.connect()) {
            pair.on(() -> {
                pair.socket.reading().want(true);
                return null;
            });
            far.getOutputStream().write(new byte[EpollPair.CHUNK]);
            await().until(() -> pair.on(() -> pair.told.bytes == EpollPair.CHUNK));
            for (int i = 1; i <= 20; i++) {
                int expected = EpollPair.CHUNK + i;
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
        try (EpollPair pair = new EpollPair(EngineSetup.ALLOCATOR, StreamSocket.Use.MESSAGES)) {
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
        try (EpollPair pair = new EpollPair(EngineSetup.ALLOCATOR, StreamSocket.Use.MESSAGES)) {
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
        try (EpollPair pair = new EpollPair(EngineSetup.ALLOCATOR, StreamSocket.Use.MESSAGES);
                Socket far = pair.connect()) {
            pair.on(() -> {
                pair.socket.write(pair.text("head "));
                pair.socket.relay(pair.told);
                pair.socket.write(pair.text("frame"));
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
        try (EpollPair pair = new EpollPair(EngineSetup.ALLOCATOR, StreamSocket.Use.MESSAGES)) {
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
