package io.clb.ratelimit.jgroups;

import org.jgroups.blocks.cs.NioServer;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.FD_SOCK2;

/** JGroups' failure detection by connections, with a port that is set by program, and with a bound for what strangers may send to it. */
final class DetectionSockets extends FD_SOCK2 {

    /** Its messages have a header and no more. */
    private static final int MAX_MESSAGE = 4096;

    DetectionSockets(int offset) {
        this.id = ClassConfigurator.getProtocolId(FD_SOCK2.class);
        this.offset = offset;
        this.port_range = 0;
    }

    @Override
    protected NioServer createServer(int[] ports) {
        NioServer server = super.createServer(ports);
        server.setMaxLength(MAX_MESSAGE);
        return server;
    }
}
