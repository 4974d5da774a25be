package io.clb.bench.demo;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A part of the verdict: what was found about a listener. */
interface Finding {

    /** What it is about, in a word or two. */
    String title();

    /** What was found. */
    List<String> lines();

    /** What is wrong, in a few words; null if nothing is. */
    @Nullable
    String fault();
}
