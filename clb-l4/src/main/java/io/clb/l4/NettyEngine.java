package io.clb.l4;

import static java.util.Objects.requireNonNull;

import io.clb.Config;
import io.clb.ConfigException;
import io.clb.EngineProvider;
import io.clb.LoadBalancer;
import io.clb.engine.Clock;
import io.clb.engine.EngineSetup;
import io.clb.engine.RunningBalancer;
import io.clb.engine.Transports;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The engine on Netty. Without further ado it is found on the class path and takes the best transport of the machine (epoll, kqueue, else NIO), with one
 * event loop for each processor; given to {@code .engine(...)} it does as told. Immutable.
 */
public final class NettyEngine implements EngineProvider {

    private static final int MAX_THREADS = 1_024;

    private final @Nullable String transport;
    private final int threads;
    private final @Nullable EventLoopGroup group;
    private final ByteBufAllocator allocator;

    /** The engine with its own choice of transport. */
    public NettyEngine() {
        this(null, Runtime.getRuntime().availableProcessors(), null, EngineSetup.ALLOCATOR);
    }

    private NettyEngine(
            @Nullable String transport, int threads, @Nullable EventLoopGroup group, ByteBufAllocator allocator) {
        this.transport = transport;
        this.threads = threads;
        this.group = group;
        this.allocator = allocator;
    }

    /**
     * The engine on the application's own event loops, which it shares and never ends.
     *
     * <p>On epoll, make the group with {@link #epollHandlers()}: with Netty's own handlers (4.2.18) a connection that is half closed is lost when the system cannot take
     * all that is written to it at once.
     *
     * @param group a group on epoll, kqueue, io_uring or NIO
     * @return the engine
     */
    public static NettyEngine on(EventLoopGroup group) {
        return new NettyEngine(null, 0, requireNonNull(group, "group"), EngineSetup.ALLOCATOR);
    }

    /**
     * Netty's epoll handlers with a fault of theirs mended, for a group of the application's: {@code new MultiThreadIoEventLoopGroup(NettyEngine.epollHandlers())}.
     *
     * @return a new factory
     * @throws IllegalStateException if this machine has no epoll
     */
    public static IoHandlerFactory epollHandlers() {
        return Transports.named("epoll").ioHandlers();
    }

    /**
     * The engine on Linux epoll. Needs {@code netty-transport-native-epoll}.
     *
     * @return the engine
     */
    public static NettyEngine epoll() {
        return named("epoll");
    }

    /**
     * The engine on Linux io_uring. Needs {@code netty-transport-native-io_uring}.
     *
     * @return the engine
     */
    public static NettyEngine ioUring() {
        return named("io_uring");
    }

    /**
     * The engine on the kqueue of macOS and BSD. Needs {@code netty-transport-native-kqueue}.
     *
     * @return the engine
     */
    public static NettyEngine kqueue() {
        return named("kqueue");
    }

    /**
     * The engine on the JDK's own selectors, which every machine has.
     *
     * @return the engine
     */
    public static NettyEngine nio() {
        return named("nio");
    }

    private static NettyEngine named(String transport) {
        return new NettyEngine(transport, Runtime.getRuntime().availableProcessors(), null, EngineSetup.ALLOCATOR);
    }

    /**
     * Sets how many event loops to make: 1 to 1,024, the number of processors unless set. Of no meaning on an application's own loops.
     *
     * @param count the number
     * @return a changed copy
     */
    public NettyEngine threads(int count) {
        return new NettyEngine(transport, count, group, allocator);
    }

    /**
     * Sets where buffers come from; Netty's pooled allocator unless set, which cost less than its adaptive one in our measurements.
     *
     * @param buffers the allocator
     * @return a changed copy
     */
    public NettyEngine allocator(ByteBufAllocator buffers) {
        return new NettyEngine(transport, threads, group, requireNonNull(buffers, "buffers"));
    }

    @Override
    public String name() {
        return "netty";
    }

    @Override
    public LoadBalancer start(Config config) {
        NettyVersion.check(NettyEngine.class.getClassLoader());
        if (group == null && (threads < 1 || threads > MAX_THREADS)) {
            throw new ConfigException(
                    List.of(new ConfigException.Mistake("engine", "threads", Integer.toString(threads), "1 to 1,024")));
        }
        return RunningBalancer.start(config, setup());
    }

    private EngineSetup setup() {
        if (group != null) {
            return new EngineSetup(Transports.of(group), 0, group, Clock.SYSTEM, allocator);
        }
        return new EngineSetup(
                transport == null ? Transports.best() : Transports.named(transport),
                threads,
                null,
                Clock.SYSTEM,
                allocator);
    }

    @Override
    public String toString() {
        return group == null ? "netty " + (transport == null ? "(best transport)" : transport) : "netty on " + group;
    }
}
