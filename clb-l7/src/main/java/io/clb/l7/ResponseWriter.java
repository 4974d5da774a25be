package io.clb.l7;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import io.clb.engine.Loop;
import io.clb.engine.Pool;
import io.clb.engine.RunServer;
import io.clb.spi.Reason;
import io.netty.buffer.ByteBuf;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * What the client is sent for a request: what its server answers, compressed, or in chunks where only the end of the connection would tell its end, or an answer of the balancer. Knows for the log what was
 * sent. What comes for a client that is gone is dropped. Its connection has it serve the exchange under way. Confined to one loop.
 */
final class ResponseWriter implements Upstream.Reply {

    /** Bodies up to this size are copied behind their head, which is cheaper than a second buffer to write. Not measured. */
    private static final int SMALL_BODY = 1_024;

    private static final byte[] CRLF = {'\r', '\n'};
    private static final byte[] LAST_CHUNK = {'0', '\r', '\n', '\r', '\n'};

    private static final int CONTINUE = 100;
    private static final int GONE = 499;
    private static final int SERVER_ERROR = 500;

    private final ClientConnection client;
    private @Nullable GzipBody gzip;
    private long bodySent;
    private long begunNanos;
    private int status;
    private int upstreamStatus;
    private boolean begun;
    private boolean chunking;
    private boolean mayGoOn;

    ResponseWriter(ClientConnection client) {
        this.client = client;
    }

    /** Is for another exchange from here on. */
    ResponseWriter begin() {
        bodySent = 0;
        begunNanos = 0;
        status = 0;
        upstreamStatus = 0;
        begun = false;
        chunking = false;
        mayGoOn = false;
        return this;
    }

    private Exchange exchange() {
        return requireNonNull(client.exchange());
    }

    private Loop loop() {
        return client.httpLoop().loop();
    }

    /** Whether the client was sent anything of the response, or is about to be. */
    boolean hasBegun() {
        return begun;
    }

    /** When that was. */
    long begunNanos() {
        return begunNanos;
    }

    /** What the client was answered; 0 as long as it was not. */
    int status() {
        return status;
    }

    /** What the server answered; 0 as long as it has not. */
    int upstreamStatus() {
        return upstreamStatus;
    }

    /** How many bytes of the body were sent, with what frames it. */
    long bodySent() {
        return bodySent;
    }

    private void begins(int answer, long nowNanos) {
        status = answer;
        begun = true;
        begunNanos = nowNanos;
    }

    /** Sends what the balancer itself answers. */
    void whole(int answer, ByteBuf response) {
        begins(answer, loop().nowNanos());
        bodySent = (long) response.readableBytes() - Bytes.headLength(response);
        client.write(response);
    }

    /** The client is gone: what it was not answered, it will not be. */
    void clientGone() {
        if (!begun) {
            status = GONE;
        }
    }

    /** Bytes went to the client through the tunnel. */
    void tunnelled(int bytes) {
        bodySent += bytes;
    }

    @Override
    public void head(Head response, ByteBuf in, int body, boolean untilClose) {
        Exchange of = exchange();
        long now = of.patience.moved();
        of.cameFromServer(response.length + body);
        if (response.status < 200) {
            interim(of, response);
        } else if (of.isForsaken()) {
            in.skipBytes(body);
            answered(response.status, requireNonNull(of.server()));
        } else if (response.chunked && of.request.minorVersion == 0) {
            // RFC 9112 6.1: not in a response to a client that cannot know chunks.
            of.refuse(Reason.BAD_RESPONSE);
        } else {
            begins(of.plan.statusFor(response.status), now);
            answer(of, response, in, body, untilClose);
        }
    }

    /** Of a response that another follows. */
    private void interim(Exchange of, Head response) {
        if (response.status == CONTINUE) {
            of.body.askedFor();
        }
        if (of.request.minorVersion > 0 && !of.isForsaken()) {
            client.write(HeadWriter.response(client.allocator(), response, response.status, 0, null, false, false));
            client.flush();
        }
    }

    private void answer(Exchange of, Head response, ByteBuf in, int body, boolean untilClose) {
        ContentCoding coding = coding(of, response);
        chunking = (untilClose || gzip != null) && of.request.minorVersion > 0;
        mayGoOn = of.body.isComplete() && client.mayGoOn(of.request) && (chunking || !untilClose);
        Pool pool = requireNonNull(of.pool());
        RunServer by = requireNonNull(of.server());
        answered(response.status, by);
        String cookie = of.traffic.setCookie(pool, of, by, upstreamStatus);
        boolean small = body <= SMALL_BODY && !chunking;
        ByteBuf out = HeadWriter.response(
                client.allocator(),
                response,
                status,
                small ? body : 0,
                cookie,
                chunking,
                !mayGoOn,
                coding,
                CookieRewrite.of(pool, by, of.traffic));
        if (small) {
            out.writeBytes(in, body);
            bodySent += body;
        }
        client.write(out);
        if (!small) {
            send(in.readRetainedSlice(body));
        }
    }

