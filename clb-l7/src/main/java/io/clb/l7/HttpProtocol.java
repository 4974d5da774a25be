package io.clb.l7;

import static java.util.Objects.requireNonNull;

import io.clb.ListenerConfig;
import io.clb.RuleConfig;
import io.clb.engine.ListenerPlan;
import io.clb.engine.Loop;
import io.clb.engine.Origin;
import io.clb.engine.Protocol;
import io.clb.engine.RunRule;
import io.clb.engine.RunServer;
import io.clb.engine.Traffic;
import io.clb.spi.Reason;
import io.netty.channel.socket.SocketChannel;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** HTTP listeners: each request of a client goes to a server of its own. Found by the engine through the service loader. */
public final class HttpProtocol implements Protocol {

    // each cell written and read by its own loop only
    private @Nullable HttpLoop[] loops = new HttpLoop[0];

    // written before anything else is called; read by control
    private String balancer = "";

    /** For the service loader. */
    public HttpProtocol() {}

    @Override
    public ListenerConfig.Protocol kind() {
        return ListenerConfig.Protocol.HTTP;
    }

    @Override
    public void start(int count, String name) {
        loops = new HttpLoop[count];
        balancer = name;
    }

    @Override
    public Object compile(ListenerConfig config, Pools pools, Function<RuleConfig, RunRule> rules) {
        return HttpPlan.of(config, balancer, pools, rules);
    }

    @Override
    public void accepted(SocketChannel client, Origin origin, ListenerPlan plan, Loop loop, Traffic traffic) {
        new ClientConnection(client, origin, plan, of(loop), traffic).begin(plan);
    }

    @Override
    public int refusal(Reason reason, Loop loop) {
        return of(loop).mayRefuse() ? reason.status() : 0;
    }

    @Override
    public void refused(
            SocketChannel client, ListenerPlan plan, Loop loop, int status, long retryAfterSeconds, Reason reason) {
        new Refusal(of(loop), client).begin(plan, status, retryAfterSeconds, reason);
    }

    @Override
    public void drained(Loop loop, Set<RunServer> servers) {
        HttpLoop kept = loops[loop.index()];
        if (kept != null) {
            servers.forEach(kept.idle()::close);
        }
    }

    @Override
    public void end(Loop loop) {
        HttpLoop ending = loops[loop.index()];
        if (ending != null) {
            ending.end();
        }
    }

    private HttpLoop of(Loop loop) {
        HttpLoop found = loops[loop.index()];
        if (found == null) {
            found = new HttpLoop(loop);
            loops[loop.index()] = found;
        }
        return requireNonNull(found);
    }
}
