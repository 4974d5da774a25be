package io.clb.engine;

import java.util.Locale;

/** Which way payload goes. */
public enum Direction {
    /** From clients to servers. */
    FROM_CLIENTS,
    /** From servers to clients. */
    TO_CLIENTS;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
