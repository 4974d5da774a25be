package io.clb.engine;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The addresses that servers are connected to from. Immutable; each loop takes them in turn. */
final class Sources {

    private static final Sources NONE = new Sources(List.of());

    private final InetSocketAddress[] ipv4;
    private final InetSocketAddress[] ipv6;

    private Sources(List<InetAddress> addresses) {
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

    static Sources of(List<String> literals) {
        return literals.isEmpty()
                ? NONE
                : new Sources(literals.stream().map(Binding::literal).toList());
    }

    /** The next one for a server; null if the system may choose. */
    @Nullable
    InetSocketAddress next(InetSocketAddress server, Loop loop) {
        InetSocketAddress[] family = server.getAddress() instanceof Inet4Address ? ipv4 : ipv6;
        return family.length == 0 ? null : family[loop.nextOf(family.length)];
    }
}
