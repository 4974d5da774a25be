package io.clb.l7;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Messages with something changed at random in them: bytes, words that matter, pieces of other messages. */
final class Mutants {

    private static final List<byte[]> WORDS = List.of(
                    "\r\n",
                    "\n",
                    "\r",
                    " ",
                    "\t",
                    "\0",
                    ":",
                    ",",
                    ";",
                    "\u000b",
                    "\u0080",
                    "\u00ff",
                    "_",
                    "0",
                    "1",
                    "5",
                    "f",
                    "-",
                    "+",
                    "x",
                    "\\",
                    "#",
                    "?",
                    "*",
                    "/",
                    "http://",
                    "HTTP/1.1",
                    "HTTP/1.0",
                    "GET ",
                    "CONNECT ",
                    "Host: b\r\n",
                    "Content-Length: 5\r\n",
                    "Content-Length: 0\r\n",
                    "Transfer-Encoding: chunked\r\n",
                    "Connection: close\r\n",
                    "Connection: x\r\n",
                    "chunked",
                    "\r\n\r\n",
                    "0\r\n\r\n",
                    "X: y\r\n",
                    "X-Forwarded-For: a\r\n",
                    "[::1]",
                    ":80",
                    "@")
            .stream()
            .map(word -> word.getBytes(ISO_8859_1))
            .toList();

    private static final int MAX_CHANGES = 4;
    private static final int MAX_LENGTH = 20_000;

    private Mutants() {}

    /** Requests, good ones and bad ones, with their bodies. */
    static List<byte[]> requests() {
        List<byte[]> seeds = new ArrayList<>();
        // As many good ones as bad ones, about: of what comes of a bad one, little is accepted.
        for (int i = 0; i < 3; i++) {
            GoodRequests.all().forEach(good -> seeds.add(good.sent().getBytes(ISO_8859_1)));
        }
        BadRequests.heads().forEach(bad -> seeds.add(bad.bytes().getBytes(ISO_8859_1)));
        seeds.removeIf(seed -> seed.length == 0 || seed.length > MAX_LENGTH);
        return seeds;
    }

    /** The corpus, requests and responses, as files have it. */
    static List<byte[]> corpus() {
        return Stream.of("requests", "responses")
                .flatMap(folder -> Corpus.in(folder).stream())
                .map(message -> message.bytes().getBytes(ISO_8859_1))
                .filter(bytes -> bytes.length > 0 && bytes.length < MAX_LENGTH)
                .toList();
    }

    /** Responses. */
    static List<byte[]> responses() {
        List<byte[]> seeds = new ArrayList<>();
        BadResponses.heads().forEach(bad -> seeds.add(bad.bad().getBytes(ISO_8859_1)));
        BadResponses.bodies().forEach(bad -> seeds.add((bad.good() + bad.bad()).getBytes(ISO_8859_1)));
        seeds.removeIf(seed -> seed.length == 0 || seed.length > MAX_LENGTH);
        return seeds;
    }

    /** Bodies in chunks. */
    static List<byte[]> bodies() {
        List<byte[]> seeds = new ArrayList<>();
        BadRequests.bodies().forEach(bad -> seeds.add((bad.good() + bad.bad()).getBytes(ISO_8859_1)));
        GoodRequests.all().stream()
                .map(good -> good.sent().split("\r\n\r\n", 2)[1])
                .filter(body -> !body.isEmpty())
                .forEach(body -> seeds.add(body.getBytes(ISO_8859_1)));
        seeds.removeIf(seed -> seed.length == 0 || seed.length > MAX_LENGTH);
        return seeds;
    }

    /** One of them, changed. */
    static byte[] of(List<byte[]> seeds, SplittableRandom random) {
        byte[] mutant = pick(seeds, random);
        // Mostly one: what was changed much is refused at the first change.
        int changes = random.nextInt(3) > 0 ? 1 : random.nextInt(2, MAX_CHANGES + 1);
        for (int i = 0; i < changes && mutant.length > 0; i++) {
            mutant = change(mutant, seeds, random);
        }
        return mutant;
    }

    private static byte[] pick(List<byte[]> from, SplittableRandom random) {
        return from.get(random.nextInt(from.size()));
    }

    private static byte[] change(byte[] bytes, List<byte[]> seeds, SplittableRandom random) {
        int at = random.nextInt(bytes.length);
        int to = random.nextInt(at, Math.min(bytes.length, at + 16) + 1);
        byte[] one = {(byte) random.nextInt(256)};
        return switch (random.nextInt(8)) {
            case 0 -> splice(bytes, at, at + 1, one);
            case 1 -> splice(bytes, at, at, one);
            case 2 -> splice(bytes, at, at + 1, new byte[] {(byte) (bytes[at] ^ 1 << random.nextInt(8))});
            case 3 -> splice(bytes, at, to, new byte[0]);
            case 4 -> splice(bytes, at, at, Arrays.copyOfRange(bytes, at, to));
            case 5 -> splice(bytes, at, to, pick(WORDS, random));
            case 6 -> splice(bytes, at, at, pick(WORDS, random));
            default -> {
                byte[] other = pick(seeds, random);
                int from = random.nextInt(other.length);
                yield splice(bytes, at, at, Arrays.copyOfRange(other, from, Math.min(other.length, from + 64)));
            }
        };
    }

    private static byte[] splice(byte[] bytes, int from, int to, byte[] with) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + with.length);
        out.write(bytes, 0, from);
        out.write(with, 0, with.length);
        out.write(bytes, to, bytes.length - to);
        return out.toByteArray();
    }
}
