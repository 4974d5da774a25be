package io.clb.peers;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.util.FileSize;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/** The file of those access logs that are a logger's lines, written in blocks by whoever logs: with one loop, a thread of its own behind a queue costs more. */
final class LogFile implements AutoCloseable {

    /** Bytes of a block, as nginx in {@code clb-bench/peers} has it. */
    private static final int BLOCK = 65_536;

    private final Logger logger;
    private final FileAppender<ILoggingEvent> file = new FileAppender<>();

    /**
     * Opens a file and leads a logger's lines into it, and nowhere else.
     *
     * @param name of the logger
     * @param path of the file, appended to
     */
    LogFile(String name, Path path) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("%msg%n");
        encoder.start();
        file.setContext(context);
        file.setFile(path.toString());
        file.setEncoder(encoder);
        file.setImmediateFlush(false);
        file.setBufferSize(new FileSize(BLOCK));
        file.start();
        logger = context.getLogger(name);
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
        logger.addAppender(file);
    }

    @Override
    public void close() {
        logger.detachAppender(file);
        file.stop();
    }
}
