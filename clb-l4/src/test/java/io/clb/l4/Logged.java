package io.clb.l4;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What the library says in its log, which goes to standard error in tests. */
final class Logged {

    private Logged() {}

    /** Runs something and returns the lines that were logged meanwhile. */
    static List<String> during(Runnable task) {
        PrintStream before = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            task.run();
        } finally {
            System.setErr(before);
        }
        return said.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
