package io.clb.bench.peers;

import io.clb.Extensions;
import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.ServerGroupConfig;
import io.clb.l4.NettyEngine;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A balancer with one listener and nothing else, as a process of its own, for {@code clb-bench/peers}. Runs until it is ended. */
@Command(
        name = "relay",
        mixinStandardHelpOptions = true,
        description = "A listener on loopback in front of one server, or of many addresses of one.")
public final class Relay implements Callable<Integer> {

    @Option(names = "--port", required = true, description = "the port to listen on")
    private int port;

    @Option(names = "--server", required = true, description = "the server, host:port")
    private String server = "";

    @Option(
            names = "--addresses",
            defaultValue = "0",
            description = "in place of the server's address, so many of 127.1.0.0/16, up to 1024, with its port")
    private int addresses;

    @Option(names = "--scheduler", defaultValue = "wrr", description = "the scheduler, by name")
    private String scheduler = "";

    @Option(names = "--transport", defaultValue = "epoll", description = "epoll, io_uring or nio")
    private String transport = "epoll";

    @Option(names = "--http", description = "an HTTP listener in place of a TCP one")
    private boolean http;

    @Option(names = "--udp", description = "a UDP listener in place of a TCP one")
    private boolean udp;

    @Option(names = "--threads", defaultValue = "1", description = "event loops")
    private int threads;

    private Relay() {}

    /**
     * Runs the balancer.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        int exit = new CommandLine(new Relay()).execute(args);
        if (exit != 0) {
            System.exit(exit);
        }
    }

    @Override
    public Integer call() {
        NettyEngine engine = switch (transport) {
            case "epoll" -> NettyEngine.epoll();
            case "io_uring" -> NettyEngine.ioUring();
            case "nio" -> NettyEngine.nio();
            default -> throw new IllegalArgumentException("transport: " + transport);
        };
        LoadBalancer lb = LoadBalancer.builder()
                .engine(engine.threads(threads))
                .serverGroup(
                        "servers",
                        g -> servers(g)
                                .scheduler(Extensions.scheduler(scheduler))
                                .healthCheck(HealthCheck.none()))
                .listener("front", l -> {
                    l.bind("127.0.0.1").forwardTo("servers");
                    if (http) {
                        l.http(port).maxRequestsPerConnection(1_000_000);
                    } else if (udp) {
                        l.udp(port).idleTimeout(Duration.ofSeconds(900));
                    } else {
                        l.tcp(port);
                    }
                })
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(lb::close));
        return 0;
    }

    private ServerGroupConfig.Builder servers(ServerGroupConfig.Builder group) {
        if (addresses == 0) {
            return group.server(server);
        }
        String port = server.substring(server.lastIndexOf(':'));
        for (int i = 1; i <= addresses; i++) {
            group.server("127.1." + i / 256 + "." + i % 256 + port);
        }
        return group;
    }
}
