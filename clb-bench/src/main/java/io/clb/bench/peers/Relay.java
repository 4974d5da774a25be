package io.clb.bench.peers;

import io.clb.AccessLog;
import io.clb.Config;
import io.clb.Extensions;
import io.clb.HealthCheck;
import io.clb.ListenerConfig;
import io.clb.LoadBalancer;
import io.clb.RequestFilters;
import io.clb.ServerGroupConfig;
import io.clb.l4.NettyEngine;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A balancer with one listener and nothing else, as a process of its own, for {@code clb-bench/peers}. Runs until it is ended. */
@Command(
        name = "relay",
        mixinStandardHelpOptions = true,
        description = "A listener on loopback in front of one server, or of many addresses of one.")
public final class Relay implements Callable<Integer> {

    /** What nginx calls "combined". */
    private static final String COMBINED =
            "$client_ip - - [$time] \"$request_method $request_uri $server_protocol\" $status $body_bytes_sent \"$http_referer\" \"$http_user_agent\"";

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

    @Option(names = "--close-upstream", description = "HTTP: a new connection to the server for each request")
    private boolean closeUpstream;

    @Option(names = "--access-log", description = "HTTP: the file of the access log; none unless said")
    private @Nullable Path accessLog;

    @Option(
            names = "--log-format",
            defaultValue = "combined",
            description = "combined; default, which is the library's; rtt, which is combined and the round trip time")
    private String logFormat = "";

    @Option(
            names = "--rules",
            defaultValue = "0",
            description =
                    "HTTP: 1 for a rule that takes every request, N for rules of N hosts h0.example and on; all go to the servers")
    private int rules;

    @Option(names = "--mirror", description = "HTTP: sends a copy of each request to the server too; needs --rules")
    private boolean mirror;

    @Option(names = "--filter", description = "HTTP: a filter that looks at each request and lets it pass")
    private boolean filter;

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
        Config.Builder builder = LoadBalancer.builder();
        if (mirror) {
            builder.serverGroup("copies", g -> g.server(server).healthCheck(HealthCheck.none()));
        }
        LoadBalancer lb = builder.engine(engine.threads(threads))
                .serverGroup(
                        "servers",
                        g -> servers(g)
                                .scheduler(Extensions.scheduler(scheduler))
                                .healthCheck(HealthCheck.none()))
                .listener("front", l -> {
                    l.bind("127.0.0.1").forwardTo("servers");
                    if (http) {
                        http(l.http(port));
                    } else if (udp) {
                        l.udp(port).idleTimeout(Duration.ofMinutes(15));
                    } else {
                        l.tcp(port);
                    }
                })
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(lb::close));
        return 0;
    }

    private void http(ListenerConfig.Builder listener) {
        listener.maxRequestsPerConnection(1_000_000).persistentUpstream(!closeUpstream);
        if (accessLog != null) {
            listener.accessLog(log(AccessLog.file(accessLog)));
        }
        if (filter) {
            listener.requestFilters(RequestFilters.of((request, ruling) -> {
                CharSequence agent = request.header("user-agent");
                if (agent != null && agent.toString().contains("sqlmap")) {
                    ruling.deny(403);
                } else {
                    ruling.allow();
                }
            }));
        }
        for (int i = 0; i < rules; i++) {
            String host = rules == 1 ? null : "h" + i + ".example";
            listener.rule("r" + i, r -> {
                if (host == null) {
                    r.path("/");
                } else {
                    r.host(host);
                }
                r.forwardTo("servers");
                if (mirror) {
                    r.mirrorTo("copies");
                }
            });
        }
    }

    private AccessLog log(AccessLog file) {
        return switch (logFormat) {
            case "combined" -> file.pattern(COMBINED);
            case "rtt" -> file.pattern(COMBINED + " $tcpinfo_rtt");
            case "default" -> file;
            default ->
                throw new IllegalArgumentException(
                        "--log-format: " + logFormat + " (expected: combined, default or rtt)");
        };
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
