package io.clb.bench.demo;

import java.util.ArrayList;
import java.util.List;

/** The clients of all three listeners, from start to end. For the thread that plays only. */
final class Crowds {

    private static final int BROWSERS = 12;

    /** With the server's time to think, about 60 requests a second of each. */
    private static final long BROWSER_PAUSE_MILLIS = 8;

    /** As refusals come at once, about 60 requests a second of each: together they ask for several times what they get. */
    private static final long CALLER_PAUSE_MILLIS = 16;

    private static final int CALLERS = 4;

    private final Sources sources;
    private final Homes homes = new Homes();
    private final Clients echo;
    private final Clients web;
    private final Clients api;
    private final List<Browser> browsers = new ArrayList<>();
    private final NodeShare share;
    private final Demand demand;
    private final long startNanos;
    private long endNanos;

    /**
     * Starts them.
     *
     * @param sources where those of the echo servers come from
     */
    Crowds(Stage stage, int echoClients, Sources sources) {
        this.sources = sources;
        share = NodeShare.of(stage.lb().snapshot().listener(Stage.API).limits().get(0));
        demand = new Demand(share.rate());
        echo = new Clients(Stage.ECHO, 0, i -> new EchoClient(stage.address(Stage.ECHO), i, sources.of(i), homes));
        web = new Clients(Stage.WEB, BROWSER_PAUSE_MILLIS, i -> browser(stage, i));
        api = new Clients(Stage.API, CALLER_PAUSE_MILLIS, i -> new Caller(stage.address(Stage.API), i, demand));
        startNanos = System.nanoTime();
        echo.add(echoClients);
        web.add(BROWSERS);
        api.add(CALLERS);
    }

    private Browser browser(Stage stage, int number) {
        Browser browser = new Browser(stage.address(Stage.WEB), number);
        browsers.add(browser);
        return browser;
    }

    /** Where the clients of echo servers come from. */
    Sources sources() {
        return sources;
    }

    /** Which machines answer them. */
    Homes homes() {
        return homes;
    }

    /** Those that open a connection for each line. */
    Clients echo() {
        return echo;
    }

    /** Those that keep their connections and their cookies. */
    Clients web() {
        return web;
    }

    /** Those that ask for more than the limit gives. */
    Clients api() {
        return api;
    }

    /** All who keep cookies. */
    List<Browser> browsers() {
        return browsers;
    }

    /** How many of those had their last answer from a machine. */
    long browsersOn(Machine machine) {
        return browsers.stream()
                .filter(browser -> browser.server().equals(machine.name()))
                .count();
    }

    /** How many answers those got from a machine. */
    long answersOf(Machine machine) {
        return browsers.stream()
                .mapToLong(browser -> browser.answers(machine.name()))
                .sum();
    }

    /** What this node enforces of the limit. */
    NodeShare share() {
        return share;
    }

    /** How many requests the limit should have let through so far. */
    double due() {
        return demand.due();
    }

    /** From before the first question to after the last answer. */
    long nanos() {
        return endNanos - startNanos;
    }

    /** Lets everybody have the answer that they wait for. */
    void stop() throws InterruptedException {
        echo.stop();
        web.stop();
        api.stop();
        endNanos = System.nanoTime();
    }
}
