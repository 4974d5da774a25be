package io.clb.schedule;

import io.clb.spi.Datagram;
import java.util.Arrays;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Two loops learn connection ids, and look for them, in one table. Server n chose an id of n bytes, each of which is n. */
public class QuicIdsStress {

    private QuicIdsStress() {}

    @SuppressWarnings("ArrayRecordComponent") // no two are compared
    private record Bytes(byte[] bytes) implements Datagram {

        @Override
        public int length() {
            return bytes.length;
        }

        @Override
        public byte at(int index) {
            return bytes[index];
        }
    }

    private static Datagram answer(int server) {
        byte[] packet = new byte[7 + server];
        Arrays.fill(packet, (byte) server);
        packet[0] = (byte) 0xc0;
        packet[5] = 0;
        packet[6] = (byte) server;
        return new Bytes(packet);
    }

    private static Datagram question(int server) {
        byte[] packet = new byte[32];
        Arrays.fill(packet, (byte) server);
        packet[0] = 0x40;
        return new Bytes(packet);
    }

    /** Ids of two lengths that were not known. */
    @JCStressTest
    @Outcome(id = "4, 8", expect = Expect.ACCEPTABLE, desc = "Both ids and both lengths are known.")
    @Outcome(
            expect = Expect.FORBIDDEN,
            desc = "An id or a length was lost, or an id leads to a stranger: the two are in different sets.")
    @State
    public static class TwoLengths {

        private final QuicIds ids = new QuicIds(1_024, 42);

        @Actor
        public void firstLoop() {
            ids.learn(answer(4), 4, 0);
        }

        @Actor
        public void secondLoop() {
            ids.learn(answer(8), 8, 0);
        }

        @Arbiter
        public void afterwards(II_Result result) {
            result.r1 = ids.findShort(question(4), 0);
            result.r2 = ids.findShort(question(8), 0);
        }
    }

    /** The client's address changes while the answer that tells of its id is still being read. */
    @JCStressTest
    @Outcome(id = "8, 8", expect = Expect.ACCEPTABLE, desc = "The id was known in time.")
    @Outcome(id = "-1, 8", expect = Expect.ACCEPTABLE, desc = "The id was not known yet.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "The id was lost, or led to a stranger.")
    @State
    public static class LearntWhileItIsLookedFor {

        private final QuicIds ids = new QuicIds(1_024, 42);

        @Actor
        public void learns() {
            ids.learn(answer(8), 8, 0);
        }

        @Actor
        public void looksUp(II_Result result) {
            result.r1 = ids.findShort(question(8), 0);
        }

        @Arbiter
        public void afterwards(II_Result result) {
            result.r2 = ids.findShort(question(8), 0);
        }
    }
}
