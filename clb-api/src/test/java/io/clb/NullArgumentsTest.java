package io.clb;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.schedule.Schedulers;
import io.clb.spi.ClusterSettings;
import io.clb.spi.DiscoveredServer;
import io.clb.spi.Quota;
import io.clb.spi.RequestFilter;
import io.clb.spi.Verdict;
import io.clb.spi.WhenAlone;
import io.clb.stick.Stickiness;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every public method and constructor refuses null at once, by name, wherever it is not declared to take it. */
class NullArgumentsTest {

    private static final ListenerConfig LISTENER = LoadBalancer.builder()
            .serverGroup("g", g -> g.server("s:80"))
            .listener("l", l -> l.http(80).forwardTo("g"))
            .build()
            .listeners()
            .values()
            .iterator()
            .next();

    /** One parameter that must not be null, of something that can be called. */
    record Case(Executable executable, @Nullable Object target, int index) {

        @Override
        public String toString() {
            return executable.getDeclaringClass().getSimpleName() + "." + executable.getName() + "("
                    + executable.getParameters()[index].getName() + ")";
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void namesWhatMustNotBeNull(Case aCase) throws ReflectiveOperationException {
        // The JVM's own messages are sentences; those of requireNonNull are names.
        assertThat(thrown(aCase))
                .as(aCase.toString())
                .isExactlyInstanceOf(NullPointerException.class)
                .hasMessageMatching("\\w+");
    }

    private static @Nullable Throwable thrown(Case aCase) throws ReflectiveOperationException {
        Object[] arguments = Arrays.stream(aCase.executable.getParameters())
                .map(parameter -> sample(parameter.getType()))
                .toArray();
        arguments[aCase.index] = null;
        try {
            if (aCase.executable instanceof Constructor<?> constructor) {
                constructor.newInstance(arguments);
            } else {
                ((Method) aCase.executable).invoke(aCase.target, arguments);
            }
        } catch (InvocationTargetException e) {
            return e.getCause();
        }
        throw new AssertionError(aCase + " took null");
    }

    static Stream<Case> cases() {
        Stream<Case> ofTypes = Stream.of(
                        AccessLog.class,
                        AccessLog.Destination.class,
                        AccessLog.Part.class,
                        BindException.class,
                        Cluster.class,
                        ClusterSettings.class,
                        ConfigException.class,
                        ConfigException.Mistake.class,
                        DiscoveredServer.class,
                        Ejection.class,
                        Extensions.class,
                        FixedResponse.class,
                        Gzip.class,
                        HealthCheck.class,
                        HostPort.class,
                        HttpCheck.class,
                        Limit.class,
                        LoadBalancer.class,
                        ProxyProtocol.class,
                        Quota.class,
                        Redirect.class,
                        RequestFilters.class,
                        Rewrite.class,
                        RuleCondition.class,
                        Schedulers.class,
                        Stickiness.class,
                        UdpCheck.class,
                        Verdict.class)
                .flatMap(type -> Stream.concat(
                        Arrays.stream(type.getConstructors()),
                        Arrays.stream(type.getDeclaredMethods())
                                .filter(method -> Modifier.isStatic(method.getModifiers()))))
                .flatMap(executable -> cases(executable, null));
        return Stream.concat(
                ofTypes,
                targets()
                        .flatMap(target -> methods(target.getClass())
                                .filter(method -> !Modifier.isStatic(method.getModifiers()))
                                .flatMap(method -> cases(method, target))));
    }

    /** Those that a class has from classes of this package's own are as public as its own. */
    private static Stream<Method> methods(Class<?> type) {
        Class<?> parent = type.getSuperclass();
        Stream<Method> own = Arrays.stream(type.getDeclaredMethods());
        return parent == null || Modifier.isPublic(parent.getModifiers()) ? own : Stream.concat(own, methods(parent));
    }

    private static Stream<Case> cases(Executable executable, @Nullable Object target) {
        if (!Modifier.isPublic(executable.getModifiers()) || executable.isSynthetic()) {
            return Stream.empty();
        }
        return IntStream.range(0, executable.getParameterCount())
                .filter(i -> mustNotBeNull(executable.getParameters()[i]))
                .mapToObj(i -> new Case(executable, target, i));
    }

    private static boolean mustNotBeNull(Parameter parameter) {
        return !parameter.getType().isPrimitive()
                && !parameter.getAnnotatedType().isAnnotationPresent(Nullable.class);
    }

    private static Stream<Object> targets() {
        AtomicReference<Object> server = new AtomicReference<>();
        AtomicReference<Object> group = new AtomicReference<>();
        AtomicReference<Object> listener = new AtomicReference<>();
        AtomicReference<Object> rule = new AtomicReference<>();
        Config.Builder builder = LoadBalancer.builder()
                .serverGroup("g", g -> {
                    group.set(g);
                    g.server("s:80", server::set);
                })
                .listener(
                        "l",
                        l -> listener.set(l.http(80).forwardTo("g").rule("r", r -> {
                            r.path("/").forwardTo("g");
                            rule.set(r);
                        })));
        Config config = builder.build();
        return Stream.of(
                builder,
                server.get(),
                group.get(),
                listener.get(),
                rule.get(),
                config,
                config.listeners().values().iterator().next(),
                config.serverGroups().values().iterator().next(),
                AccessLog.file(Path.of("access.log")),
                AccessLog.Field.TIME,
                HealthCheck.tcp(),
                Ejection.after(5),
                HttpCheck.path("/"),
                UdpCheck.request("x"),
                ProxyProtocol.optional("::1"),
                Redirect.to("/"),
                RequestFilters.of(),
                Gzip.on(),
                Rewrite.request(),
                FixedResponse.of(200),
                config.cluster(),
                Cluster.of("n", ClusterTest.NOWHERE),
                Limit.qps(1),
                Stickiness.sourceIp(Duration.ofSeconds(1)),
                Stickiness.insertCookie(Duration.ofSeconds(1)),
                Stickiness.rewriteCookie("x"),
                Options.IDLE_TIMEOUT,
                Options.NO_DELAY);
    }

    private static Object sample(Class<?> type) {
        List<Object> samples = List.of(
                "x",
                1,
                1L,
                true,
                Duration.ofSeconds(1),
                new InetSocketAddress(1),
                new RuntimeException("x"),
                List.of(),
                new String[] {"::1"},
                new RequestFilter[0],
                HttpCheck.path("/"),
                HttpCheck.Method.GET,
                HttpCheck.Version.HTTP_1_0,
                UdpCheck.request("x"),
                Limit.cps(1),
                Limit.Kind.CPS,
                Quota.Unit.FLOW,
                WhenAlone.EVEN,
                Cluster.single(),
                ListenerConfig.Protocol.TCP,
                HealthCheck.tcp(),
                Ejection.after(5),
                PortRange.of(1, 2),
                ProxyProtocol.Version.V1,
                TlsConfig.of(),
                ClientCertificates.required(Path.of("authorities.pem")),
                TlsPolicy.MODERN,
                TlsProvider.JDK,
                Redirect.to("/"),
                Rewrite.request(),
                FixedResponse.of(200),
                RuleCondition.Kind.METHOD,
                RuleConfig.PathMatch.EXACT,
                XForwardedFor.OFF,
                LoadBalancer.builder().build(),
                LISTENER,
                AccessLog.Field.TIME,
                Options.IDLE_TIMEOUT);
        Class<?> boxed = MethodType.methodType(type).wrap().returnType();
        return samples.stream().filter(boxed::isInstance).findFirst().orElseGet(() -> stub(type));
    }

    private static Object stub(Class<?> type) {
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> null);
    }
}
