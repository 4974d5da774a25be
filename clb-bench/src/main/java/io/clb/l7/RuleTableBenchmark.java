package io.clb.l7;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.clb.Config;
import io.clb.LoadBalancer;
import io.clb.RuleConfig;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Nanoseconds to find the rule of a request, by what the rules differ in and how many there are. Each look-up is for another rule than the one before.
 *
 * <p>{@code mvn -q -Pjmh -Djmh.args="RuleTableBenchmark"}; one row of it: {@code "RuleTableBenchmark -p by=path -p rules=10000"}; with what a look-up
 * allocates: {@code "RuleTableBenchmark -prof gc"}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class RuleTableBenchmark {

    /** More than any cache near the processor keeps of the requests and of the table, as far as there are as many rules. */
    private static final int REQUESTS = 1 << 14;

    /** A step that meets every request before it meets one again, and none next to the one before. */
    private static final int STEP = 4_999;

    /** Rules and requests for them. */
    @State(Scope.Benchmark)
    public static class Traffic {

        /** What the rules differ in: exact hosts, wildcards, or paths of one host. */
        @Param({"host", "wildcard", "path"})
        String by = "";

        /** How many rules there are. */
        @Param({"10", "1000", "10000"})
        int rules;

        final byte[][] requests = new byte[REQUESTS][];
        final int[] hostEnds = new int[REQUESTS];
        RuleTable<String> table = RuleTable.of(List.of(), RuleConfig::name);

        /** Compiles the rules and writes the requests. */
        @Setup
        public void build() {
            Config config = LoadBalancer.builder()
                    .serverGroup("g", g -> {})
                    .listener("l", l -> {
                        l.http(0);
                        for (int i = 0; i < rules; i++) {
                            String host = (by.equals("wildcard") ? "*." : "") + host(i);
                            String path = path(i);
                            l.rule("r" + i, r -> r.host(host).path(path).forwardTo("g"));
                        }
                    })
                    .build();
            table = RuleTable.of(
                    config.listeners().values().iterator().next().rules().values(), RuleConfig::name);
            for (int i = 0; i < REQUESTS; i++) {
                String host = (by.equals("wildcard") ? "www." : "") + host(i % rules);
                requests[i] = (host + path(i % rules) + "users/42").getBytes(US_ASCII);
                hostEnds[i] = host.length();
            }
        }

        private String host(int i) {
            return by.equals("path") ? "www.example.com" : "shop-" + i + ".example.com";
        }

        private String path(int i) {
            return by.equals("path") ? "/api/service-" + i + "/" : "/";
        }
    }

    /** Where each thread is among the requests. */
    @State(Scope.Thread)
    public static class Client {

        private int at;

        int next() {
            at = at + STEP & REQUESTS - 1;
            return at;
        }
    }

    /**
     * Finds a rule.
     *
     * @param traffic rules and requests
     * @param client which request is next
     * @return the rule
     */
    @Benchmark
    @Threads(1)
    public @Nullable String find(Traffic traffic, Client client) {
        int next = client.next();
        byte[] request = traffic.requests[next];
        int hostEnd = traffic.hostEnds[next];
        return traffic.table.find(request, 0, hostEnd, hostEnd, request.length, rule -> true);
    }
}
