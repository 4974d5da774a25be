package io.clb.engine;

import io.netty.channel.ChannelException;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.io.UncheckedIOException;

/**
 * Netty's epoll without a fault that it has since netty#16689 (4.2.18 included): when there is nothing to wait for on a socket, it is taken out of the
 * epoll set for good, and the next wait for it fails with ENOENT, so the connection is lost. That is so after each FIN that was read while nothing was to be
 * written. Here such a socket stays in the set, edge-triggered, so that nothing but its failure is told, and that once.
 */
final class EpollHandlers implements IoHandlerFactory {

    private final IoHandlerFactory handlers = EpollIoHandler.newFactory();

    @Override
    public IoHandler newHandler(ThreadAwareExecutor executor) {
        return new Handler(handlers.newHandler(executor));
    }

    /**
     * Has a loop wait for what is no channel. On the loop.
     *
     * @throws ChannelException if it cannot
     */
    static IoRegistration register(Loop loop, IoHandle handle, IoOps ops) {
        Future<IoRegistration> done = ((IoEventLoop) loop.eventLoop()).register(handle);
        IoRegistration registered = done.isSuccess() ? done.getNow() : null;
        if (registered == null) {
            throw new ChannelException(done.cause());
        }
        try {
            registered.submit(ops);
        } catch (UncheckedIOException e) {
            // As when the kernel has no memory for one more that is waited for.
            registered.cancel();
            throw new ChannelException(e.getCause());
        }
        return registered;
    }

    private record Handler(IoHandler epoll) implements IoHandler {

        @Override
        public void initialize() {
            epoll.initialize();
        }

        @Override
        public int run(IoHandlerContext context) {
            return epoll.run(context);
        }

        @Override
        public void prepareToDestroy() {
            epoll.prepareToDestroy();
        }

        @Override
        public void destroy() {
            epoll.destroy();
        }

        @Override
        public IoRegistration register(IoHandle handle) throws Exception {
            return new Registration(epoll.register(handle));
        }

        @Override
        public void wakeup() {
            epoll.wakeup();
        }

        @Override
        public boolean isCompatible(Class<? extends IoHandle> handleType) {
            return epoll.isCompatible(handleType);
        }
    }

    private static final class Registration implements IoRegistration {

        private final IoRegistration epoll;
        private IoOps last = EpollIoOps.NONE;
        private long submitted;

        Registration(IoRegistration epoll) {
            this.epoll = epoll;
        }

        /** Netty submits the same again when a connect is over. */
        @Override
        public long submit(IoOps ops) {
            boolean added = !last.equals(EpollIoOps.NONE);
            IoOps wanted = added && ops.equals(EpollIoOps.NONE) ? EpollIoOps.EPOLLET : ops;
            if (!wanted.equals(last)) {
                submitted = epoll.submit(wanted);
                last = wanted;
            }
            return submitted;
        }

        @Override
        @SuppressWarnings("TypeParameterUnusedInFormals") // as Netty declares it
        public <T> T attachment() {
            return epoll.attachment();
        }

        @Override
        public boolean isValid() {
            return epoll.isValid();
        }

        @Override
        public boolean cancel() {
            return epoll.cancel();
        }
    }
}
