package io.clb.engine;

import static java.util.Objects.requireNonNull;

import io.clb.spi.Reason;
import io.clb.spi.RequestFilter;
import io.clb.spi.Ruling;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What the filters of a listener say about one flow, one question at a time. Confined to the flow's loop, but for the answers, which any thread may give.
 *
 * <p>Each filter is asked in turn; the first that does not pass or allow has the last word. One that has allowed the flow is left out from then on.
 */
public final class Screening {

    /** What came of a question. */
    public enum Outcome {
        /** What was shown goes on, and there will be another question about the next part. */
        PASSED,
        /** What was shown is to be held, and shown again with more. */
        MORE,
        /** It is over: see {@link #refusal} and {@link #status}. */
        REFUSED,
        /** A filter has not answered yet: the flow is told later. */
        ASKED
    }

    /** A question for a filter. */
    @FunctionalInterface
    public interface Question {

        /**
         * Puts it. Called again for each filter, always on the loop.
         *
         * @param filter who is asked
         * @param ruling takes the answer
         */
        void put(RequestFilter filter, Ruling ruling);
    }

    private final FilterPlan plan;
    private final Loop loop;
    private final Traffic traffic;
    private final Runnable answered;
    private final Answers[] answers;
    private @Nullable Question question;
    private int at;
    private long deadlineNanos;
    private boolean wantsMore;
    private @Nullable Reason refusal;
    private int status;
    private boolean ended;

    /**
     * Prepares to ask.
     *
     * @param plan who is asked
     * @param loop the flow's
     * @param traffic the balancer's
     * @param answered run on the loop when a question that was {@link Outcome#ASKED} is to be gone on with by {@link #resume}
     */
    public Screening(FilterPlan plan, Loop loop, Traffic traffic, Runnable answered) {
        this.plan = plan;
        this.loop = loop;
        this.traffic = traffic;
        this.answered = answered;
        this.answers = new Answers[plan.filters().size()];
        for (int i = 0; i < answers.length; i++) {
            answers[i] = new Answers(plan.filters().get(i));
        }
    }

    /**
     * Asks.
     *
     * @param next the question; kept until it is answered
     * @return what came of it
     */
    public Outcome ask(Question next) {
        question = next;
        at = 0;
        wantsMore = false;
        return go();
    }

    /**
     * Goes on with a question that {@link #isAsked}, if that has an answer by now.
     *
     * @return what came of it
     */
    public Outcome resume() {
        return go();
    }

    private Outcome go() {
        Question put = requireNonNull(question);
        for (; at < answers.length; at++) {
            Answers filter = answers[at];
            if (filter.done) {
                continue;
            }
            Answer answer = filter.answer(put);
            if (answer == null) {
                return Outcome.ASKED;
            }
            filter.done = answer.last;
            wantsMore |= answer == Answer.MORE;
            if (answer.last) {
                filter.tellEnded();
            }
            if (answer.refusal != null) {
                refusal = answer.refusal;
                status = answer.status;
                end();
                return Outcome.REFUSED;
            }
        }
        question = null;
        return wantsMore ? Outcome.MORE : Outcome.PASSED;
    }

    /**
     * Tells whether an answer is waited for.
     *
     * @return true from {@link Outcome#ASKED} on until another outcome
     */
    public boolean isAsked() {
        return question != null;
    }

    /**
     * Returns when the answer comes too late.
     *
     * @return by the loop's clock; of no meaning unless {@link #isAsked}
     */
    public long deadlineNanos() {
        return deadlineNanos;
    }

    /** No answer came in time: {@link #resume} goes on without it. */
    public void timedOut() {
        answers[at].timedOut();
    }

    /**
     * Tells whether nobody wants to see any more.
     *
     * @return true once every filter has allowed the flow
     */
    public boolean isOver() {
        for (Answers each : answers) {
            if (!each.done) {
                return false;
            }
        }
        return true;
    }

    /**
     * Returns why the flow does not go on.
     *
     * @return the reason, after {@link Outcome#REFUSED}
     */
    public Reason refusal() {
        return requireNonNull(refusal);
    }

