package io.clb.l4;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What the system still has of connections, those included that nobody holds any more. */
public final class SocketTable {

    private static final List<Path> TABLES = List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));

    private SocketTable() {}

    /** Tells whether there is anything of a connection between two ports, on the side of the first. */
    public static boolean has(int local, int remote) throws IOException {
        String row = "^ *\\d+: \\w+:%04X \\w+:%04X .*".formatted(local, remote);
        for (Path table : TABLES) {
            if (Files.exists(table)) {
                try (Stream<String> rows = Files.lines(table)) {
                    if (rows.anyMatch(line -> line.matches(row))) {
                        return true;
                    }
                }
            }
        }
        return false;
    }
}
