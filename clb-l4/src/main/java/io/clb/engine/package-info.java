/**
 * What every protocol stands on: event loops with a clock and a timer wheel each, the control thread, the compiled configuration, servers and
 * pools at run time, probes, listening sockets, and the relay between two channels.
 *
 * <p><b>Threads.</b> A class or method belongs to one of these, and says so where it is not plain:
 *
 * <ul>
 *   <li><em>a loop</em>: everything of one flow, client side and server side, happens on one event loop and needs no synchronization;
 *   <li><em>control</em>: one thread, the only writer of configuration, health and eligibility; loops and users reach it through its inbox, it
 *       reaches loops by tasks;
 *   <li><em>any</em>: fields that are shared are named with their writer and their readers.
 * </ul>
 *
 * <p>What loops share are single words: the active count of a server or a listener, the rotation of a pool, the words of tables of remembered servers and of limiters. All else that
 * a loop needs it reads from immutable objects: the {@link io.clb.engine.Plan}, at the moment a flow comes in, and the
 * {@link io.clb.engine.Picker} of its pool.
 *
 * <p>Exported to this library's own modules only.
 */
@NullMarked
package io.clb.engine;

import org.jspecify.annotations.NullMarked;
