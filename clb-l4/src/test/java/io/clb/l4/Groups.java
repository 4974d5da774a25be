package io.clb.l4;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import java.lang.reflect.Field;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/** What tests ask of event loops that are the application's. */
public final class Groups {

    private static final int TIMEOUT_SECONDS = 10;

    private Groups() {}

    /** Ends a group; returns when it has ended. */
    public static void end(EventLoopGroup group) {
        group.shutdownGracefully(0, 0, TimeUnit.NANOSECONDS).awaitUninterruptibly();
    }

    /** Tasks that a group has planned for later. Netty does not tell of them. */
    public static int planned(EventLoopGroup group) throws Exception {
        Field queue = AbstractScheduledEventExecutor.class.getDeclaredField("scheduledTaskQueue");
        queue.setAccessible(true);
        int planned = 0;
        for (EventExecutor loop : group) {
            planned += loop.submit(() -> queue.get(loop) instanceof Queue<?> tasks ? tasks.size() : 0)
                    .get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        }
        return planned;
    }
}
