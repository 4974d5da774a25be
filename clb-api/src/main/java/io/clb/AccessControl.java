package io.clb;

import static java.util.Objects.requireNonNull;

import io.clb.spi.AccessPolicy;
import io.clb.spi.Flow;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A list of addresses that may come in, or that may not: {@code l.access(AccessControl.allow("10.0.0.0/8", "2001:db8::/32"))}. Immutable, for any number of
 * listeners. What 100,000 blocks cost, {@link CidrSet} says.
 *
 * <p>A list of either kind that is empty lets everybody in, as in the product, and is warned of when it comes into force; {@link #denyWhenEmpty} turns that
 * round.
 */
public final class AccessControl implements AccessPolicy {

    private enum Kind {
        NONE,
        ALLOW,
        DENY
    }

    /** A text that is no block, and what is expected in its place. */
    private record Malformed(String block, String expected) {}

    private static final AccessControl EVERYBODY = new AccessControl(Kind.NONE, List.of(), false);

    private final Kind kind;
    private final List<String> blocks;
    private final boolean denyWhenEmpty;
    private final List<Malformed> malformed = new ArrayList<>();
    private final @Nullable CidrSet set;

    private AccessControl(Kind kind, Collection<String> blocks, boolean denyWhenEmpty) {
        this.kind = kind;
        this.blocks = List.copyOf(blocks);
        this.denyWhenEmpty = denyWhenEmpty;
        this.set = CidrSet.parse(this.blocks, (block, expected) -> malformed.add(new Malformed(block, expected)));
    }

    /**
     * Lets everybody in, as without access control.
     *
     * @return no list at all
     */
    public static AccessControl none() {
        return EVERYBODY;
    }

    /**
     * Lets in those on a list, and nobody else.
     *
     * @param blocks addresses, or blocks of them, see {@link CidrSet#of}; a mistake among them is reported when the configuration is built
     * @return the list
     */
    public static AccessControl allow(String... blocks) {
        return allow(List.of(requireNonNull(blocks, "blocks")));
    }

    /**
     * Lets in those on a list, and nobody else.
     *
     * @param blocks addresses, or blocks of them, see {@link CidrSet#of}; a mistake among them is reported when the configuration is built
     * @return the list
     */
    public static AccessControl allow(Collection<String> blocks) {
        return new AccessControl(Kind.ALLOW, requireNonNull(blocks, "blocks"), false);
    }

    /**
     * Lets in everybody but those on a list.
     *
     * @param blocks addresses, or blocks of them, see {@link CidrSet#of}; a mistake among them is reported when the configuration is built
     * @return the list
     */
    public static AccessControl deny(String... blocks) {
        return deny(List.of(requireNonNull(blocks, "blocks")));
    }

    /**
     * Lets in everybody but those on a list.
     *
     * @param blocks addresses, or blocks of them, see {@link CidrSet#of}; a mistake among them is reported when the configuration is built
     * @return the list
     */
    public static AccessControl deny(Collection<String> blocks) {
        return new AccessControl(Kind.DENY, requireNonNull(blocks, "blocks"), false);
    }

    /**
     * Has a list refuse everybody when there is nothing on it.
     *
     * @return such a list
     */
    public AccessControl denyWhenEmpty() {
        return new AccessControl(kind, blocks, true);
    }

    /**
     * Tells whether this is a list that does nothing, as there is nothing on it: likely a mistake.
     *
     * @return false for {@link #none()}
     */
    public boolean isIdle() {
        return kind != Kind.NONE && blocks.isEmpty() && !denyWhenEmpty;
    }

    /**
     * Judges a flow by its client's address. A list with a mistake on it, which no listener takes, lets nobody in.
     *
     * @param flow the flow
     * @return false to refuse it
     */
    @Override
    public boolean allows(Flow flow) {
        if (kind == Kind.NONE) {
            return true;
        }
        if (blocks.isEmpty()) {
            return !denyWhenEmpty;
        }
        return set != null && set.contains(flow.sourceHigh(), flow.sourceLow()) == (kind == Kind.ALLOW);
    }

    void check(String where, Mistakes mistakes) {
        for (Malformed each : malformed) {
            mistakes.add(where, "access", each.block, each.expected);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof AccessControl that
                && kind == that.kind
                && blocks.equals(that.blocks)
                && denyWhenEmpty == that.denyWhenEmpty;
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, blocks, denyWhenEmpty);
    }

    /**
     * Returns the kind of list and how long it is, for logs.
     *
     * @return such as {@code allow 2 blocks}
     */
    @Override
    public String toString() {
        return switch (kind) {
            case NONE -> "everybody";
            case ALLOW -> "allow " + blocks.size() + " blocks";
            case DENY -> "deny " + blocks.size() + " blocks";
        };
    }
}
