package io.clb.bench.sim;

import io.clb.spi.Outcome;
import io.clb.spi.Scheduler;
import io.clb.spi.SchedulerFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One balancer before a few servers. Requests come as a Poisson process, from clients of unlike zeal, over several loops. Each is put on the server that
 * the scheduler picks, on the next one if that one does not take it, up to three times, and told to the scheduler when it leaves, all as the engine
 * does it. Whenever the servers change, the scheduler is built anew from the one before.
 */
final class Simulation {

    static final int LOOPS = 4;

    /** The default of a listener. */
    static final int CONNECT_TRIES = 3;

    /** Until a server has taken or refused a connection. */
    private static final long CONNECT_NANOS = TimeUnit.MICROSECONDS.toNanos(300);

    /** Until a client is told that its server is silent. */
    static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static final int FIRST_PORT = 32_768;
    private static final long SEED = 20_261_125;

    private final EventQueue time = new EventQueue();
    private final SplittableRandom arrivals;
    private final ZipfClients clients;
    private final List<SimServer> servers = new ArrayList<>();
    private final int[] weights;
    private final boolean[] in;
    private final Scenario scenario;
    private final SchedulerFactory factory;
    private final Recorder recorder;
    private Scheduler scheduler;

    private Simulation(Scenario scenario, SchedulerFactory factory) {
        this.scenario = scenario;
        this.factory = factory;
        SplittableRandom random = new SplittableRandom(SEED);
        this.arrivals = random.split();
        this.clients = new ZipfClients(random.split());
        this.weights = new int[scenario.servers()];
        this.in = new boolean[scenario.servers()];
        for (int slot = 0; slot < scenario.servers(); slot++) {
            servers.add(new SimServer(slot, time, random.split(), this::served));
            weights[slot] = SimServer.WEIGHT;
            in[slot] = true;
        }
        this.recorder = new Recorder(servers, scenario);
        this.scheduler = build(null);
    }

    /** Runs a scenario with a scheduler. */
    static SimResult run(Scenario scenario, SchedulerFactory factory) {
        Simulation simulation = new Simulation(scenario, factory);
        scenario.script().accept(simulation);
        simulation.arrive();
        simulation.time.every(simulation.recorder.sampleNanos(), simulation.recorder::sample);
        simulation.time.runUntil(scenario.endNanos());
        return simulation.recorder.result(factory.name(), scenario.troubled());
    }

    EventQueue time() {
        return time;
    }

    List<SimServer> servers() {
        return servers;
    }

    /** Puts a server into the group or takes it out. */
    void setIn(SimServer server, boolean eligible) {
        in[server.slot()] = eligible;
        scheduler = build(scheduler);
    }

    /** Sets the weight in force of a server. */
    void setWeight(SimServer server, int inForce) {
        if (weights[server.slot()] != inForce) {
            weights[server.slot()] = inForce;
            scheduler = build(scheduler);
        }
    }

    /** Ends a server and all that is on it. */
    void die(SimServer server) {
        for (SimFlow flow : server.die()) {
            if (!flow.isOver()) {
                end(flow, Outcome.RESET);
            }
        }
    }

    private Scheduler build(@Nullable Scheduler previous) {
        List<SimServer> eligible =
                servers.stream().filter(server -> in[server.slot()]).toList();
        return factory.create(SimGroup.of(eligible, server -> weights[server.slot()], LOOPS, SEED), previous);
    }

    private void arrive() {
        time.after((long) (-1e9 / scenario.requestsPerSecond() * StrictMath.log(1 - arrivals.nextDouble())), () -> {
            int port = FIRST_PORT + arrivals.nextInt(FIRST_PORT);
            SimFlow flow = new SimFlow(arrivals.nextInt(LOOPS), clients.next(), port, time.nowNanos());
            pick(flow);
            arrive();
        });
    }

    private void pick(SimFlow flow) {
        SimServer server = (SimServer) scheduler.pick(flow, time.nowNanos());
        if (server == null) {
            fail(flow);
            return;
        }
        flow.picked(server, time.nowNanos());
        server.flowBegins();
        if (flow.tries() == 0) {
            recorder.picked(flow);
        }
        time.after(CONNECT_NANOS, () -> connect(flow, server));
    }

    private void connect(SimFlow flow, SimServer server) {
        if (server.accept(flow)) {
            time.after(TIMEOUT_NANOS, () -> timeOut(flow));
            return;
        }
        recorder.connectFailed();
        flow.connectFailed();
        release(flow, Outcome.CONNECT_FAILED);
        if (flow.tries() < CONNECT_TRIES) {
            pick(flow);
        } else {
            fail(flow);
        }
    }

    private void served(SimFlow flow) {
        if (!flow.isOver()) {
            end(flow, Outcome.SUCCESS);
        }
    }

    private void timeOut(SimFlow flow) {
        if (!flow.isOver()) {
            end(flow, Outcome.TIMED_OUT);
        }
    }

    private void end(SimFlow flow, Outcome outcome) {
        flow.end();
        release(flow, outcome);
        recorder.ended(flow, time.nowNanos(), outcome == Outcome.SUCCESS);
    }

    private void fail(SimFlow flow) {
        flow.end();
        recorder.ended(flow, time.nowNanos(), false);
    }

    private void release(SimFlow flow, Outcome outcome) {
        flow.server().flowEnds();
        scheduler.released(flow.server(), outcome, time.nowNanos() - flow.pickedNanos(), time.nowNanos());
    }
}
