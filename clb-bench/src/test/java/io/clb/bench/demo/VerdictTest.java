package io.clb.bench.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.bench.demo.Browser.Move;
import io.clb.bench.demo.Clients.Loss;
import io.clb.bench.demo.HomeFinding.Moves;
import io.clb.schedule.Schedulers;
import io.clb.spi.FlowKind;
import io.clb.spi.Reason;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** When each part of the demo's verdict is good, and what a death explains. */
final class VerdictTest {

    private static final EventLoopGroup LOOPS = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private static final Machine B = Machine.start("b", LOOPS.next());
    private static final Death DEATH = new Death(B, 1_000, 2_000);
    private static final long MANY = 1_000_000_000L;
    private static final Move STRAY = new Move("client-17", "a", "c", 500);
    private static final Losses NONE = new Losses(0, 0, List.of());
    private static final Losses KILLED = new Losses(5, 0, List.of());
    private static final Losses OTHERS = new Losses(5, 1, List.of("  client port 1: reset"));

    /** 50 a second. */
    private static final NodeShare SHARE = new NodeShare(350, 8);

    private final BrokenFlows flows = new BrokenFlows();

    @AfterAll
    static void endServers() throws InterruptedException {
        LOOPS.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
    }

    private static EchoFinding echo(long served, Losses losses, double distance, boolean judged) {
        return new EchoFinding(served, losses, Map.of("phase", distance), judged);
    }

    private static CookieFinding cookies(long served, Losses losses, Move... strays) {
        return new CookieFinding(served, losses, 12, 20, 4, List.of(strays));
    }

    /** Of 20 seconds: 1,005 may be served at most; of 1,000 that are due, 950 must be. */
    private static LimitFinding limit(long served, Losses losses) {
        return new LimitFinding(SHARE, 20, served, 3_000, losses, 3_000, 1_000);
    }

