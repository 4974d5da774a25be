package io.clb.engine;

import static java.util.Objects.requireNonNull;

import io.clb.HealthCheck;
import io.clb.HostPort;
import io.clb.Options;
import io.clb.spi.HealthChecker;
import io.clb.spi.Verdict;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Probes servers at their intervals. Servers of several groups that are checked alike at one address share their probes. Control only; probes
 * themselves run on the loops, in turn.
 */
final class Prober {

    /** Hears verdicts, on control. */
    interface Listener {
        void verdict(RunServer server, HealthCheck check, Verdict verdict, long nanos);
    }

    /** What makes two probes one. */
    private record Key(HostPort target, HealthCheck check) {}

    private static final Logger LOG = LoggerFactory.getLogger(Prober.class);

    /** 2^64 divided by the golden ratio: steps of it, modulo 2^64, leave neither gaps nor crowds, however many are taken (Knuth, volume 3, 6.4). */
    private static final long GOLDEN_STEP = 0x9E37_79B9_7F4A_7C15L;

    private final Control control;
    private final Loop[] loops;
    private final Transport transport;
    private final ExecutorService blocking;
    private final Map<HealthCheck.Kind, ProbeProtocol> protocols;
    private final Listener listener;
    private final Map<Key, Series> series = new HashMap<>();
    private long phase;
    private int nextLoop;

    Prober(
            Control control,
            Loop[] loops,
            Transport transport,
            ExecutorService blocking,
            Map<HealthCheck.Kind, ProbeProtocol> protocols,
            long seed,
            Listener listener) {
        this.control = control;
        this.loops = loops;
        this.transport = transport;
        this.blocking = blocking;
        this.protocols = protocols;
        this.listener = listener;
        this.phase = seed;
    }

    /** Brings what is probed in line with the servers that there are. */
    void probe(Map<RunServer, HealthCheck> wanted) {
        Map<Key, Set<RunServer>> byKey = new LinkedHashMap<>();
        wanted.forEach((server, check) -> {
            if (check.kind() != HealthCheck.Kind.NONE) {
                byKey.computeIfAbsent(new Key(target(server, check), check), key -> new HashSet<>())
                        .add(server);
            }
        });
        series.entrySet().removeIf(entry -> {
            boolean gone = !byKey.containsKey(entry.getKey());
            if (gone) {
                entry.getValue().stop();
            }
            return gone;
        });
        byKey.forEach((key, servers) ->
                series.computeIfAbsent(key, k -> new Series(k.check)).servers(servers));
    }

    private static HostPort target(RunServer server, HealthCheck check) {
        int port = check.get(Options.CHECK_PORT);
        return new HostPort(server.host(), port == 0 ? server.port() : port);
    }

    /** A part of a time, for each series another, and from 0 to all of it evenly. */
    private long spread(long nanos) {
        phase += GOLDEN_STEP;
        // The upper 53 bits: as many as a double holds.
        return (long) ((phase >>> 11) * 0x1p-53 * nanos);
    }

    void stop() {
        series.values().forEach(Series::stop);
        series.clear();
    }

    /** The probes of one address: the next one begins an interval after the one before has ended. */
    private final class Series {

        private final HealthCheck check;
        private Set<RunServer> servers = Set.of();
        private @Nullable ProbeAttempt underWay;
        private boolean begun;
        private boolean stopped;

        Series(HealthCheck check) {
            this.check = check;
        }

        void servers(Set<RunServer> changed) {
            servers = changed;
            if (!begun) {
                begun = true;
                // Spread in time; but not far, as servers that were added wait for their first verdict.
                later(spread(interval() / 4));
            }
        }

        void stop() {
            stopped = true;
            if (underWay != null) {
                underWay.loop().execute(underWay::abort);
            }
        }

        private long interval() {
            return check.get(Options.CHECK_INTERVAL).toNanos();
        }

        private void later(long nanos) {
            control.later(nanos, this::next);
        }

        private void next() {
            if (stopped) {
                return;
            }
            Loop loop = loops[nextLoop];
            nextLoop = (nextLoop + 1) % loops.length;
            RunServer server = servers.iterator().next();
            ProbeAttempt attempt = new ProbeAttempt(
                    server,
                    check,
                    loop,
                    transport,
                    blocking,
                    (verdict, nanos) -> control.post(() -> ended(verdict, nanos)));
            underWay = attempt;
            loop.execute(() -> attempt.begin(protocol()));
        }

        private ProbeProtocol protocol() {
            HealthChecker checker = check.checker();
            ProbeProtocol found = checker == null ? protocols.get(check.kind()) : new Custom(checker);
            if (found == null) {
                throw new IllegalStateException("no probe for " + check.kind());
            }
            return found;
        }

        private void ended(Verdict verdict, long nanos) {
            underWay = null;
            if (!stopped) {
                servers.forEach(server -> listener.verdict(server, check, verdict, nanos));
                later(interval());
            }
        }
    }

    /** A check of the application's: called on the pool for blocking work, as nobody knows whether it keeps its word. */
    private record Custom(HealthChecker checker) implements ProbeProtocol {

        @Override
        public HealthCheck.Kind kind() {
            return HealthCheck.Kind.CUSTOM;
        }

        @Override
        public void probe(ProbeAttempt attempt) {
            try {
                attempt.blocking().execute(() -> call(attempt));
            } catch (RejectedExecutionException e) {
                attempt.complete(Verdict.failed("too many checks are running already"));
            }
        }

        private void call(ProbeAttempt attempt) {
            try {
                CompletionStage<Verdict> stage = requireNonNull(checker.check(attempt), "the checker returned null");
                attempt.loop().execute(() -> attempt.onEnd(() -> cancel(stage)));
                stage.whenComplete((verdict, failure) ->
                        attempt.loop().execute(() -> attempt.complete(verdict == null ? failed(failure) : verdict)));
            } catch (RuntimeException | Error e) {
                attempt.loop().execute(() -> attempt.complete(failed(e)));
            }
        }

        private static void cancel(CompletionStage<Verdict> stage) {
            if (stage instanceof Future<?> future) {
                try {
                    future.cancel(true);
                } catch (RuntimeException | Error e) {
                    LOG.warn("the stage of a health check cannot be cancelled", e);
                }
            }
        }

        private static Verdict failed(@Nullable Throwable failure) {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            return Verdict.failed(cause == null ? "the check gave no verdict" : "the check failed: " + cause);
        }
    }
}
