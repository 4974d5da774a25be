package io.clb.ratelimit.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.clb.spi.PermitBuckets.Answer;
import io.clb.spi.PermitBuckets.Ask;
import io.clb.spi.PermitBuckets.Want;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.async.RedisScriptingAsyncCommands;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The script that grants permits, {@code permits.lua}, and how it is called: by its digest, or as a whole where Redis does not know it yet. */
final class PermitScript {

    private static final byte[] SCRIPT = read();

    /** What the script is told before the wants. */
    private static final int HEAD = 5;

    private PermitScript() {}

    private static byte[] read() {
        try (InputStream in = requireNonNull(PermitScript.class.getResourceAsStream("permits.lua"), "permits.lua")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The key of a bucket; all of a cluster are in one slot of Redis. */
    static byte[] key(String cluster, String limit) {
        return ("clb:{" + cluster + "}:permits:" + limit).getBytes(UTF_8);
    }

    /** Asks; complete when Redis has answered. */
    static CompletionStage<Answer> run(RedisScriptingAsyncCommands<byte[], byte[]> redis, String cluster, Ask ask) {
        byte[][] keys =
                ask.wants().stream().map(want -> key(cluster, want.limit())).toArray(byte[][]::new);
        byte[][] arguments = arguments(ask);
        return redis.<List<Object>>evalsha(redis.digest(SCRIPT), ScriptOutputType.MULTI, keys, arguments)
                .exceptionallyCompose(failure -> isUnknown(failure)
                        ? redis.eval(SCRIPT, ScriptOutputType.MULTI, keys, arguments)
                        : failed(failure))
                .thenApply(PermitScript::answer);
    }

    private static <T> CompletionStage<T> failed(Throwable failure) {
        return CompletableFuture.failedStage(failure);
    }

    private static boolean isUnknown(@Nullable Throwable failure) {
        return failure != null
                && (failure instanceof RedisNoScriptException || failure.getCause() instanceof RedisNoScriptException);
    }

    private static byte[][] arguments(Ask ask) {
        byte[][] arguments = new byte[HEAD + ask.wants().size()][];
        int next = 0;
        arguments[next++] = ask.node().getBytes(UTF_8);
        arguments[next++] = bytes(ask.sentMicros());
        arguments[next++] = bytes(ask.nodes());
        arguments[next++] = bytes(ask.intervalMicros());
        arguments[next++] = bytes(ask.leaseMicros());
        for (Want want : ask.wants()) {
            arguments[next++] = bytes(want.nanos());
        }
        return arguments;
    }

    private static byte[] bytes(long number) {
        return Long.toString(number).getBytes(UTF_8);
    }

    private static Answer answer(List<Object> numbers) {
        List<Long> granted = new ArrayList<>(numbers.size());
        for (Object number : numbers.subList(1, numbers.size())) {
            granted.add((Long) number);
        }
        return new Answer((Long) numbers.get(0), granted);
    }
}
