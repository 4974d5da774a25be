package io.clb.engine;

import io.clb.AccessLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An open file of an access log. On the thread that writes. */
final class LogFile {

    /** How often it is looked whether the file has been moved away, or a rotation that failed is tried again. */
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Path path;
    private FileChannel channel;
    private @Nullable Object key;
    private long size;
    private long lookedNanos = Long.MIN_VALUE;
    private long unrotatedNanos = Long.MIN_VALUE;
    private @Nullable IOException failure;

    /** Opens the file, or makes it. */
    LogFile(Path path) throws IOException {
        this.path = path;
        this.channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
        opened();
    }

    private void opened() throws IOException {
        try {
            size = channel.size();
            key = attributes().fileKey();
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private BasicFileAttributes attributes() throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class);
    }

    private void reopen() throws IOException {
        channel.close();
        channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
        opened();
    }

    /** Writes lines at the end: all of them or, if that fails, none. */
    void write(ByteBuffer lines, AccessLog.Destination settings, long nowNanos) throws IOException {
        if (lookedNanos == Long.MIN_VALUE) {
            lookedNanos = nowNanos;
        } else if (nowNanos - lookedNanos >= LOOK_NANOS) {
            lookedNanos = nowNanos;
            if (isMoved()) {
                reopen();
            } else {
                // It may have been emptied by whoever copied it.
                size = channel.size();
            }
        }
        long rotateAt = settings.rotateAt();
        if (rotateAt > 0 && size > 0 && size + lines.remaining() > rotateAt) {
            rotate(settings.keep(), nowNanos);
        }
        long before = size;
        try {
            while (lines.hasRemaining()) {
                size += channel.write(lines);
            }
        } catch (IOException e) {
            if (size > before && channel.isOpen()) {
                takeBack(before, e);
            }
            throw e;
        }
    }

    /** So that no line is left that is not whole. */
    private void takeBack(long sizeBefore, IOException cause) {
        try {
            channel.truncate(sizeBefore);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    private boolean isMoved() throws IOException {
        try {
            return !Objects.equals(key, attributes().fileKey());
        } catch (NoSuchFileException e) {
            return true;
        }
    }

    /** Gives the file, and those before it, the next number; if that fails, the lines go to the file as it is. */
    private void rotate(int keep, long nowNanos) throws IOException {
        if (unrotatedNanos != Long.MIN_VALUE && nowNanos - unrotatedNanos < LOOK_NANOS) {
            return;
        }
        if (isMoved()) {
            reopen();
            return;
        }
        try {
            for (int i = keep - 1; i >= 0; i--) {
                Path from = numbered(i);
                if (Files.exists(from)) {
                    Files.move(from, numbered(i + 1), StandardCopyOption.REPLACE_EXISTING);
                }
            }
        } catch (IOException e) {
            unrotatedNanos = nowNanos;
            failure = e;
            return;
        }
        unrotatedNanos = Long.MIN_VALUE;
        reopen();
    }

    private Path numbered(int number) {
        return number == 0 ? path : path.resolveSibling(path.getFileName() + "." + number);
    }

    /** Why the last rotation failed, told once; null if it did not. */
    @Nullable
    IOException takeFailure() {
        IOException told = failure;
        failure = null;
        return told;
    }

    void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // All was written, and there is nothing to be done about the descriptor.
        }
    }
}
