import io.clb.engine.ProbeProtocol;
import io.clb.engine.Protocol;
import io.clb.l7.HttpProtocol;
import io.clb.l7.probe.HttpProbe;

/** What the engine needs to speak HTTP: listeners, and health checks by request and answer. */
// Netty's named modules are seen from JDK 11 on, older descriptions of them are automatic.
@SuppressWarnings({"module", "requires-automatic"})
module io.clb.http {
    requires transitive io.clb;
    requires io.clb.transport;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.codec.http;
    requires io.netty.common;
    requires io.netty.transport;
    requires org.slf4j;
    requires static transitive org.jspecify;

    provides Protocol with
            HttpProtocol;
    provides ProbeProtocol with
            HttpProbe;
}
