import io.clb.EngineProvider;
import io.clb.engine.ProbeProtocol;
import io.clb.engine.Protocol;
import io.clb.l4.DnsDiscoveryFactory;
import io.clb.l4.NettyEngine;
import io.clb.l4.tcp.TcpProtocol;
import io.clb.l4.udp.UdpProtocol;
import io.clb.spi.ServerDiscoveryFactory;

/** The engine on Netty, TCP and UDP. */
// The module io.clb.http cannot be seen from here; Netty's optional transports are no named modules in every version.
@SuppressWarnings({"module", "requires-automatic"})
module io.clb.transport {
    requires transitive io.clb;
    requires transitive io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.codec.haproxy;
    requires io.netty.codec.dns;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.resolver;
    requires io.netty.resolver.dns;
    requires transitive io.netty.transport;
    requires static io.netty.transport.classes.epoll;
    requires static io.netty.transport.classes.io_uring;
    requires static io.netty.transport.classes.kqueue;
    requires static io.netty.transport.unix.common;
    requires static micrometer.core;
    requires org.jctools.core;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports io.clb.l4;
    exports io.clb.metrics;
    exports io.clb.engine to
            io.clb.http;

    uses Protocol;
    uses ProbeProtocol;

    provides EngineProvider with
            NettyEngine;
    provides ServerDiscoveryFactory with
            DnsDiscoveryFactory;
    provides Protocol with
            TcpProtocol,
            UdpProtocol;
}
