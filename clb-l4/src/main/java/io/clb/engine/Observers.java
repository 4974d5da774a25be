package io.clb.engine;

import io.clb.spi.FlowRecord;
import io.clb.spi.Server;
import io.clb.spi.ServerState;
import io.clb.spi.TrafficObserver;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The code of the application's that the engine calls, kept from doing harm: what it throws is counted, and logged once for each class, and the next
 * one is called all the same.
 */
final class Observers {

    private static final Logger LOG = LoggerFactory.getLogger(Observers.class);

    private final String balancer;
    private final LongAdder failures = new LongAdder();
    private final Set<Class<?>> reported = ConcurrentHashMap.newKeySet();

    // written by control; read by any loop
    private volatile List<TrafficObserver> observers = List.of();

    Observers(String balancer) {
        this.balancer = balancer;
    }

    void set(List<TrafficObserver> changed) {
        observers = changed;
    }

    long failures() {
        return failures.sum();
    }

    void flowEnded(FlowRecord record) {
        List<TrafficObserver> all = observers;
        for (int i = 0; i < all.size(); i++) {
            TrafficObserver observer = all.get(i);
            try {
                observer.flowEnded(record);
            } catch (RuntimeException | Error e) {
                failures.increment();
                report(observer, e);
            }
        }
    }

    void serverStateChanged(String group, Server server, ServerState from, ServerState to, String why) {
        forEach(observer -> observer.serverStateChanged(group, server, from, to, why));
    }

    private void forEach(Consumer<TrafficObserver> call) {
        for (TrafficObserver observer : observers) {
            try {
                call.accept(observer);
            } catch (RuntimeException | Error e) {
                failures.increment();
                report(observer, e);
            }
        }
    }

    /** Tells of code of the application's that threw, once for each class. */
    void report(Object extension, Throwable thrown) {
        if (reported.add(extension.getClass())) {
            LOG.error(
                    "{}: {} threw; further failures of this class are only counted",
                    balancer,
                    extension.getClass().getName(),
                    thrown);
        }
    }
}
