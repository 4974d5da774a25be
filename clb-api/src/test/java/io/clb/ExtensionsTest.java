package io.clb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.clb.schedule.Schedulers;
import io.clb.spi.AccessPolicy;
import io.clb.spi.DiscoveryRun;
import io.clb.spi.Flow;
import io.clb.spi.GroupView;
import io.clb.spi.HealthChecker;
import io.clb.spi.HttpFlow;
import io.clb.spi.KeyedRateLimiter;
import io.clb.spi.Probe;
import io.clb.spi.Quota;
import io.clb.spi.RateLimiter;
import io.clb.spi.RateLimiterFactory;
import io.clb.spi.RequestFilter;
import io.clb.spi.Ruling;
import io.clb.spi.Scheduler;
import io.clb.spi.SchedulerFactory;
import io.clb.spi.ServerDiscovery;
import io.clb.spi.ServerDiscoveryFactory;
import io.clb.spi.SessionSticker;
import io.clb.spi.SessionStickerFactory;
import io.clb.spi.Verdict;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The class path of these tests has no provider: each test lists its own, where the context class loader sees them. */
class ExtensionsTest {

    private static final Config CONFIG = LoadBalancer.builder().build();

    @TempDir
    private Path directory;

    private ClassLoader before;
    private URLClassLoader context;

    @BeforeEach
    void setContextClassLoader() throws IOException {
        before = Thread.currentThread().getContextClassLoader();
        context = new URLClassLoader(new URL[] {directory.toUri().toURL()}, before);
        Thread.currentThread().setContextClassLoader(context);
    }

    @AfterEach
    void restoreContextClassLoader() throws IOException {
        Thread.currentThread().setContextClassLoader(before);
        context.close();
    }

    @Test
    void namesTheArtifactToAddWhereThereIsNoEngine() {
        assertThatIllegalStateException()
                .isThrownBy(() -> LoadBalancer.start(CONFIG))
                .withMessageContaining("add io.clb:clb-l4");
    }

    @Test
    void findsTheOneEngine() throws IOException {
        provide(EngineProvider.class, "io.clb.ExtensionsTest$FirstEngine");
        assertThat(started(CONFIG)).isEqualTo("first");
    }

    @Test
    void letsTheUserChooseBetweenTwoEngines() throws IOException {
        provide(EngineProvider.class, "io.clb.ExtensionsTest$FirstEngine", "io.clb.ExtensionsTest$SecondEngine");
        assertThatIllegalStateException()
                .isThrownBy(() -> LoadBalancer.start(CONFIG))
                .withMessageContaining("[first, second]")
                .withMessageContaining(".engine(...)");
    }

    @Test
    void prefersTheEngineThatWasGiven() throws IOException {
        provide(EngineProvider.class, "io.clb.ExtensionsTest$FirstEngine", "io.clb.ExtensionsTest$SecondEngine");
        Config config = CONFIG.toBuilder().engine(new SecondEngine()).build();
        assertThat(started(config)).isEqualTo("second");
    }

    @Test
    void findsSchedulersOfTheCatalogueByTheirCode() {
        assertThat(Extensions.scheduler("wrr")).isSameAs(Schedulers.weightedRoundRobin());
        assertThat(Extensions.scheduler("wlc")).isSameAs(Schedulers.weightedLeastConnections());
    }

    @Test
    void findsASchedulerOfAnotherLibraryByItsName() throws IOException {
        provide(SchedulerFactory.class, "io.clb.ExtensionsTest$Lottery");
        assertThat(Extensions.scheduler("lottery")).isInstanceOf(Lottery.class);
    }

    @Test
    void goesByTheSimpleNameOfAProviderThatGivesNoOther() throws IOException {
        provide(SchedulerFactory.class, "io.clb.ExtensionsTest$Nameless");
        assertThat(Extensions.scheduler("Nameless")).isInstanceOf(Nameless.class);
    }

