package io.clb.ratelimit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.spi.QuotaCoordinator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ViewChangesTest {

    private final List<String> told = new ArrayList<>();
    private final ViewChanges changes = new ViewChanges(new QuotaCoordinator.Events() {
        @Override
        public void connected() {
            told.add("connected");
        }

        @Override
        public void disconnected(String why) {
            told.add("disconnected " + why);
        }

        @Override
        public void changed(QuotaCoordinator.Change change, List<String> nodes) {
            told.add(change + " " + nodes);
        }

        @Override
        public void nodes(int nodes) {
            told.add("N " + nodes);
        }

        @Override
        public void failed(Throwable failure) {
            told.add("failed " + failure.getMessage());
        }
    });

    private static ClusterView view(int nodes, ClusterView.Node... others) {
        return new ClusterView("self", nodes, 1, List.of(others), 0, Map.of());
    }

    private static ClusterView.Node there(String name) {
        return new ClusterView.Node(name, true, 0);
    }

    private static ClusterView.Node silent(String name) {
        return new ClusterView.Node(name, false, 0);
    }

    @Test
    void tellsOfAllThatHappenedToTheSameEffectAtOnce() {
        changes.changed(view(2), view(3, there("a"), there("b")));
        changes.changed(view(3, there("a"), there("b")), view(3, silent("a"), silent("b")));
        changes.changed(view(3, silent("a"), silent("b")), view(3, silent("a"), there("b")));
        assertThat(told).containsExactly("JOINED [a, b]", "N 3", "SILENT [a, b]", "BACK [b]");
    }

    @Test
    void tellsWhoSaidGoodbyeFromWhoWasForgotten() {
        changes.changed(view(4, there("a"), silent("b"), there("c")), view(2, there("c")));
        assertThat(told).containsExactly("LEFT [a]", "FORGOTTEN [b]", "N 2");
    }

    @Test
    void tellsNothingWhereNothingChanged() {
        changes.changed(view(2, there("a")), view(2, there("a")));
        assertThat(told).isEmpty();
    }

    @Test
    void knowsWhetherOthersCanBeReached() {
        assertThat(changes.isConnected()).isFalse();
        changes.connected();
        assertThat(changes.isConnected()).isTrue();
        changes.disconnected("gone");
        changes.failed(new IllegalStateException("bad"));
        assertThat(changes.isConnected()).isFalse();
        assertThat(told).containsExactly("connected", "disconnected gone", "failed bad");
    }
}
