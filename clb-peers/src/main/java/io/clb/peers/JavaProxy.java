package io.clb.peers;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A reverse proxy of another library as a process of its own, for {@code clb-bench/peers}. Runs until it is ended. */
@Command(
        name = "java-proxy",
        mixinStandardHelpOptions = true,
        description = "An HTTP proxy on loopback in front of one server.")
public final class JavaProxy implements Callable<Integer> {

    @Option(names = "--kind", required = true, description = "the library: ${COMPLETION-CANDIDATES}")
    private Kind kind = Kind.UNDERTOW;

    @Option(names = "--port", required = true, description = "the port to listen on")
    private int port;

    @Option(names = "--server", required = true, description = "the server, address:port")
    private String server = "";

    @Option(names = "--threads", defaultValue = "1", description = "I/O threads")
    private int threads = 1;

    @Option(names = "--access-log", description = "the file to write the library's access log to; none if not given")
    private @Nullable Path accessLog;

    private JavaProxy() {}

    /**
     * Runs the proxy.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        int exit = new CommandLine(new JavaProxy()).execute(args);
        if (exit != 0) {
            System.exit(exit);
        }
    }

    @Override
    public Integer call() {
        int colon = server.lastIndexOf(':');
        InetSocketAddress address =
                new InetSocketAddress(server.substring(0, colon), Integer.parseInt(server.substring(colon + 1)));
        Proxy proxy = kind.start(new Settings(port, address, threads, accessLog));
        Runtime.getRuntime().addShutdownHook(new Thread(proxy::close));
        return 0;
    }
}