    private void answered(int answer, RunServer by) {
        upstreamStatus = answer;
        if (answer < SERVER_ERROR) {
            by.answered();
        } else {
            by.failed(answer);
        }
    }

    /** What becomes of the response's body, and prepares it. */
    private ContentCoding coding(Exchange of, Head response) {
        GzipPlan compressed = of.plan.gzip();
        ContentCoding coding = compressed == null ? ContentCoding.AS_IT_IS : compressed.coding(of.request, response);
        if (coding != ContentCoding.GZIP) {
            return coding;
        }
        Deflater deflater =
                client.httpLoop().takeDeflater(requireNonNull(compressed).level());
        if (deflater == null) {
            of.wasNotCompressed();
            return ContentCoding.VARIES;
        }
        gzip = new GzipBody(client.httpLoop(), deflater, client.allocator(), response);
        return coding;
    }

    @Override
    public void body(ByteBuf part) {
        Exchange of = exchange();
        of.patience.moved();
        of.cameFromServer(part.readableBytes());
        if (of.isForsaken()) {
            part.release();
        } else {
            send(part);
        }
    }

    private void send(ByteBuf part) {
        pass(gzip == null ? part : gzip.add(part));
    }

    private void pass(ByteBuf part) {
        if (!chunking) {
            bodySent += part.readableBytes();
            client.write(part);
        } else if (part.isReadable()) {
            chunk(part);
        } else {
            part.release();
        }
        if (!client.isWritable()) {
            client.flush();
            if (!client.isWritable()) {
                rest();
            }
        }
    }

    /** The client does not take what its server sends: that is not read on. */
    private void rest() {
        Exchange of = client.exchange();
        Upstream from = of == null ? null : of.upstream();
        if (of != null && from != null) {
            from.reading(false);
            of.patience.readerIsFull();
        }
    }

    /** The client takes more again. */
    void clientWritable() {
        Upstream from = exchange().upstream();
        if (from != null) {
            from.reading(true);
        }
    }

    private void chunk(ByteBuf part) {
        ByteBuf size = client.allocator().directBuffer(Integer.BYTES * 2 + CRLF.length);
        size.writeCharSequence(Integer.toHexString(part.readableBytes()), US_ASCII);
        size.writeBytes(CRLF);
        bodySent += size.readableBytes() + part.readableBytes() + CRLF.length;
        client.write(size);
        client.write(part);
        client.write(client.allocator().directBuffer(CRLF.length).writeBytes(CRLF));
    }

    @Override
    public void readEnded(boolean over) {
        if (over ? client.unwritten() > 0 : !client.isWritable()) {
            loop().backlog().look(client);
        }
    }

    @Override
    public void pause() {
        Exchange of = exchange();
        if (of.isForsaken()) {
            if (upstreamStatus != 0) {
                // That was its answer; the rest of it is nobody's.
                of.forsakenEnds();
            }
            return;
        }
        if (gzip != null) {
            pass(gzip.flush());
        }
        client.flush();
        if (client.unwritten() > 0) {
            loop().backlog().look(client);
        }
    }

    @Override
    public void complete() {
        Exchange of = exchange();
        if (!of.isForsaken()) {
            if (gzip != null) {
                pass(gzip.finish());
            }
            if (chunking) {
                bodySent += LAST_CHUNK.length;
                client.write(client.allocator().directBuffer(LAST_CHUNK.length).writeBytes(LAST_CHUNK));
            }
        }
        of.completed(mayGoOn);
    }

    @Override
    public void failed(Reason reason) {
        exchange().failed(reason);
    }

    @Override
    public void writable() {
        client.goOn();
    }

    @Override
    public boolean mayUpgrade(Head response) {
        return exchange().mayUpgrade(response);
    }

    @Override
    public void upgraded(Head response, ByteBuf in, UpstreamConnection connection) {
        Exchange of = exchange();
        of.cameFromServer(response.length + in.readableBytes());
        upstreamStatus = response.status;
        begins(response.status, loop().nowNanos());
        bodySent = in.readableBytes();
        Pool pool = requireNonNull(of.pool());
        RunServer by = requireNonNull(of.server());
        by.answered();
        String cookie = of.traffic.setCookie(pool, of, by, upstreamStatus);
        // Before anything is written: it is to hear if that fails.
        Tunnel opened = of.tunnel(connection);
        client.write(HeadWriter.upgrading(HeadWriter.response(
                client.allocator(),
                response,
                status,
                0,
                cookie,
                false,
                false,
                ContentCoding.AS_IT_IS,
                CookieRewrite.of(pool, by, of.traffic))));
        client.open(opened, in.readRetainedSlice(in.readableBytes()));
        if (by.isLeaving()) {
            opened.dismiss(Reason.SERVER_DRAINED);
        }
    }

    /** The exchange is over. */
    void end() {
        GzipBody compressed = gzip;
        gzip = null;
        if (compressed != null) {
            compressed.end();
        }
    }
}
