package io.clb.bench.demo;

import io.netty.channel.EventLoop;

/**
 * What stands for a machine: an echo server and a web server, which die together and come back together.
 *
 * @param name one letter
 * @param echo answers lines
 * @param web answers HTTP requests
 */
record Machine(String name, DemoServer echo, DemoServer web) {

    static Machine start(String name, EventLoop loop) {
        return new Machine(
                name,
                new DemoServer(loop, pipeline -> EchoHandler.addTo(pipeline, name)),
                new DemoServer(loop, pipeline -> WebHandler.addTo(pipeline, name)));
    }

    /** Kills both, and tells how many connections they had accepted and not closed. */
    int kill() {
        return echo.kill() + web.kill();
    }

    void revive() {
        echo.revive();
        web.revive();
    }

    /** Whether the balancer's name of a server is that of one of these. */
    boolean has(String id) {
        return echo.id().equals(id) || web.id().equals(id);
    }
}