    /**
     * Returns what a request is answered then.
     *
     * @return the status
     */
    public int status() {
        return status;
    }

    /** The flow has ended, or needs no judge any more. */
    public void end() {
        if (ended) {
            return;
        }
        ended = true;
        question = null;
        for (Answers each : answers) {
            each.close();
        }
    }

    /** An answer of a filter, and what is in its place while there is none. Immutable; each is itself alone. */
    private static final class Answer {

        static final Answer PASS = new Answer(false, null, 0);
        static final Answer ALLOW = new Answer(true, null, 0);
        static final Answer MORE = new Answer(false, null, 0);
        static final Answer FAILED = refuses(Reason.EXTENSION_FAILED);
        static final Answer TOO_LATE = refuses(Reason.FILTER_TIMEOUT);

        static final Answer NOT_ASKED = new Answer(false, null, 0);
        static final Answer BEING_ASKED = new Answer(false, null, 0);
        static final Answer AWAITED = new Answer(false, null, 0);
        static final Answer CLOSED = new Answer(false, null, 0);

        final boolean last;
        final @Nullable Reason refusal;
        final int status;

        private Answer(boolean last, @Nullable Reason refusal, int status) {
            this.last = last;
            this.refusal = refusal;
            this.status = status;
        }

        private static Answer refuses(Reason reason) {
            return new Answer(true, reason, reason.status());
        }
    }

    /** What one filter says. */
    private final class Answers implements Ruling {

        private final RequestFilter filter;

        /** NOT_ASKED; BEING_ASKED within the call to the filter, AWAITED behind it; then the answer, until it is taken. */
        private final AtomicReference<Answer> answer = new AtomicReference<>(Answer.NOT_ASKED);

        // written by whoever answers, before the answer
        private volatile @Nullable Object attachment;

        // of the loop
        private boolean done;
        private boolean seen;
        private boolean told;

        Answers(RequestFilter filter) {
            this.filter = filter;
        }

        /** Puts a question, unless it was put before; null if there is no answer yet. */
        @Nullable
        Answer answer(Question put) {
            if (answer.get() == Answer.NOT_ASKED) {
                seen = true;
                answer.set(Answer.BEING_ASKED);
                try {
                    put.put(filter, this);
                } catch (RuntimeException | Error e) {
                    traffic.extensionFailed(filter, e);
                    answer.set(plan.failOpen() ? Answer.ALLOW : Answer.FAILED);
                }
                if (answer.compareAndSet(Answer.BEING_ASKED, Answer.AWAITED)) {
                    deadlineNanos = loop.nowNanos() + plan.timeoutNanos();
                    return null;
                }
            } else if (answer.get() == Answer.AWAITED) {
                return null;
            }
            return answer.getAndSet(Answer.NOT_ASKED);
        }

        void timedOut() {
            answer.compareAndSet(Answer.AWAITED, plan.failOpen() ? Answer.ALLOW : Answer.TOO_LATE);
        }

        void close() {
            answer.set(Answer.CLOSED);
            tellEnded();
        }

        void tellEnded() {
            if (told || !seen) {
                return;
            }
            told = true;
            try {
                filter.ended(this);
            } catch (RuntimeException | Error e) {
                traffic.extensionFailed(filter, e);
            }
        }

        private boolean answers(Answer given) {
            if (answer.compareAndSet(Answer.BEING_ASKED, given)) {
                return true;
            }
            return answer.compareAndSet(Answer.AWAITED, given) && loop.execute(answered);
        }

        @Override
        public boolean pass() {
            return answers(Answer.PASS);
        }

        @Override
        public boolean allow() {
            return answers(Answer.ALLOW);
        }

        @Override
        public boolean more() {
            return answers(Answer.MORE);
        }

        @Override
        public boolean deny(int denied) {
            if (denied < 400 || denied > 599) {
                throw new IllegalArgumentException("status: " + denied + " (expected: 400 to 599)");
            }
            return answers(new Answer(true, Reason.FILTER_DENIED, denied));
        }

        @Override
        public void attach(@Nullable Object state) {
            attachment = state;
        }

        @Override
        public @Nullable Object attachment() {
            return attachment;
        }
    }
}
