package io.clb.l7;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Messages out of text files, one for each part of the grammar. A line of a file is
 *
 * <ul>
 *   <li>{@code frame <bytes>}: what stands around the bytes of the cases that follow, in the place of <code>{}</code>;
 *   <li>{@code given <word>}: what the cases that follow are for, such as a listener;
 *   <li>{@code body}: of the cases that follow, the head is good;
 *   <li>a case, {@code <expected> <name> | <bytes>}, and with {@code => <bytes>} what the other side gets of it, if that is something else;
 *   <li>a comment, behind {@code #}, or empty.
 * </ul>
 *
 * <p>In bytes, {@code \r \n \t \\} and {@code \x00} to {@code \xff} are what they are in C; <code>\{3*text}</code> is the text three times; and {@code \x[00-08,7f]} makes a case of
 * each of these bytes. {@code \.} at the end says that the connection ends there.
 */
final class Corpus {

    private static final Pattern CASE = Pattern.compile("(?<expected>\\w+) (?<name>.+?) \\| (?<bytes>.*)");
    private static final String RECEIVED = " => ";
    private static final Pattern ALTERNATIVES = Pattern.compile("\\\\x\\[(?<bytes>[0-9a-f,-]+)]");
    private static final Pattern REPETITION = Pattern.compile("\\\\\\{(?<times>\\d+)\\*(?<text>.*?)}");
    private static final Pattern ESCAPE = Pattern.compile("\\\\(?:x(?<hex>[0-9a-f]{2})|(?<letter>[rnt\\\\]))");

    /**
     * A case.
     *
     * @param family the file that it is in
     * @param given what it is for
     * @param expected the status that the client gets, or a word
     * @param inBody whether the head is good
     * @param sent in ISO-8859-1
     * @param received what the other side gets, in ISO-8859-1
     */
    record Case(
            String family, String given, String expected, String name, boolean inBody, String sent, String received) {

        private static final String END = "\\.";

        boolean ends() {
            return sent.endsWith(END);
        }

        /** What is sent before the end. */
        String bytes() {
            return ends() ? sent.substring(0, sent.length() - END.length()) : sent;
        }

        @Override
        public String toString() {
            return family + ": " + name;
        }
    }

    private final List<Case> cases = new ArrayList<>();
    private final String family;
    private String frame = "{}";
    private String given = "usual";
    private boolean inBody;

    private Corpus(String family) {
        this.family = family;
    }

    /** All cases of the files in a folder. */
    static List<Case> in(String folder) {
        try {
            URL url = requireNonNull(Corpus.class.getResource("corpus/" + folder));
            Path path = Path.of(url.toURI());
            try (Stream<Path> files = Files.list(path)) {
                return files.sorted().flatMap(file -> of(file).stream()).toList();
            }
        } catch (IOException | URISyntaxException e) {
            throw new AssertionError("no corpus of " + folder, e);
        }
    }

    private static List<Case> of(Path file) {
        Corpus corpus = new Corpus(file.getFileName().toString().replace(".txt", ""));
        try {
            for (String line : Files.readAllLines(file, US_ASCII)) {
                corpus.read(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return corpus.cases;
    }

    private void read(String line) {
        if (line.startsWith("frame ")) {
            frame = line.substring("frame ".length());
        } else if (line.startsWith("given ")) {
            given = line.substring("given ".length());
        } else if (line.equals("body")) {
            inBody = true;
        } else if (!line.isEmpty() && !line.startsWith("#")) {
            Matcher parts = CASE.matcher(line);
            if (!parts.matches()) {
                throw new AssertionError(family + ": no case: " + line);
            }
            alternatives(parts.group("expected"), parts.group("name"), parts.group("bytes"));
        }
    }

    private void alternatives(String expected, String name, String text) {
        Matcher bytes = ALTERNATIVES.matcher(text);
        if (!bytes.find()) {
            int to = text.indexOf(RECEIVED);
            String sent = bytes(to < 0 ? text : text.substring(0, to));
            String received = to < 0 ? sent : bytes(text.substring(to + RECEIVED.length()));
            cases.add(new Case(family, given, expected, name, inBody, sent, received));
            return;
        }
        for (String range : bytes.group("bytes").split(",", -1)) {
            String[] ends = range.split("-", -1);
            IntStream.rangeClosed(Integer.parseInt(ends[0], 16), Integer.parseInt(ends[ends.length - 1], 16))
                    .mapToObj("%02x"::formatted)
                    .forEach(hex -> alternatives(
                            expected, name + " " + hex, bytes.replaceFirst(Matcher.quoteReplacement("\\x" + hex))));
        }
    }

    private String bytes(String text) {
        String repeated = REPETITION
                .matcher(frame.replace("{}", text))
                .replaceAll(times -> Matcher.quoteReplacement(times.group(2).repeat(Integer.parseInt(times.group(1)))));
        return ESCAPE.matcher(repeated).replaceAll(escape -> Matcher.quoteReplacement(unescaped(escape)));
    }

    private static String unescaped(MatchResult escape) {
        String hex = escape.group(1);
        if (hex != null) {
            return String.valueOf((char) Integer.parseInt(hex, 16));
        }
        return switch (escape.group(2)) {
            case "r" -> "\r";
            case "n" -> "\n";
            case "t" -> "\t";
            default -> "\\";
        };
    }
}
