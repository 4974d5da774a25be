package io.clb.l7;

import io.clb.Rewrite;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a rule changes in the heads of requests, compiled. Immutable; made by control, read by any loop. */
final class RequestEdit {

    private final @Nullable Template host;
    private final @Nullable Template path;
    private final @Nullable Template query;
    private final Template[] inserted;
    private final String[] removed;

    private RequestEdit(Rewrite rewrite, boolean tls) {
        host = template(rewrite.host(), tls);
        path = template(rewrite.path(), tls);
        query = template(rewrite.query(), tls);
        List<Template> lines = new ArrayList<>();
        Collection<String> names = new TreeSet<>(rewrite.removedHeaders());
        rewrite.insertedHeaders().forEach((field, text) -> {
            lines.add(new Template(field + ": " + text + "\r\n", tls));
            names.add(field.toLowerCase(Locale.ROOT));
        });
        inserted = lines.toArray(Template[]::new);
        removed = names.toArray(String[]::new);
    }

    private static @Nullable Template template(@Nullable String text, boolean tls) {
        return text == null ? null : new Template(text, tls);
    }

    /** Compiles changes; null for none. */
    static @Nullable RequestEdit of(@Nullable Rewrite rewrite, boolean tls) {
        return rewrite == null ? null : new RequestEdit(rewrite, tls);
    }

    /** Whether a request must have a host. */
    boolean needsHost() {
        return host != null && host.needsHost();
    }

    /** Whether the host is another. */
    boolean replacesHost() {
        return host != null;
    }

    /** Whether the client's field is left out. */
    boolean drops(Head head, int field) {
        for (String name : removed) {
            if (Bytes.equalsIgnoreCase(head.bytes, head.nameStart(field), head.nameEnd(field), name)) {
                return true;
            }
        }
        return false;
    }

    /** Writes path and query. */
    void target(ByteBuf out, HttpRequest request) {
        Head head = request.request;
        if (path == null) {
            HeadWriter.path(out, head);
        } else {
            path.write(out, request);
        }
        if (query == null) {
            out.writeBytes(head.bytes, head.pathEnd, head.targetEnd - head.pathEnd);
            return;
        }
        int mark = out.writerIndex();
        query.write(out.writeByte('?'), request);
        if (out.writerIndex() == mark + 1) {
            out.writerIndex(mark);
        }
    }

    /** Writes the host, if it is another. */
    void host(ByteBuf out, HttpRequest request) {
        if (host != null) {
            host.write(out, request);
        }
    }

    /** Writes the fields that are added. */
    void fields(ByteBuf out, HttpRequest request) {
        for (Template line : inserted) {
            line.write(out, request);
        }
    }
}
