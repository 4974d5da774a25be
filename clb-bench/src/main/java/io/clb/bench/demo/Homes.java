package io.clb.bench.demo;

import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Writes down which machine answers which client of the echo servers, phase by phase. */
final class Homes {

    private static final int MAX_EXAMPLES = 5;

    /** What was seen in a phase in which the servers stayed as they were. */
    static final class Phase {

        // written by the clients; read by any thread
        private final Map<String, String> homes = new ConcurrentHashMap<>();
        private final AtomicLong strays = new AtomicLong();
        private final Queue<String> examples = new ConcurrentLinkedQueue<>();

        /**
         * A client was answered.
         *
         * @param client the name of its source
         * @param machine who answered
         */
        void saw(String client, String machine) {
            String home = homes.putIfAbsent(client, machine);
            if (home != null && !home.equals(machine) && strays.incrementAndGet() <= MAX_EXAMPLES) {
                examples.add(client + " from " + home + " to " + machine);
            }
        }

        /** For each client, who answered it first. */
        Map<String, String> byClient() {
            return Map.copyOf(homes);
        }

        /** How many answers came from another machine than a client's first. */
        long strays() {
            return strays.get();
        }

        /** Some of those, in words. */
        List<String> examples() {
            return List.copyOf(examples);
        }
    }

    // written by the thread that plays; read by the clients
    private volatile @Nullable Phase open;

    /** Begins a phase. */
    Phase begin() {
        Phase phase = new Phase();
        open = phase;
        return phase;
    }

    /** Ends the phase: what is under way is nobody's. */
    void end() {
        open = null;
    }

    /** The phase of now, null between two: what begins and ends in one belongs to it. */
    @Nullable
    Phase open() {
        return open;
    }
}
