package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.ListenerConfig;
import io.clb.LoadBalancer;
import io.clb.l4.LeakCheck;
import io.clb.l4.tcp.TcpProtocol;
import io.clb.schedule.Schedulers;
import io.clb.spi.Reason;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A listening socket when the system has no descriptors left. */
@ExtendWith(LeakCheck.class)
final class AcceptorTest {

    private static final Duration TICK = Duration.ofMillis(5);

    private final FakeClock clock = new FakeClock();

    private static ListenerConfig listener() {
        return LoadBalancer.builder()
                .serverGroup("servers", g -> {})
                .listener("front", l -> l.tcp(0).bind("127.0.0.1").forwardTo("servers"))
                .build()
                .listeners()
                .values()
                .iterator()
                .next();
    }

    private static Pool emptyPool() {
        return new Pool(
                new Pool.Key("servers", Schedulers.roundRobin(), null),
                new Tally(1),
                new Picker((flow, now) -> null, null, false, Reason.NO_SERVER_AVAILABLE));
    }

    @Test
    void acceptingRestsForASecondAndGoesOn() {
        Transport nio = Transports.named("nio");
        EngineSetup setup = new EngineSetup(nio, 1, null, clock);
        Loop[] loops = setup.loops(new Threads("acceptor-test", true));
        Gate gate = new Gate(new Traffic(nio, new Observers("acceptor-test")));
        ListenerConfig listener = listener();
        Binding binding = Binding.open(Binding.Key.of(listener).get(0), listener, 0, gate, nio, loops);
        RunListener front = new RunListener("front", 1);
        gate.plan(new Plan(
                1,
                null,
                List.of(),
                Map.of("front", List.of(binding)),
                Map.of(
                        "front",
                        new ListenerPlan(
                                front,
                                listener,
                                new TcpProtocol(),
                                emptyPool(),
                                "front",
                                null,
                                Sources.of(List.of(), 1),
                                null,
                                List.of(),
                                LimitChain.NONE,
                                Map.of(),
                                Map.of(),
                                null,
                                null,
                                null)),
                List.of()));
        EmbeddedChannel socket = new EmbeddedChannel();
        Loop own = new Loop(0, socket.eventLoop(), clock, EngineSetup.ALLOCATOR);
        socket.pipeline().addLast(new Acceptor(gate, binding, own, own));

        socket.pipeline().fireExceptionCaught(new IOException("Too many open files"));
        assertThat(socket.config().isAutoRead()).isFalse();
        socket.pipeline().fireExceptionCaught(new IOException("Too many open files, as was to be expected"));
        move(own, Duration.ofSeconds(1).minus(TICK));
        assertThat(socket.config().isAutoRead()).isFalse();
        move(own, TICK.multipliedBy(2));
        assertThat(socket.config().isAutoRead()).isTrue();
        assertThat(new TallyView.Reading(0, Instant.EPOCH).of(front.tally()).ended())
                .isEqualTo(Map.of(Reason.ACCEPT_FAILED, 2L));

        socket.close();
        Binding.close(List.of(binding));
        setup.end(loops);
    }

    private void move(Loop loop, Duration by) {
        clock.move(by.toNanos());
        loop.clockMoved();
    }
}
