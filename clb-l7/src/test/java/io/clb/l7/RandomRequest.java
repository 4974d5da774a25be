package io.clb.l7;

import static java.util.Locale.ROOT;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * A valid request, made at random, and how a server should read what it gets of it.
 *
 * @param start the first line as a server should get it
 * @param fields those that a server should get, as in {@code name:value}
 * @param length the body's, or -1
 */
record RandomRequest(String head, String start, List<String> fields, long length, boolean chunked) {

    private static final String TOKEN = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static final String PATH = "!\"$&'()*+,-./0123456789:;<=>@AZ[]^_`az{|}~";
    private static final List<String> ESCAPES = List.of("", "%25", "%c3%A9", "%41", "%2e", "%2f", "//");
    private static final List<String> HOSTS =
            List.of("a", "a:80", "www.Example.org", "127.0.0.1:8080", "[::1]", "[2001:db8::1]:443", "a_b:", "x-y.z");
    private static final List<String> KNOWN = List.of(
            "Accept",
            "Cookie",
            "Authorization",
            "Via",
            "Expect",
            "Trailer",
            "TE",
            "te",
            "Keep-Alive",
            "Proxy-Connection",
            "Upgrade",
            "X-Forwarded-For",
            "x-forwarded-proto",
            "X_Forwarded-Host",
            "Forwarded",
            "SLB-ID",
            "slb_ip",
            "X-Forwarded");
    private static final Set<String> DROPPED =
            Set.of("te", "keep-alive", "proxy-connection", "upgrade", "connection", "forwarded", "slb-id", "slb-ip");

    private static final Set<String> KEPT = Set.of("cookie", "authorization");

    static RandomRequest of(SplittableRandom random) {
        List<String> lines = new ArrayList<>();
        List<String> names = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (int i = random.nextInt(8); i > 0; i--) {
            String name = random.nextInt(3) == 0 ? KNOWN.get(random.nextInt(KNOWN.size())) : text(TOKEN, 1, 10, random);
            add(name, value(random), lines, names, values, random);
        }
        Set<String> nominated = new TreeSet<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            String options = options(names, nominated, random);
            add("Connection", options, lines, names, values, random);
        }
        boolean old = random.nextInt(5) == 0;
        long length = -1;
        boolean chunked = false;
        switch (random.nextInt(3)) {
            case 0 -> {
                length = random.nextInt(4) == 0 ? 0 : random.nextLong(1_000_000_000_000_000_000L);
                add("cONTENT-lENGTH", Long.toString(length), lines, names, values, random);
            }
            case 1 -> {
                chunked = !old;
                if (chunked) {
                    add(
                            "Transfer-Encoding",
                            random.nextBoolean() ? "chunked" : "CHUNKED",
                            lines,
                            names,
                            values,
                            random);
                }
            }
            default -> {
                // no body
            }
        }
        String host = HOSTS.get(random.nextInt(HOSTS.size()));
        if (!old || random.nextBoolean()) {
            add("Host", host, lines, names, values, random);
        }
        return of(random, lines, received(names, values, nominated), length, chunked, old);
    }

    private static RandomRequest of(
            SplittableRandom random,
            List<String> lines,
            List<String> fields,
            long length,
            boolean chunked,
            boolean old) {
        String method = random.nextInt(8) == 0 ? "OPTIONS" : text(TOKEN, 1, 7, random);
        if (method.equals("CONNECT")) {
            method = "GET";
        }
        String version = old ? " HTTP/1.0" : " HTTP/1.1";
        // No dots behind a slash: they might climb.
        String path = ("/" + text(PATH, 0, 10, random)
                                + ESCAPES.get(random.nextInt(ESCAPES.size()))
                                + text(PATH, 0, 10, random))
                        .replace("/.", "/x")
                        .replace("/%2e", "/%2e%2E%2e")
                + (random.nextBoolean() ? "?" + text(PATH + "%?\\", 0, 10, random) : "");
        String sent = path;
        String received = path;
        List<String> all = new ArrayList<>();
        int form = random.nextInt(4);
        if (form == 0 && method.equals("OPTIONS")) {
            sent = "*";
            received = "*";
        } else if (form == 1) {
            String host = HOSTS.get(random.nextInt(HOSTS.size()));
            sent = (random.nextBoolean() ? "http://" : "HTTP://") + host + path;
            all.add("Host:" + host);
            fields.removeIf(field -> field.startsWith("Host:"));
        }
        all.addAll(fields);
        all.addAll(added(old));
        String head = (random.nextInt(4) == 0 ? "\r\n" : "") + method + " " + sent + version + "\r\n"
                + String.join("", lines) + "\r\n";
        return new RandomRequest(head, method + " " + received + version, List.copyOf(all), length, chunked);
    }

    /** The fields that a server gets beside the client's. */
    static List<String> added(boolean old) {
        return List.of("X-Forwarded-For:127.0.0.1", "X-Forwarded-Proto:http", old ? "Via:1.0 clb" : "Via:1.1 clb");
    }

    /** Adds a field at any place. */
    private static void add(
            String name,
            String value,
            List<String> lines,
            List<String> names,
            List<String> values,
            SplittableRandom random) {
        int at = random.nextInt(lines.size() + 1);
        lines.add(at, name + ":" + " ".repeat(random.nextInt(3)) + value + " ".repeat(random.nextInt(2)) + "\r\n");
        names.add(at, name);
        values.add(at, value);
    }

    private static String options(List<String> names, Set<String> nominated, SplittableRandom random) {
        List<String> options = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            String option = switch (random.nextInt(4)) {
                case 0 -> "close";
                case 1 -> "Keep-Alive";
                case 2 -> names.isEmpty() ? "x" : names.get(random.nextInt(names.size()));
                default -> text(TOKEN, 1, 5, random);
            };
            options.add(option);
            nominated.add(option.toLowerCase(ROOT));
        }
        return String.join(random.nextBoolean() ? "," : " ,\t", options);
    }

    /** Which fields of a client's a server gets, of which some are for one connection only, as it says. */
    static List<String> received(List<String> names, List<String> values, Set<String> nominated) {
        List<String> received = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i).toLowerCase(ROOT);
            String dashed = name.replace('_', '-');
            boolean ours = (dashed.startsWith("x-forwarded-") && dashed.length() > "x-forwarded-".length())
                    || dashed.equals("slb-id")
                    || dashed.equals("slb-ip");
            if (!ours && !DROPPED.contains(name) && (KEPT.contains(name) || !nominated.contains(name))) {
                received.add(names.get(i) + ":" + values.get(i));
            }
        }
        return received;
    }

    private static String value(SplittableRandom random) {
        StringBuilder value = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            int c = random.nextInt(4) == 0 ? random.nextInt(0x80, 0x100) : random.nextInt(0x20, 0x7f);
            value.append((char) c);
        }
        return value.toString().strip();
    }

    private static String text(String of, int least, int most, SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(least, most + 1); i > 0; i--) {
            text.append(of.charAt(random.nextInt(of.length())));
        }
        return text.toString();
    }
}
