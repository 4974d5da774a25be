package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.ListenerConfig;
import io.clb.LoadBalancer;
import io.clb.spi.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.socket.DatagramChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import org.jspecify.annotations.Nullable;

/** The table of associations beside a hash map. */
final class AssociationsTest {

    private static final Transport NIO = Transports.named("nio");
    private static final EngineSetup SETUP = new EngineSetup(NIO, 1, null, new FakeClock());
    private static final Loop[] LOOPS = SETUP.loops(new Threads("associations-test", true));
    private static final Gate GATE = new Gate(new Traffic(NIO, new Observers("associations-test")));
    private static final RunListener LISTENER = new RunListener("front", 1);
    private static final DatagramChannel SOCKET = NIO.newDatagramSocket(false);
    private static final Binding BINDING = bind();
    private static final DatagramAcceptor ACCEPTOR =
            new DatagramAcceptor(GATE, BINDING, LOOPS[0], SOCKET, new ChannelReplies(SOCKET));

    private static Binding bind() {
        ListenerConfig listener = LoadBalancer.builder()
                .serverGroup("servers", g -> {})
                .listener("front", l -> l.udp(0).bind("127.0.0.1").forwardTo("servers"))
                .build()
                .listeners()
                .values()
                .iterator()
                .next();
        return Binding.open(Binding.Key.of(listener).get(0), listener, 0, GATE, NIO, LOOPS);
    }

    @AfterContainer
    static void close() {
        SOCKET.unsafe().closeForcibly();
        Binding.close(List.of(BINDING));
        SETUP.end(LOOPS);
    }

    /** An association that does nothing. */
    private static final class Idle extends DatagramFlow {

        Idle(InetSocketAddress client) {
            super(
                    new FirstDatagram(
                            client, new Origin(client, ACCEPTOR.address(), null), Unpooled.EMPTY_BUFFER, null),
                    ACCEPTOR,
                    LISTENER,
                    LOOPS[0]);
        }

        @Override
        protected void fromClient(ByteBuf datagram) {}

        @Override
        protected void passOn(ByteBuf datagram) {}

        @Override
        protected void abort(Reason reason) {}

        @Override
        protected void expired(long nowNanos) {}

        @Override
        protected @Nullable RunServer server() {
            return null;
        }

        @Override
        protected long connectNanos() {
            return 0;
        }
    }

    /** Few addresses, v4 and v6 alike, so that clients come back. */
    @Provide
    Arbitrary<List<InetSocketAddress>> clients() {
        return Arbitraries.integers()
                .between(0, 400)
                .map(AssociationsTest::client)
                .list()
                .ofMaxSize(1_000);
    }

    private static InetSocketAddress client(int number) {
        byte[] address = new byte[number % 2 == 0 ? 4 : 16];
        address[address.length - 1] = (byte) (number % 7);
        address[0] = 10;
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), 1_000 + number / 3);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /** Each client of the list comes, if it is not there, else goes. */
    @Property
    void findsWhoIsThereAndNobodyElse(@ForAll("clients") List<InetSocketAddress> clients, @ForAll long key) {
        Associations table = new Associations(key);
        Map<InetSocketAddress, DatagramFlow> there = new HashMap<>();
        for (InetSocketAddress client : clients) {
            DatagramFlow known = there.remove(client);
            assertThat(table.find(client)).isSameAs(known);
            if (known == null) {
                DatagramFlow flow = new Idle(client);
                table.add(flow);
                there.put(client, flow);
            } else {
                table.remove(known);
                table.remove(known);
            }
            assertThat(table.size()).isEqualTo(there.size());
        }
        assertThat(table.all()).containsExactlyInAnyOrderElementsOf(there.values());
        there.forEach((client, flow) -> assertThat(table.find(client)).isSameAs(flow));
    }
}
