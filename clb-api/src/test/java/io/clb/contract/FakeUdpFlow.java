package io.clb.contract;

import static java.util.Objects.requireNonNull;

import io.clb.spi.Datagram;
import io.clb.spi.UdpFlow;

/** An association without a socket, whose client sent an empty datagram unless set otherwise. For one thread at a time. */
public class FakeUdpFlow extends FakeFlow implements UdpFlow {

    private Datagram first = datagram();

    /** Makes an association. */
    public FakeUdpFlow() {}

    /**
     * Makes a datagram.
     *
     * @param payload its bytes, each as its lowest eight bits
     * @return a view of them
     */
    public static Datagram datagram(int... payload) {
        int[] bytes = payload.clone();
        return new Datagram() {
            @Override
            public int length() {
                return bytes.length;
            }

            @Override
            public byte at(int index) {
                return (byte) bytes[index];
            }
        };
    }

    /**
     * Sets what the client sent.
     *
     * @param datagram what its first datagram begins with
     * @return this
     */
    public FakeUdpFlow sending(Datagram datagram) {
        first = requireNonNull(datagram, "datagram");
        return this;
    }

    @Override
    public Datagram first() {
        return first;
    }
}
