package io.clb;

import org.jspecify.annotations.Nullable;

/** What a rule answers by itself: a redirect, a response, or nothing. */
record Answer(@Nullable Redirect redirect, @Nullable FixedResponse response) {

    static final Answer NONE = new Answer(null, null);

    boolean isSet() {
        return redirect != null || response != null;
    }

    void check(String where, Mistakes mistakes) {
        if (redirect != null) {
            redirect.check(where, mistakes);
        }
        if (response != null) {
            response.check(where, mistakes);
        }
    }
}
