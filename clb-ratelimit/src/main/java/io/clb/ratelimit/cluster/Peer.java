package io.clb.ratelimit.cluster;

/** Another node of the cluster, as this one knows it. */
final class Peer {

    private final String name;

    private Report.Heard heard;
    private long heardNanos;

    // until when this node may use what the other lends it
    private long leaseNanos;
    private boolean present;

    /** It says that it uses nothing any more. */
    private boolean left;

    /** @param heard the last life that is known of it */
    Peer(String name, Report.Heard heard) {
        this.name = name;
        this.heard = heard;
    }

    String name() {
        return name;
    }

    /** The last report that came. */
    Report.Heard heard() {
        return heard;
    }

    /** When that came. */
    long heardNanos() {
        return heardNanos;
    }

    /** Whether it reports. */
    boolean isPresent() {
        return present;
    }

    /** Whether a report is newer than all that came before: later ones of a life have higher numbers, and a later life is higher. After a silence, any other life is. */
    boolean isNews(Report report) {
        if (report.life() == heard.life()) {
            return report.number() > heard.number();
        }
        return report.life() > heard.life() || !present;
    }

    void heard(Report report, long nowNanos) {
        heard = new Report.Heard(report.life(), report.number());
        heardNanos = nowNanos;
        present = true;
    }

    /** Whether it may use what it was lent: its lease from its last report is not over, if its clock is slower. */
    boolean mayBorrow(long nowNanos, Timing timing) {
        return heard.number() > 0 && !left && nowNanos - heardNanos < timing.returnedNanos();
    }

    boolean isSilent(long nowNanos, Timing timing) {
        return nowNanos - heardNanos >= timing.silenceNanos();
    }

    /** It is not heard any more. */
    void silent() {
        present = false;
    }

    void left() {
        left = true;
        present = false;
    }

    void lease(long untilNanos) {
        leaseNanos = untilNanos;
    }

    /** Whether this node may use what the other lends it. */
    boolean lends(long nowNanos) {
        return present && nowNanos - leaseNanos < 0;
    }

    long leaseNanos() {
        return leaseNanos;
    }
}
