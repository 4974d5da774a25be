package io.clb.l4;

import com.sun.management.OperatingSystemMXBean;
import io.clb.LoadBalancer;
import io.clb.spi.Reason;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A balancer in a process with few file descriptors, that does what it is told on standard input; answers begin with {@link #ANSWER}. */
final class FewDescriptors {

    static final String ANSWER = "= ";

    private static final int TAKES = 20;

    private static final Deque<FileInputStream> FILLERS = new ArrayDeque<>();

    private FewDescriptors() {}

    /** Takes the transport and the server's id. */
    public static void main(String[] arguments) throws Exception {
        loadAll();
        NettyEngine engine = (arguments[0].equals("nio") ? NettyEngine.nio() : NettyEngine.epoll()).threads(2);
        try (LoadBalancer lb =
                        Balancers.tcp(engine, Balancers.unchecked(arguments[1])).start();
                BufferedReader commands =
                        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            // What it answers with is loaded by then.
            cpuNanos();
            Balancers.front(lb);
            answer(lb.address("front").getPort());
            for (String command = commands.readLine(); command != null; command = commands.readLine()) {
                if (command.startsWith("leave ")) {
                    leave(Integer.parseInt(command.substring("leave ".length())));
                    answer("left");
                } else if (command.equals("cpu")) {
                    answer(cpuNanos());
                } else {
                    answer(Balancers.front(lb).ended().getOrDefault(Reason.valueOf(command), 0L));
                }
            }
        }
    }

    private static long cpuNanos() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
    }

    private static void answer(Object what) {
        System.out.println(ANSWER + what);
    }

    /** Takes all descriptors that there are, but so many; for some time, as the JVM has some for a moment now and then. */
    private static void leave(int free) throws IOException {
        for (int i = 0; i < TAKES; i++) {
            takeAll();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        for (int i = 0; i < free; i++) {
            FILLERS.pop().close();
        }
    }

    private static void takeAll() {
        try {
            while (true) {
                FILLERS.push(new FileInputStream("/dev/null"));
            }
        } catch (IOException none) {
            // That is all.
        }
    }

    /**
     * Loads what is in directories, and opens all archives, which stay open: a class that is found only when there are no descriptors would be missing, and an archive
     * that is opened then would take the last one.
     */
    private static void loadAll() throws IOException, ClassNotFoundException {
        Collections.list(FewDescriptors.class.getClassLoader().getResources("in/no/archive"));
        for (Path directory : ChildJvm.classPath()) {
            if (!Files.isDirectory(directory) || directory.endsWith("test-classes")) {
                continue;
            }
            try (Stream<Path> files = Files.walk(directory)) {
                List<String> classes = files.map(
                                file -> directory.relativize(file).toString())
                        .filter(name -> name.startsWith("io/clb/") && name.endsWith(".class"))
                        .filter(name -> !name.endsWith("-info.class"))
                        .map(name -> name.substring(0, name.length() - ".class".length())
                                .replace('/', '.'))
                        .toList();
                for (String name : classes) {
                    load(name);
                }
            }
        }
    }

    private static void load(String name) throws ClassNotFoundException {
        try {
            Class.forName(name);
        } catch (NoClassDefFoundError optional) {
            // What it needs of a library that is not here: nobody will ask for it.
        }
    }
}
