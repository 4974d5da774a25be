package io.clb.l7;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Locale.ROOT;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** What a client's bytes become on their way to a server: decoder and encoder as a listener drives them, without sockets. */
final class Relay {

    private static final HeadScanner SCANNER = new HeadScanner(8_192, 16_384, 100, HeadReading.LENIENT);

    /**
     * A whole request, as the decoder tells of it.
     *
     * @param line as a server should get it
     * @param fields those that a server should get, as in {@code name:value}
     * @param body with what frames it
     */
    record Reported(String line, List<String> fields, String body) {}

    private final List<Reported> reported = new ArrayList<>();
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final BodyScanner scanner = new BodyScanner();
    private final StringBuilder body = new StringBuilder();
    private Head head = new Head();
    private boolean inBody;
    private boolean over;

    /** Has bytes come in pieces of random sizes, up to where they are refused. */
    static Relay of(byte[] bytes, SplittableRandom random) {
        Relay relay = new Relay();
        int most = 1 << random.nextInt(1, 12);
        for (int at = 0; at < bytes.length && !relay.over; ) {
            int size = Math.min(random.nextInt(1, most + 1), bytes.length - at);
            ByteBuf in = Unpooled.wrappedBuffer(bytes, at, size);
            while (in.isReadable() && !relay.over) {
                relay.take(in);
            }
            at += size;
        }
        return relay;
    }

    /** The requests that came whole. */
    List<Reported> reported() {
        return reported;
    }

    /** What a server got. */
    byte[] sent() {
        return sent.toByteArray();
    }

    private void take(ByteBuf in) {
        if (inBody) {
            takeBody(in);
            return;
        }
        switch (SCANNER.request(head, in)) {
            case MORE -> {}
            case REFUSED -> over = true;
            case COMPLETE -> {
                write(HeadWriter.request(UnpooledByteBufAllocator.DEFAULT, head, Agreement.LINES, 1, false, null));
                if (head.chunked) {
                    scanner.chunked();
                } else {
                    scanner.length(Math.max(0, head.contentLength));
                }
                body.setLength(0);
                inBody = true;
                endIfComplete();
            }
        }
    }

    private void takeBody(ByteBuf in) {
        int bytes = scanner.scan(in);
        if (bytes < 0) {
            over = true;
            return;
        }
        ByteBuf part = in.readRetainedSlice(bytes);
        body.append(part.toString(ISO_8859_1));
        write(part);
        endIfComplete();
    }

    private void write(ByteBuf out) {
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes).release();
        sent.writeBytes(bytes);
    }

    private void endIfComplete() {
        if (scanner.isComplete()) {
            reported.add(new Reported(line(), fields(), body.toString()));
            head = new Head();
            inBody = false;
        }
    }

    private String text(int start, int end) {
        return new String(head.bytes, start, end - start, ISO_8859_1);
    }

    private String line() {
        String method = text(head.methodStart, head.methodEnd);
        String target = text(head.pathStart, head.targetEnd);
        if (target.isEmpty() && method.equals("OPTIONS")) {
            target = "*";
        } else if (target.isEmpty() || target.startsWith("?")) {
            target = "/" + target;
        }
        return method + " " + target + " HTTP/1." + head.minorVersion;
    }

    private List<String> fields() {
        List<String> names = new ArrayList<>();
        List<String> values = new ArrayList<>();
        Set<String> nominated = new TreeSet<>();
        for (int i = 0; i < head.fieldCount; i++) {
            String name = text(head.nameStart(i), head.nameEnd(i));
            String value = text(head.valueStart(i), head.valueEnd(i));
            if (name.equalsIgnoreCase("connection")) {
                Arrays.stream(value.split(",", -1))
                        .map(option -> option.strip().toLowerCase(ROOT))
                        .forEach(nominated::add);
            }
            if (!name.equalsIgnoreCase("host") || !head.authorityInTarget) {
                names.add(name);
                values.add(value);
            }
        }
        List<String> all = new ArrayList<>();
        if (head.authorityInTarget) {
            all.add("Host:" + text(head.authorityStart, head.authorityEnd));
        }
        all.addAll(RandomRequest.received(names, values, nominated));
        all.addAll(RandomRequest.added(head.minorVersion == 0));
        return all;
    }
}
