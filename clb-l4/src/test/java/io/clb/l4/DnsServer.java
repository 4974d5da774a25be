package io.clb.l4;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A name server on loopback (RFC 1035), by UDP and TCP, that answers what the test says. */
final class DnsServer implements AutoCloseable {

    static final int SERVER_FAILURE = 2;
    private static final int NO_SUCH_NAME = 3;

    private static final int A = 1;
    private static final int CNAME = 5;
    private static final int AAAA = 28;
    private static final int SRV = 33;

    private static final int HEADER = 12;
    private static final int MAX_UDP = 1_232;
    private static final int RESPONSE = 0x8180;
    private static final int TRUNCATED = 0x0200;

    @SuppressWarnings("ArrayRecordComponent") // no two are compared
    private record Data(int type, int ttl, byte[] content) {}

    private final ServerSocket listening;
    private final DatagramSocket datagrams;
    private final Map<String, List<Data>> records = new ConcurrentHashMap<>();
    private final List<String> questions = new CopyOnWriteArrayList<>();
    private final List<String> byTcp = new CopyOnWriteArrayList<>();

    // written by the test; read by the server's threads
    private volatile boolean silent;
    private volatile int failure;

    DnsServer() {
        DatagramSocket bound = null;
        ServerSocket beside = null;
        while (bound == null || beside == null) {
            try {
                bound = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            try {
                beside = new ServerSocket(bound.getLocalPort(), 50, InetAddress.getLoopbackAddress());
            } catch (IOException e) {
                // Somebody has that port on TCP: another one.
                bound.close();
            }
        }
        datagrams = bound;
        listening = beside;
        start(this::serveDatagrams);
        start(this::serveConnections);
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "server-dns");
        thread.setDaemon(true);
        thread.start();
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), listening.getLocalPort());
    }

    /** Says what addresses a name has, of both kinds; none for a name without records. */
    DnsServer addresses(String name, int ttl, String... addresses) {
        List<Data> all = new ArrayList<>();
        for (String address : addresses) {
            byte[] bytes = bytes(address);
            all.add(new Data(bytes.length == 4 ? A : AAAA, ttl, bytes));
        }
        records.put(name, all);
        return this;
    }

    /** The same, for a name that is an alias with a TTL of its own. */
    DnsServer alias(String name, int ttl, String address, int addressTtl) {
        records.put(
                name, List.of(new Data(CNAME, ttl, name("alias." + name)), new Data(A, addressTtl, bytes(address))));
        return this;
    }

    /** Adds a service to a name. */
    DnsServer service(String name, int ttl, int priority, int weight, int port, String target) {
        ByteBuffer content = ByteBuffer.allocate(6 + name(target).length);
        content.putShort((short) priority)
                .putShort((short) weight)
                .putShort((short) port)
                .put(name(target));
        records.computeIfAbsent(name, key -> new CopyOnWriteArrayList<>()).add(new Data(SRV, ttl, content.array()));
        return this;
    }

    /** Gives a name an address that is none. */
    void malformed(String name) {
        records.put(name, List.of(new Data(A, 30, new byte[3])));
    }

    /** Forgets a name. */
    DnsServer forget(String name) {
        records.remove(name);
        return this;
    }

    /** Answers nothing, or everything again. */
    void silent(boolean on) {
        silent = on;
    }

    /** Answers no more by TCP. */
    void leaveTcp() throws IOException {
        listening.close();
    }

    /** Answers with a code for a failure; 0 to work again. */
    void failing(int code) {
        failure = code;
    }

    /** How often a question came, such as {@code "A app.test"}. */
    int asked(String question) {
        return (int) questions.stream().filter(question::equals).count();
    }

    /** The questions that came by TCP. */
    List<String> byTcp() {
        return byTcp;
    }

    private static byte[] bytes(String literal) {
        try {
            return InetAddress.getByName(literal).getAddress();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] name(String name) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (!name.equals(".")) {
            for (String label : name.split("\\.", -1)) {
                bytes.write(label.length());
                bytes.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
            }
        }
        bytes.write(0);
        return bytes.toByteArray();
    }

    private void serveDatagrams() {
        byte[] buffer = new byte[MAX_UDP];
        while (!datagrams.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                datagrams.receive(packet);
                byte[] answer = answer(Arrays.copyOf(buffer, packet.getLength()), MAX_UDP, questions);
                if (!silent) {
                    datagrams.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serveConnections() {
        while (!listening.isClosed()) {
            try (Socket socket = listening.accept()) {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                byte[] answer = answer(in.readNBytes(in.readUnsignedShort()), 65_535, byTcp);
                DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                out.writeShort(answer.length);
                out.write(answer);
                out.flush();
                in.transferTo(java.io.OutputStream.nullOutputStream());
            } catch (IOException e) {
                // The client went away, or close() ended it.
            }
        }
    }

    private byte[] answer(byte[] query, int most, List<String> asked) {
        ByteBuffer in = ByteBuffer.wrap(query);
        in.position(HEADER);
        StringBuilder name = new StringBuilder();
        for (int length = in.get(); length > 0; length = in.get()) {
            byte[] label = new byte[length];
            in.get(label);
            name.append(name.length() == 0 ? "" : ".").append(new String(label, StandardCharsets.US_ASCII));
        }
        int type = in.getShort();
        int questionEnd = in.position() + 2;
        String host = name.toString().toLowerCase(Locale.ROOT);
        asked.add((type == A ? "A " : type == AAAA ? "AAAA " : "SRV ") + host);
        List<Data> all = records.get(host);
        int code = failure != 0 ? failure : all == null ? NO_SUCH_NAME : 0;
        List<Data> answers = code != 0 || all == null
                ? List.of()
                : all.stream()
                        .filter(data -> data.type() == type || data.type() == CNAME)
                        .toList();
        byte[] whole = message(query, questionEnd, RESPONSE | code, answers);
        // What is cut holds a part of the answers, as with many name servers.
        return whole.length <= most ? whole : message(query, questionEnd, RESPONSE | TRUNCATED, answers.subList(0, 1));
    }

    private static byte[] message(byte[] query, int questionEnd, int flags, List<Data> answers) {
        ByteBuffer out = ByteBuffer.allocate(questionEnd
                + answers.stream().mapToInt(data -> 12 + data.content().length).sum());
        out.put(query, 0, 2).putShort((short) flags).putShort((short) 1).putShort((short) answers.size());
        out.putInt(0).put(query, HEADER, questionEnd - HEADER);
        for (Data data : answers) {
            out.putShort((short) (0xc000 | HEADER))
                    .putShort((short) data.type())
                    .putShort((short) 1);
            out.putInt(data.ttl()).putShort((short) data.content().length).put(data.content());
        }
        return out.array();
    }

    @Override
    public void close() {
        datagrams.close();
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
