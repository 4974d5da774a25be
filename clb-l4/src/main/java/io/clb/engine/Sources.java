package io.clb.engine;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The addresses that servers are connected to from. Each loop takes those of a family in turn. */
final class Sources {

    private static final Sources NONE = new Sources(List.of(), 0);

    /** Keeps the cells of two loops on different cache lines. */
    private static final int STRIDE = 16;

    private final InetSocketAddress[] ipv4;
    private final InetSocketAddress[] ipv6;

    /** Whose turn it is, for each loop, which alone reads and writes it: of IPv4, then of IPv6. */
    private final int[] turns;

    private Sources(List<InetAddress> addresses, int loops) {
        this.turns = new int[loops * STRIDE];
        Predicate<InetAddress> isIpv4 = Inet4Address.class::isInstance;
        this.ipv4 = those(addresses, isIpv4);
        this.ipv6 = those(addresses, isIpv4.negate());
    }

    private static InetSocketAddress[] those(List<InetAddress> addresses, Predicate<InetAddress> wanted) {
        return addresses.stream()
                .filter(wanted)
                .map(address -> new InetSocketAddress(address, 0))
                .toArray(InetSocketAddress[]::new);
    }

    static Sources of(List<String> literals, int loops) {
        return literals.isEmpty()
                ? NONE
                : new Sources(literals.stream().map(Binding::literal).toList(), loops);
    }

    /** The next one for a server; null if the system may choose. */
    @Nullable
    InetSocketAddress next(InetSocketAddress server, Loop loop) {
        return server.getAddress() instanceof Inet4Address
                ? next(ipv4, loop.index() * STRIDE)
                : next(ipv6, loop.index() * STRIDE + 1);
    }

    private @Nullable InetSocketAddress next(InetSocketAddress[] family, int cell) {
        if (family.length == 0) {
            return null;
        }
        int turn = turns[cell];
        turns[cell] = turn + 1 < family.length ? turn + 1 : 0;
        return family[turn];
    }
}
