package io.clb.l4;

import io.clb.LoadBalancer;
import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** An application server in short: deploys an application that runs balancers, undeploys it, and tells what is left. A program. */
public final class AppServer {

    private static final int STARTS = 5;

    private AppServer() {}

    /** The application. Loaded anew, so that it shares no class with the server. */
    public static final class Application implements Callable<String> {

        private final NettyEngine engine;

        /**
         * Called by the server, from another class loader.
         *
         * @param transport the transport to use
         */
        public Application(String transport) {
            engine = (transport.equals("nio") ? NettyEngine.nio() : NettyEngine.epoll()).threads(2);
        }

        @Override
        public String call() throws Exception {
            StringBuilder heard = new StringBuilder();
            for (int i = 0; i < STARTS; i++) {
                try (TestServer server = TestServer.echo();
                        DnsServer dns = new DnsServer().addresses("app.test", 30, "127.0.0.1");
                        LoadBalancer lb = Balancers.tcp(engine, Balancers.checked(Balancers.QUICK, server.id()))
                                .name("undeployed")
                                .serverGroup(
                                        "servers",
                                        g -> g.server("localhost:" + server.port())
                                                .discovery(DnsDiscovery.addresses("app.test", server.port())
                                                        .nameServers(dns.address())))
                                .start();
                        Client client = Client.to(lb, "front")) {
                    client.send("hello");
                    heard.append(client.read(5));
                    lb.updateAsync(c -> c.listener("front", l -> l.connectTries(1)))
                            .toCompletableFuture()
                            .get();
                    lb.snapshot();
                }
            }
            return heard.toString();
        }
    }

    /** See {@link #main}. */
    private record Last(String component) {}

    /**
     * Runs the server.
     *
     * @param arguments the transport
     * @throws Exception if something goes wrong
     */
    public static void main(String[] arguments) throws Exception {
        WeakReference<ClassLoader> loader = deploy(arguments[0]);
        // JDK 17 holds the record class whose equals was linked last, and the one for hashCode, for the whole JVM
        // (JDK-8078641): let it be ours.
        Last last = new Last("a");
        System.out.println("linked: " + last.equals(new Last("b")) + " " + last.hashCode() + " " + last);
        try {
            Awaitility.await().pollInterval(Duration.ofMillis(20)).until(() -> {
                System.gc();
                return loader.get() == null;
            });
            System.out.println("collected");
        } catch (ConditionTimeoutException e) {
            System.out.println("still held: " + loader.get());
        }
        System.exit(0);
    }

    /** Runs the application in a class loader of its own, which this server holds no more when it returns. */
    private static WeakReference<ClassLoader> deploy(String transport) throws Exception {
        URL[] urls = ChildJvm.classPath().stream().map(AppServer::url).toArray(URL[]::new);
        try (URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())) {
            Object application = loader.loadClass(Application.class.getName())
                    .getConstructor(String.class)
                    .newInstance(transport);
            System.out.println("heard: " + ((Callable<?>) application).call());
            System.out.println("its own: " + !(application instanceof Application));
            // A thread of the JDK's pools says that it has ended a moment before it has.
            Awaitility.await().until(() -> threadsOf(loader).isEmpty());
            System.out.println("no thread left");
            return new WeakReference<>(loader);
        }
    }

    /** The threads of an application, but for those of the servers that its own balancers have in these tests. */
    private static List<String> threadsOf(ClassLoader loader) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !thread.getName().startsWith("server-"))
                .filter(thread -> thread.getContextClassLoader() == loader
                        || thread.getClass().getClassLoader() == loader
                        || thread.getName().startsWith("undeployed-"))
                .map(Thread::getName)
                .toList();
    }

    private static URL url(Path path) {
        try {
            return path.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
