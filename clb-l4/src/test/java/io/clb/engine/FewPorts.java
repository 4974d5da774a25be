package io.clb.engine;

import io.clb.Config;
import io.clb.LoadBalancer;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.Socket;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Balancers whose sockets towards servers have few local ports to choose from: Linux 6.3 and later, not on NIO. */
public final class FewPorts {

    /** Level IPPROTO_IP; in the kernel's linux/in.h. The upper half is the last port, the lower half the first; both within the system's own range. */
    private static final IntegerUnixChannelOption IP_LOCAL_PORT_RANGE =
            new IntegerUnixChannelOption("IP_LOCAL_PORT_RANGE", 0, 51);

    private static final Path SYSTEM_RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
    private static final int LOOPS = 2;

    private FewPorts() {}

    private static final class Narrow extends ForwardingTransport {

        private final int range;

        Narrow(Transport sound, int ports) {
            super(sound);
            int first = freePorts(ports);
            range = (first + ports - 1) << Short.SIZE | first;
        }

        @Override
        public SocketChannel newSocket() {
            SocketChannel socket = super.newSocket();
            socket.config().setOption(IP_LOCAL_PORT_RANGE, range);
            return socket;
        }

        @Override
        public DatagramUpstream newDatagramUpstream(Loop loop, DatagramUpstream.Events events) {
            EpollUpstream upstream = (EpollUpstream) super.newDatagramUpstream(loop, events);
            narrow(upstream.fd());
            return upstream;
        }

        @Override
        public StreamSocket serverSocket(
                Loop loop, PaceSource source, StreamSocket.Use use, StreamSocket.Events events) {
            if (!name().equals("epoll")) {
                return new ChannelStreamSocket(this, newSocket(), loop, Direction.TO_CLIENTS, source, use, events);
            }
            EpollStreamSocket socket = (EpollStreamSocket) super.serverSocket(loop, source, use, events);
            narrow(socket.fd());
            return socket;
        }

        private void narrow(FileDescriptor socket) {
            try {
                ((Socket) socket).setIntOpt(IP_LOCAL_PORT_RANGE.level(), IP_LOCAL_PORT_RANGE.optname(), range);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The first of so many ports, one behind the other, of which nobody has any. */
    private static int freePorts(int ports) {
        int[] all = systemRange();
        SplittableRandom random = new SplittableRandom();
        while (true) {
            int first = random.nextInt(all[0], all[1] - ports);
            if (IntStream.range(first, first + ports).allMatch(FewPorts::isFree)) {
                return first;
            }
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket tcp = new ServerSocket(port);
                DatagramSocket udp = new DatagramSocket(port)) {
            return tcp.isBound() && udp.isBound();
        } catch (IOException taken) {
            return false;
        }
    }

    private static int[] systemRange() {
        // In one read, as all that follow the first find nothing.
        try (BufferedReader reader = Files.newBufferedReader(SYSTEM_RANGE)) {
            return Stream.of(reader.readLine().split("\\s+"))
                    .mapToInt(Integer::parseInt)
                    .toArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether this machine's kernel has such sockets. */
    public static boolean isAvailable() {
        if (!Epoll.isAvailable()) {
            return false;
        }
        try {
            new Narrow(Transports.named("epoll"), 1).newSocket().unsafe().closeForcibly();
            return true;
        } catch (ChannelException e) {
            return false;
        }
    }

    /** Starts a balancer with so many ports towards each server's address and port, from each address of its own. */
    public static LoadBalancer start(String transport, int ports, Config config) {
        return RunningBalancer.start(
                config, new EngineSetup(new Narrow(Transports.named(transport), ports), LOOPS, null, Clock.SYSTEM));
    }
}
