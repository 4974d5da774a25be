package io.clb.bench.peers;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The server behind the relays where nginx is not installed: the files of a directory, from memory. Runs until it is ended. */
@Command(name = "file-server", mixinStandardHelpOptions = true, description = "Files of a directory, on loopback.")
public final class FileServer implements Callable<Integer> {

    private static final int BACKLOG = 4096;

    @Option(names = "--port", required = true, description = "the port to listen on")
    private int port;

    @Option(names = "--directory", required = true, description = "where the files are")
    private Path directory = Path.of("");

    private FileServer() {}

    /**
     * Runs the server.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        int exit = new CommandLine(new FileServer()).execute(args);
        if (exit != 0) {
            System.exit(exit);
        }
    }

    @Override
    public Integer call() throws IOException {
        Map<String, byte[]> files;
        try (Stream<Path> paths = Files.list(directory)) {
            files = paths.collect(Collectors.toMap(path -> "/" + path.getFileName(), FileServer::read));
        }
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
        server.createContext(
                "/",
                exchange -> answer(exchange, files.get(exchange.getRequestURI().getPath())));
        server.start();
        return 0;
    }

    private static void answer(HttpExchange exchange, byte @Nullable [] file) throws IOException {
        if (file == null) {
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        exchange.sendResponseHeaders(200, file.length);
        // The body only: closing the exchange would close the connection.
        try (OutputStream body = exchange.getResponseBody()) {
            body.write(file);
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
