package io.clb.l4;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What the library says in its log, which goes to standard error in tests. */
final class Logged {

    private Logged() {}

    /** Runs something that logs a line for each of very many, which would take longer than all the rest. */
    static void quietly(Runnable task) {
        PrintStream before = System.err;
        System.setErr(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        try {
            task.run();
        } finally {
            System.setErr(before);
        }
    }

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
