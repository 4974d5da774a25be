package io.clb.l7;

import io.clb.LoadBalancer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Clients that send GET and POST in turn over connections that they keep, each its next request when the one before was answered, until this is closed. */
final class SteadyLoad implements AutoCloseable {

    private static final String BODY = "x".repeat(100);

    private final LoadBalancer lb;
    private final Queue<String> answered = new ConcurrentLinkedQueue<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private final List<Thread> clients = new ArrayList<>();
    private volatile boolean over;

    SteadyLoad(LoadBalancer lb, int clients) {
        this.lb = lb;
        for (int i = 0; i < clients; i++) {
            int number = i;
            Thread thread = new Thread(() -> run(number), "steady-client-" + i);
            thread.setDaemon(true);
            this.clients.add(thread);
            thread.start();
        }
    }

    private void run(int number) {
        int next = 0;
        while (!over) {
            try (HttpClient client = HttpClient.to(lb, "front")) {
                boolean goesOn = true;
                while (goesOn && !over) {
                    goesOn = ask(client, (next % 2 == 0 ? "/get/" : "/post/") + number + "-" + next++);
                }
            } catch (IOException e) {
                failures.add(number + "-" + next + ": " + e);
            }
        }
    }

    /** One request. False if it is the last one of its connection. */
    private boolean ask(HttpClient client, String path) throws IOException {
        client.send(
                path.startsWith("/get")
                        ? "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n"
                        : "POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + BODY.length() + "\r\n\r\n"
                                + BODY);
        HttpClient.Response response = client.response();
        if (response.status() == 200 && response.text().equals(path)) {
            answered.add(path);
        } else {
            failures.add(path + ": " + response.status());
        }
        count.incrementAndGet();
        return response.field("connection") == null;
    }

    /** Waits until so many more requests were answered. */
    void awaitAnswered(int more) {
        int goal = count.get() + more;
        FaultStage.soon().until(() -> count.get() >= goal);
    }

    /** The paths of requests that were answered as they should be. */
    List<String> answered() {
        return List.copyOf(answered);
    }

    /** What became of those that were not. */
    List<String> failures() {
        return List.copyOf(failures);
    }

    /** Ends it; when this returns no request is under way. */
    @Override
    public void close() {
        over = true;
        FaultStage.soon().until(() -> clients.stream().noneMatch(Thread::isAlive));
    }
}
