/**
 * HTTP listeners, on the engine.
 *
 * <p>A {@link io.clb.l7.ClientConnection} reads requests, one {@link io.clb.l7.Exchange} after the other takes each of them to a server through an
 * {@link io.clb.l7.Upstream}. What is said at the head of a message is a {@link io.clb.l7.Head}, found by the {@link io.clb.l7.HeadScanner}, which
 * together with {@link io.clb.l7.BodyScanner} is the security boundary: it refuses all that could be read in two ways.
 */
@NullMarked
package io.clb.l7;

import org.jspecify.annotations.NullMarked;
