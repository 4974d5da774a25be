package io.clb.bench.micro;

import io.clb.spi.Datagram;
import io.clb.spi.Server;
import io.clb.spi.UdpFlow;

/**
 * The flows of one loop, one after the other: each from another address and port than the one before, at a later time. A step is an addition: no array
 * of flows that would take the caches from what is measured. For one thread.
 */
final class MovingFlow implements UdpFlow {

    private static final long CLIENTS = 0xffff_0a00_0000L;

    /** So many steps and the flows come again: 16 million clients. */
    private static final int CLIENTS_MASK = (1 << 24) - 1;

    private static final int PORT_MASK = 0x7fff;

    /** The clock goes from one second to two, then again: what is timed at the start of the run stays seconds old. */
    private static final long SECOND = 1L << 30;

    private static final int STEP_BITS = 10;

    private final int loop;
    private final Datagram first = new Initial();
    private int step;

    /** Starts with other clients than other loops. */
    MovingFlow(int loop) {
        this.loop = loop;
        this.step = loop * 1_234_567;
    }

    MovingFlow next() {
        step++;
        return this;
    }

    long nowNanos() {
        return SECOND + (((long) step << STEP_BITS) & (SECOND - 1));
    }

    @Override
    public int loop() {
        return loop;
    }

    @Override
    public String listener() {
        return "bench";
    }

    @Override
    public long sourceHigh() {
        return 0;
    }

    @Override
    public long sourceLow() {
        return CLIENTS | (step & CLIENTS_MASK);
    }

    @Override
    public int sourcePort() {
        return PORT_MASK + 1 + (step & PORT_MASK);
    }

    @Override
    public long destinationHigh() {
        return 0;
    }

    @Override
    public long destinationLow() {
        return 0xffff_0a00_0002L;
    }

    @Override
    public int destinationPort() {
        return 80;
    }

    @Override
    public boolean tried(Server server) {
        return false;
    }

    @Override
    public Datagram first() {
        return first;
    }

    /** The first packet of a QUIC client: a long header with an id of eight bytes, another in each step. */
    private final class Initial implements Datagram {

        private static final int LENGTH = 64;
        private static final int ID_LENGTH_AT = 5;
        private static final int ID_LENGTH = Long.BYTES;

        @Override
        public int length() {
            return LENGTH;
        }

        @Override
        public byte at(int index) {
            if (index == 0) {
                return (byte) 0xc0;
            }
            if (index == ID_LENGTH_AT) {
                return ID_LENGTH;
            }
            int place = index - ID_LENGTH_AT - 1;
            return place >= 0 && place < Integer.BYTES ? (byte) (step >>> (Byte.SIZE * place)) : 1;
        }
    }
}
