package io.clb.l7;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** What a rule or a listener answers by itself. Immutable; made by control, read by any loop. */
interface RuleAnswer {

    /** The status. */
    int status();

    /** Whether it can be given only to a request that says which host it is for. */
    boolean needsHost();

    /**
     * The bytes of the answer.
     *
     * @param request what is answered
     * @param keep whether the connection goes on
     */
    ByteBuf write(ByteBufAllocator allocator, HttpRequest request, boolean keep);
}
