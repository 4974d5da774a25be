package io.clb.ratelimit;

import java.util.ArrayList;
import java.util.List;

/** What was let through, in the order of time. */
final class Admissions {

    private final List<Admission> all = new ArrayList<>();

    private record Admission(long at, long permits) {}

    void add(long at, long permits) {
        all.add(new Admission(at, permits));
    }

    void remove(long at, long permits) {
        all.remove(new Admission(at, permits));
    }

    /** Whether in any window no more was let through than its share and a burst. */
    boolean keepTo(ExactLimit limit) {
        return keepTo(limit, 0);
    }

    /** The same, where each window may be so much longer than it is. */
    boolean keepTo(ExactLimit limit, long moreNanos) {
        for (int from = 0; from < all.size(); from++) {
            long count = 0;
            for (int to = from; to < all.size(); to++) {
                count += all.get(to).permits;
                if (!limit.admits(count, all.get(to).at - all.get(from).at + moreNanos)) {
                    return false;
                }
            }
        }
        return true;
    }
}
