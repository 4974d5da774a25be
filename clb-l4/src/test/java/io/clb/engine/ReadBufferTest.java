package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.l4.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The memory that a loop reads into. */
@ExtendWith(LeakCheck.class)
final class ReadBufferTest {

    private final ReadBuffer buffer = new ReadBuffer(PooledByteBufAllocator.DEFAULT, 4_096);

    @Test
    void isTheSameAgainWhenNobodyHoldsAnythingOfIt() {
        ByteBuf first = buffer.take(3_000);
        assertThat(first.writableBytes()).isEqualTo(3_000);
        assertThat(first.isReadable()).isFalse();
        first.writeLong(1);
        first.release();
        ByteBuf second = buffer.take(1_000);
        assertThat(second).isSameAs(first);
        assertThat(second.writableBytes()).isEqualTo(1_000);
        assertThat(second.isReadable()).isFalse();
        second.release();
        buffer.close();
        assertThat(second.refCnt()).isZero();
    }

    @Test
    void isAnotherWhileSomebodyDoes() {
        ByteBuf first = buffer.take(2_000);
        first.writeLong(1);
        ByteBuf held = first.readRetainedSlice(Long.BYTES);
        first.release();
        ByteBuf second = buffer.take(2_000);
        assertThat(second).isNotSameAs(first);
        second.writeLong(2);
        assertThat(held.readLong()).isEqualTo(1);
        held.release();
        assertThat(first.refCnt()).isZero();
        second.release();
        buffer.close();
        assertThat(second.refCnt()).isZero();
    }

    @Test
    void keepsNothingOnceItIsClosed() {
        buffer.take(1_000).release();
        buffer.close();
        ByteBuf late = buffer.take(4_096);
        assertThat(late.refCnt()).isEqualTo(1);
        late.release();
        buffer.close();
    }
}