    @Test
    void listsWhatThereIsWhenANameIsUnknown() throws IOException {
        provide(SchedulerFactory.class, "io.clb.ExtensionsTest$Lottery");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Extensions.scheduler("wwr"))
                .withMessage(
                        "scheduler: wwr (expected: one of [wrr, rr, wlc, sch, tch, uch, qch, p2c, ewma, lottery])");
    }

    @Test
    void namesBothProvidersOfOneName() throws IOException {
        provide(SchedulerFactory.class, "io.clb.ExtensionsTest$Lottery", "io.clb.ExtensionsTest$OtherLottery");
        assertThatIllegalStateException()
                .isThrownBy(() -> Extensions.scheduler("lottery"))
                .withMessage("two providers of scheduler lottery: io.clb.ExtensionsTest$Lottery"
                        + " and io.clb.ExtensionsTest$OtherLottery; remove one");
    }

    @Test
    void findsStickersPoliciesAndChecksOfOtherLibrariesByTheirNames() throws IOException {
        provide(SessionStickerFactory.class, "io.clb.ExtensionsTest$Loyal");
        provide(AccessPolicy.class, "io.clb.ExtensionsTest$Everybody");
        provide(HealthChecker.class, "io.clb.ExtensionsTest$Optimist");
        provide(RequestFilter.class, "io.clb.ExtensionsTest$Guard");
        assertThat(Extensions.sticker("Loyal")).isInstanceOf(Loyal.class);
        assertThat(Extensions.accessPolicy("everybody")).isInstanceOf(Everybody.class);
        assertThat(Extensions.healthChecker("Optimist")).isInstanceOf(Optimist.class);
        assertThat(Extensions.requestFilter("Guard")).isInstanceOf(Guard.class);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Extensions.accessPolicy("nobody"))
                .withMessage("access policy: nobody (expected: one of [everybody])");
    }

    @Test
    void saysWhatToProvideWhereNobodyDoes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Extensions.sticker("Loyal"))
                .withMessage("sticker: Loyal"
                        + " (expected: that of a provider of io.clb.spi.SessionStickerFactory; there is none)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Extensions.accessPolicy("everybody"))
                .withMessage("access policy: everybody"
                        + " (expected: that of a provider of io.clb.spi.AccessPolicy; there is none)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Extensions.healthChecker("Optimist"))
                .withMessage("health checker: Optimist"
                        + " (expected: that of a provider of io.clb.spi.HealthChecker; there is none)");
    }

    @Test
    void namesBothProvidersOfPoliciesOfOneName() throws IOException {
        provide(AccessPolicy.class, "io.clb.ExtensionsTest$Everybody", "io.clb.ExtensionsTest$EverybodyElse");
        assertThatIllegalStateException()
                .isThrownBy(() -> Extensions.accessPolicy("everybody"))
                .withMessage("two providers of access policy everybody: io.clb.ExtensionsTest$Everybody"
                        + " and io.clb.ExtensionsTest$EverybodyElse; remove one");
    }

    @Test
    void makesADiscoveryByName() throws IOException {
        provide(ServerDiscoveryFactory.class, "io.clb.ExtensionsTest$PhoneBook");
        assertThat(Extensions.discovery("PhoneBook", "Smith"))
                .isEqualTo(new Entry("Smith"))
                .returns("Entry", ServerDiscovery::name);
    }

    @Test
    void listsWhatThereIsWhenADiscoveryIsUnknown() throws IOException {
        provide(ServerDiscoveryFactory.class, "io.clb.ExtensionsTest$PhoneBook");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Extensions.discovery("dns", "x"))
                .withMessage("discovery: dns (expected: one of [PhoneBook])");
    }

    @Test
    void findsWhoMakesLimitersByName() throws IOException {
        assertThat(Extensions.rateLimiters()).isEmpty();
        provide(RateLimiterFactory.class, "io.clb.ExtensionsTest$Turnstile");
        assertThat(Extensions.rateLimiters()).containsOnlyKeys("Turnstile");
    }

    @Test
    void namesBothProvidersOfLimitersOfOneName() throws IOException {
        provide(RateLimiterFactory.class, "io.clb.ExtensionsTest$Turnstile", "io.clb.ExtensionsTest$OtherTurnstile");
        assertThatIllegalStateException()
                .isThrownBy(Extensions::rateLimiters)
                .withMessage("two providers of rate limiter Turnstile: io.clb.ExtensionsTest$Turnstile"
                        + " and io.clb.ExtensionsTest$OtherTurnstile; remove one");
    }

    @Test
    void letsNobodyTakeANameOfTheCatalogue() throws IOException {
        provide(SchedulerFactory.class, "io.clb.ExtensionsTest$Impostor");
        assertThatIllegalStateException()
                .isThrownBy(() -> Extensions.scheduler("rr"))
                .withMessageContaining("io.clb.ExtensionsTest$Impostor")
                .withMessageContaining("two providers of scheduler wrr");
    }

    @Test
    void namesAProviderThatCannotBeLoaded() throws IOException {
        provide(SchedulerFactory.class, "com.example.Missing");
        assertThatIllegalStateException()
                .isThrownBy(() -> Extensions.scheduler("wrr"))
                .withMessageContaining("com.example.Missing");
    }

    @Test
    void worksWithoutAContextClassLoader() {
        Thread.currentThread().setContextClassLoader(null);
        assertThat(Extensions.scheduler("rr")).isSameAs(Schedulers.roundRobin());
    }

    /** An application server has this library, and so has the application: each copy keeps to its own providers. */
    @Test
    void leavesTheProvidersOfAnotherCopyOfThisLibraryAlone() throws IOException {
        provide(SchedulerFactory.class, "io.clb.ExtensionsTest$Lottery");
        URL[] copy = {directory.toUri().toURL(), placeOf(Extensions.class), placeOf(ExtensionsTest.class)};
        try (URLClassLoader application = new URLClassLoader(copy, ClassLoader.getPlatformClassLoader())) {
            Thread.currentThread().setContextClassLoader(application);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Extensions.scheduler("lottery"))
                    .withMessageEndingWith("(expected: one of [wrr, rr, wlc, sch, tch, uch, qch, p2c, ewma])");
        }
    }

    private static URL placeOf(Class<?> type) {
        return type.getProtectionDomain().getCodeSource().getLocation();
    }

    private void provide(Class<?> service, String... providers) throws IOException {
        Path services = Files.createDirectories(directory.resolve("META-INF/services"));
        Files.writeString(
                services.resolve(service.getName()), Arrays.stream(providers).collect(Collectors.joining("\n")));
    }

    /** The name of the engine that was asked to start. */
    private static @Nullable String started(Config config) {
        try (LoadBalancer running = LoadBalancer.start(config)) {
            return running.name();
        } catch (UnsupportedOperationException e) {
            return e.getMessage();
        }
    }

    /** Starts nothing. */
    public static class FirstEngine implements EngineProvider {

        @Override
        public String name() {
            return "first";
        }

        @Override
        public LoadBalancer start(Config config) {
            throw new UnsupportedOperationException(name());
        }
    }

    /** Starts nothing either. */
    public static final class SecondEngine extends FirstEngine {

        @Override
        public String name() {
            return "second";
        }
    }

    /** Has a name of its own. */
    public static class Lottery implements SchedulerFactory {

        @Override
        public String name() {
            return "lottery";
        }

        @Override
        public Scheduler create(GroupView eligible, @Nullable Scheduler previous) {
            return (flow, nowNanos) -> null;
        }
    }

    /** Has the same name. */
    public static final class OtherLottery extends Lottery {}

    /** Has the name of a scheduler of the catalogue. */
    public static final class Impostor extends Lottery {

        @Override
        public String name() {
            return "wrr";
        }
    }

    /** Limits nothing, under the name that is the default. */
    public static class Turnstile implements RateLimiterFactory {

        @Override
        public RateLimiter create(Quota quota, int loops, long nowNanos, @Nullable RateLimiter previous) {
            throw new UnsupportedOperationException();
        }

        @Override
        public KeyedRateLimiter createKeyed(Quota quota, int keys, long nowNanos, @Nullable KeyedRateLimiter previous) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String enforced(Quota quota) {
            return "nothing";
        }
    }

    /** Has the same name. */
    public static final class OtherTurnstile extends Turnstile {

        @Override
        public String name() {
            return "Turnstile";
        }
    }

    /** Never asked for more than its name. */
    public static final class Loyal implements SessionStickerFactory {

        @Override
        public SessionSticker create(GroupView eligible, @Nullable SessionSticker previous) {
            throw new UnsupportedOperationException();
        }
    }

    public static final class Guard implements RequestFilter {
        @Override
        public void request(HttpFlow request, Ruling ruling) {
            ruling.pass();
        }
    }

    /** Has a name of its own. */
    public static class Everybody implements AccessPolicy {

        @Override
        public String name() {
            return "everybody";
        }

        @Override
        public boolean allows(Flow flow) {
            return true;
        }
    }

    /** Has the same name. */
    public static final class EverybodyElse extends Everybody {}

    /** Never looks. */
    public static final class Optimist implements HealthChecker {

        @Override
        public CompletionStage<Verdict> check(Probe probe) {
            return CompletableFuture.completedStage(Verdict.ok());
        }
    }

    /** Makes what finds nobody. */
    public static final class PhoneBook implements ServerDiscoveryFactory {

        @Override
        public ServerDiscovery create(String target) {
            return new Entry(target);
        }
    }

    /** Finds nobody. */
    private record Entry(String whom) implements ServerDiscovery {

        @Override
        public AutoCloseable start(DiscoveryRun run) {
            return () -> {};
        }
    }

    /** Leaves its name to the default. */
    public static final class Nameless implements SchedulerFactory {

        @Override
        public Scheduler create(GroupView eligible, @Nullable Scheduler previous) {
            return (flow, nowNanos) -> null;
        }
    }
}
