/**
 * Messages among the nodes of a cluster without a server: over JGroups, which the application adds ({@code org.jgroups:jgroups}).
 *
 * <p>{@link io.clb.ratelimit.jgroups.JGroupsSettings} say where a node listens and where it looks for others;
 * {@link io.clb.ratelimit.jgroups.JGroupsTransport} carries messages.
 */
@NullMarked
package io.clb.ratelimit.jgroups;

import org.jspecify.annotations.NullMarked;
