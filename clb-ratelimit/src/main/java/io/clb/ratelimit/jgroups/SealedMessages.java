package io.clb.ratelimit.jgroups;

import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jgroups.BytesMessage;
import org.jgroups.Message;
import org.jgroups.stack.Protocol;
import org.jgroups.util.ByteArray;
import org.jgroups.util.FastArray;
import org.jgroups.util.MessageBatch;
import org.jgroups.util.Util;
import org.jspecify.annotations.Nullable;

/**
 * The protocol right above the sockets that lets nothing but encrypted messages through, those of the protocols above it too. A message is encrypted with all its headers,
 * and one that does not open is dropped and counted.
 *
 * <p>JGroups' own {@code SYM_ENCRYPT} encrypts what is in a message but not its headers, and takes a message with headers alone from anybody: those say who joins,
 * leaves and is suspected.
 */
final class SealedMessages extends Protocol {

    private final MessageCipher cipher;

    // written by JGroups' threads, read by any
    private final LongAdder rejected = new LongAdder();

    SealedMessages(MessageCipher cipher) {
        this.cipher = cipher;
    }

    /** How many messages did not open. */
    long rejected() {
        return rejected.sum();
    }

    @Override
    public @Nullable Object down(Message message) {
        try {
            if (message.getSrc() == null) {
                message.setSrc(local_addr);
            }
            ByteArray plain = Util.messageToBuffer(message);
            byte[] sealed = cipher.seal(plain.getArray(), plain.getOffset(), plain.getLength());
            return down_prot.down(new BytesMessage(message.getDest(), sealed)
                    .setSrc(message.getSrc())
                    .setFlag(message.getFlags(false), false)
                    .setFlag(message.getFlags(true), true));
        } catch (Exception e) {
            throw new IllegalStateException("a message cannot be encrypted: " + e.getMessage(), e);
        }
    }

    @Override
    public @Nullable Object up(Message message) {
        Message opened = open(message);
        return opened == null ? null : up_prot.up(opened);
    }

    @Override
    public void up(MessageBatch batch) {
        FastArray<Message>.FastIterator messages = (FastArray<Message>.FastIterator) batch.iterator();
        while (messages.hasNext()) {
            Message opened = open(messages.next());
            if (opened == null) {
                messages.remove();
            } else {
                messages.replace(opened);
            }
        }
        if (!batch.isEmpty()) {
            up_prot.up(batch);
        }
    }

    private @Nullable Message open(Message message) {
        Message opened = opened(message);
        // Who sent it, and whether to all, stands outside too, where protocols above read it for a batch: it must be
        // the same.
        boolean sound = opened != null
                && Objects.equals(opened.getSrc(), message.getSrc())
                && (opened.getDest() == null) == (message.getDest() == null);
        if (!sound) {
            rejected.increment();
            return null;
        }
        return opened;
    }

    private @Nullable Message opened(Message message) {
        if (!message.hasArray()) {
            return null;
        }
        byte[] plain = cipher.open(message.getArray(), message.getOffset(), message.getLength());
        if (plain == null) {
            return null;
        }
        try {
            return Util.messageFromBuffer(plain, 0, plain.length);
        } catch (Exception e) {
            return null; // of a node with another version of JGroups
        }
    }
}
