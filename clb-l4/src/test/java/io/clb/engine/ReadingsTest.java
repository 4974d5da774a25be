package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The list of those who wait for their turn. */
final class ReadingsTest {

    private final EmbeddedChannel embedded = new EmbeddedChannel();
    private final NioSocketChannel channel = new NioSocketChannel();
    private final Loop loop = new Loop(0, embedded.eventLoop(), new FakeClock(), EngineSetup.ALLOCATOR);
    private final Reading a = reading();
    private final Reading b = reading();
    private final Reading c = reading();
    private final Readings readings = new Readings();

    @AfterEach
    void close() {
        channel.unsafe().closeForcibly();
        embedded.close();
    }

    private Reading reading() {
        return new ChannelReading(channel, loop, Direction.FROM_CLIENTS, new RunRule("rule", 1), false);
    }

    private static void assertGoing(Readings readings, Reading... expected) {
        assertThat(readings.count()).isEqualTo(expected.length);
        assertThat(readings.isEmpty()).isEqualTo(expected.length == 0);
        List<Reading> going = new ArrayList<>();
        for (Reading next = readings.poll(); next != null; next = readings.poll()) {
            going.add(next);
        }
        assertThat(going).containsExactly(expected);
        assertThat(readings.isEmpty()).isTrue();
        assertThat(readings.first()).isNull();
    }

    private void addAll() {
        readings.add(a);
        readings.add(b);
        readings.add(c);
    }

    @Test
    void goInTheOrderOfTheirComing() {
        assertGoing(readings);
        addAll();
        assertThat(readings.first()).isSameAs(a);
        assertGoing(readings, a, b, c);
    }

    @Test
    void leaveFromAnywhere() {
        addAll();
        readings.remove(b);
        assertGoing(readings, a, c);
        addAll();
        readings.remove(a);
        assertGoing(readings, b, c);
        addAll();
        readings.remove(c);
        assertGoing(readings, a, b);
        addAll();
        readings.remove(c);
        readings.remove(b);
        readings.remove(a);
        assertGoing(readings);
    }

    @Test
    void goToTheEndWhenTheyComeAgain() {
        addAll();
        readings.add(a);
        assertGoing(readings, b, c, a);
    }

    @Test
    void areOnOneListAtMost() {
        Readings others = new Readings();
        addAll();
        others.add(b);
        others.remove(a);
        assertThat(others.count()).isEqualTo(1);
        assertGoing(readings, a, c);
        readings.remove(b);
        assertGoing(others, b);
        readings.remove(b);
        assertGoing(readings);
    }
}