    private static InetSocketAddress client(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    @Test
    void whatWasUnderWayOnTheKilledMachineIsNoFault() {
        assertThat(echo(1_000, KILLED, 0.2, true).fault()).isNull();
        assertThat(cookies(1_000, KILLED).fault()).isNull();
        assertThat(limit(1_000, KILLED).fault()).isNull();
    }

    @Test
    void aLossElsewhereIs() {
        assertThat(echo(1_000, OTHERS, 0.2, true).fault()).isEqualTo("connections were lost");
        assertThat(cookies(1_000, OTHERS).fault()).isEqualTo("requests were lost");
        assertThat(limit(1_000, OTHERS).fault()).isEqualTo("requests under the limit were lost");
    }

    @Test
    void nothingServedIsBad() {
        assertThat(echo(0, NONE, 0, true).fault()).isNotNull();
        assertThat(cookies(0, NONE).fault()).isNotNull();
        assertThat(limit(0, NONE).fault()).isNotNull();
    }

    @Test
    void sharesMayBeAPointOff() {
        assertThat(echo(1_000, NONE, 1.0, true).fault()).isNull();
        assertThat(echo(1_000, NONE, 1.1, true).fault()).isEqualTo("a share is more than 1.0 off");
        assertThat(echo(1_000, NONE, 1.1, false).fault()).isNull();
    }

    @Test
    void aClientWithACookieThatStraysIsAFault() {
        CookieFinding finding = cookies(1_000, NONE, new Move("client-3", "a", "c", 500));
        assertThat(finding.fault()).isEqualTo("a client with a cookie was sent to another server");
        assertThat(finding.lines()).contains("  client-3 from a to c");
    }

    @Test
    void aLimitLetsThroughItsRateAndABurstAndNoMore() {
        assertThat(limit(1_005, NONE).fault()).isNull();
        assertThat(limit(1_006, NONE).fault()).isEqualTo("the limit let through too much");
    }

    @Test
    void aLimitLetsThroughNearlyAllThatIsDue() {
        assertThat(limit(950, NONE).fault()).isNull();
        assertThat(limit(949, NONE).fault()).isEqualTo("the limit let through too little");
        assertThat(limit(945, KILLED).fault()).isNull();
    }

    @Test
    void aRefusalThatIsNotTheLimitsIsAFault() {
        assertThat(new LimitFinding(SHARE, 20, 1_000, 3_000, NONE, 2_999, 1_000).fault())
                .isEqualTo("requests were refused, and not for the limit");
    }

    @Test
    void whatIsDueIsWhatWasAskedForUpToTheRateInEachTenthOfASecond() {
        long slice = TimeUnit.MILLISECONDS.toNanos(100);
        Demand demand = new Demand(SHARE.rate());
        assertThat(demand.due()).isZero();
        demand.asked(7 * slice);
        demand.asked(8 * slice - 1);
        assertThat(demand.due()).isEqualTo(2);
        for (int i = 0; i < 20; i++) {
            demand.asked(8 * slice + i);
        }
        assertThat(demand.due()).isEqualTo(2 + 5);
        demand.asked(30 * slice);
        assertThat(demand.due()).isEqualTo(2 + 5 + 1);
    }

    @Test
    void aVerdictNamesEveryFault() {
        StringWriter printed = new StringWriter();
        Verdict verdict =
                new Verdict(List.of(echo(1_000, OTHERS, 0.2, true), cookies(1_000, NONE), limit(2_000, NONE)));
        verdict.print(new PrintWriter(printed));
        assertThat(verdict.isGood()).isFalse();
        assertThat(printed.toString())
                .contains(String.format("  Bad: connections were lost;%n       the limit let through too much.%n"));
    }

    @Test
    void noLineGrowsPast120ColumnsWhateverTheNumbers() {
        Losses losses = new Losses(
                MANY, MANY, List.of(Losses.inWords(new Loss(Stage.ECHO, client(40_000), 0, "x".repeat(999)), flows)));
        List<Finding> worst = List.of(
                new EchoFinding(MANY, losses, Map.of("c weighs 100", 100.0), true),
                new EchoFinding(MANY, losses, Map.of("c weighs 100", 100.0), false),
                new SpreadFinding(Map.of("c weighs 100", 0.0), true),
                new SpreadFinding(Map.of("c weighs 100", 0.0), false),
                homes(1_024, MANY, 1_024, 1_024),
                new CookieFinding(MANY, losses, 18, 1_000_000_000, 18, Collections.nCopies(1_000_000_000, STRAY)),
                new LimitFinding(SHARE, 3_605, 1_000_000, 9_000_000, losses, 0, 10_000_000));
        StringWriter printed = new StringWriter();
        new Verdict(worst).print(new PrintWriter(printed));
        assertThat(printed.toString().lines()).allMatch(line -> line.length() <= 120);
    }

    private static HomeFinding homes(int clients, long strays, int othersMoved, int backMoved) {
        return new HomeFinding(
                clients,
                strays,
                strays == 0 ? List.of() : List.of("127.77.255.255:65535 from a to c"),
                new Moves("b", 300, 700, 300, 0, othersMoved),
                new Moves("b", 300, 700, backMoved, 0, 0),
                new Moves("c", 200, 800, 0, 150, 9));
    }

    @Test
    void aClientThatIsHashedGoesWhereItWentAndMovesOnlyWithItsServer() {
        assertThat(homes(1_000, 0, 0, 0).fault()).isNull();
        assertThat(homes(1_000, 1, 0, 0).fault())
                .isEqualTo("a client was sent to another server while the servers stayed");
        assertThat(homes(1_000, 0, 7, 0).fault()).isNull();
        assertThat(homes(1_000, 0, 8, 0).fault()).isEqualTo("a death moved clients of other machines");
        assertThat(homes(1_000, 0, 0, 1).fault()).isEqualTo("a return did not bring every client back");
        assertThat(homes(1_000, 0, 8, 0).lines())
                .contains(
                        "the death of b moved its 300, and 8 of 700 others; 7 are allowed",
                        "after its return 1,000 of 1,000 were where they had been before");
    }

    @Test
    void movesAreCountedByWhoseClientsTheyWereAndWhereTheyWent() {
        Homes homes = new Homes();
        Homes.Phase before = homes.begin();
        Homes.Phase after = homes.begin();
        String[][] seen = {
            {"1", "b", "b"}, {"2", "b", "a"}, {"3", "a", "a"}, {"4", "a", "b"}, {"5", "a", "c"}, {"6", "c", "c"},
        };
        for (String[] client : seen) {
            before.saw(client[0], client[1]);
            after.saw(client[0], client[2]);
        }
        before.saw("not seen again", "b");
        assertThat(Moves.between(before, after, B)).isEqualTo(new Moves("b", 2, 4, 1, 1, 1));
        assertThat(before.strays()).isZero();
        after.saw("5", "c");
        assertThat(after.strays()).isZero();
        after.saw("5", "a");
        assertThat(after.strays()).isEqualTo(1);
        assertThat(after.examples()).containsExactly("5 from c to a");
    }

    @Test
    void aServerThatGotLessThanATenthOfItsDueWasForgotten() {
        assertThat(new SpreadFinding(Map.of("phase", 0.1), true).fault()).isNull();
        assertThat(new SpreadFinding(Map.of("phase", 0.09), true).fault()).isEqualTo("a server got hardly anything");
        assertThat(new SpreadFinding(Map.of("phase", 0.09), false).fault()).isNull();
    }

    @Test
    void everySchedulerOfTheCatalogueIsJudgedByWhatItPromises() {
        assertThat(Schedulers.catalogue())
                .filteredOn(scheduler -> scheduler.serves(FlowKind.CONNECTION))
                .extracting(Promise::of)
                .doesNotContain(Promise.UNKNOWN);
    }

    @Test
    void aDeathExplainsWhatItsMachineHadAndLostThen() {
        flows.broke(Stage.ECHO, client(40_000), B.echo().id(), Reason.SERVER_RESET);
        flows.broke(Stage.WEB, client(40_001), B.web().id(), Reason.SERVER_RESET);
        assertThat(DEATH.explains(new Loss(Stage.ECHO, client(40_000), 1_000, "reset"), flows))
                .isTrue();
        assertThat(DEATH.explains(new Loss(Stage.WEB, client(40_001), 1_999, "502"), flows))
                .isTrue();
        assertThat(DEATH.explains(new Loss(Stage.ECHO, client(40_000), 999, "reset"), flows))
                .isFalse();
        assertThat(DEATH.explains(new Loss(Stage.ECHO, client(40_000), 2_000, "reset"), flows))
                .isFalse();
        assertThat(DEATH.explains(new Loss(Stage.API, client(40_000), 1_500, "reset"), flows))
                .isFalse();
    }

    @Test
    void aDeathDoesNotExplainWhatOthersLost() {
        flows.broke(Stage.ECHO, client(40_001), "127.0.0.1:1", Reason.SERVER_RESET);
        flows.broke(Stage.ECHO, client(40_002), null, Reason.ALL_SERVERS_DOWN);
        assertThat(DEATH.explains(new Loss(Stage.ECHO, client(40_001), 1_500, "reset"), flows))
                .isFalse();
        assertThat(DEATH.explains(new Loss(Stage.ECHO, client(40_002), 1_500, "reset"), flows))
                .isFalse();
        assertThat(DEATH.explains(new Loss(Stage.ECHO, client(40_003), 1_500, "reset"), flows))
                .isFalse();
    }

    @Test
    void aDeathExplainsThatItsClientsLeft() {
        assertThat(DEATH.explains(new Move("client-1", "b", "a", 1_000))).isTrue();
        assertThat(DEATH.explains(new Move("client-1", "b", "a", 999))).isFalse();
        assertThat(DEATH.explains(new Move("client-1", "b", "a", 2_000))).isFalse();
        assertThat(DEATH.explains(new Move("client-1", "a", "c", 1_500))).isFalse();
    }
}
