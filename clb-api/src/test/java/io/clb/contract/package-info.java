/**
 * The tests that any strategy must pass, and what they need: published as the test-jar of clb-api, to be run on strategies of your own.
 *
 * <pre>{@code
 * class MySchedulerTest extends SchedulerContract {
 *     @Override
 *     protected SchedulerFactory factory() {
 *         return new MyScheduler();
 *     }
 * }
 * }</pre>
 *
 * <p>Needs JUnit 5 and AssertJ on the test class path.
 */
@NullMarked
package io.clb.contract;

import org.jspecify.annotations.NullMarked;
