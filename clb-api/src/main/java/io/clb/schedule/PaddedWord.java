package io.clb.schedule;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** A long that several loops change, alone on its cache lines. Subclasses say what it means, and how it changes. */
abstract class PaddedWord extends PaddedWordTail {

    /** The word of an instance. */
    static final VarHandle WORD;

    static {
        try {
            WORD = MethodHandles.lookup().findVarHandle(PaddedWordItself.class, "word", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}

/** Keeps what the allocator places before the word off its line: 64 bytes, and the neighbour that the prefetcher takes along. */
@SuppressWarnings("unused")
class PaddedWordHead {
    private long p00;
    private long p01;
    private long p02;
    private long p03;
    private long p04;
    private long p05;
    private long p06;
    private long p07;
    private long p10;
    private long p11;
    private long p12;
    private long p13;
    private long p14;
    private long p15;
    private long p16;
}

/** The word itself. */
class PaddedWordItself extends PaddedWordHead {
    // how it is changed and read, and by whom: see the subclass
    long word;
}

/** Keeps what follows off the word's line. */
@SuppressWarnings("unused")
class PaddedWordTail extends PaddedWordItself {
    private long p00;
    private long p01;
    private long p02;
    private long p03;
    private long p04;
    private long p05;
    private long p06;
    private long p07;
    private long p10;
    private long p11;
    private long p12;
    private long p13;
    private long p14;
    private long p15;
    private long p16;
}
