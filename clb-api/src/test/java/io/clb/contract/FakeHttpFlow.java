package io.clb.contract;

import static java.util.Objects.requireNonNull;

import io.clb.spi.HttpFlow;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request without a connection: {@code GET /} for the host {@code fake.test}, with the cookies of its client, and otherwise as {@link FakeFlow}
 * has it. For one thread at a time.
 */
public class FakeHttpFlow extends FakeFlow implements HttpFlow {

    private final Map<String, String> cookies;

    /** Makes the first request of a new client. */
    public FakeHttpFlow() {
        this(new HashMap<>());
    }

    /**
     * Makes a request of a client.
     *
     * @param cookies what the client has by now, by name; {@link #receive} adds to it
     */
    public FakeHttpFlow(Map<String, String> cookies) {
        this.cookies = requireNonNull(cookies, "cookies");
    }

    /**
     * Gives the client a cookie.
     *
     * @param name its name
     * @param value its value, anything
     * @return this
     */
    public FakeHttpFlow with(String name, String value) {
        cookies.put(requireNonNull(name, "name"), requireNonNull(value, "value"));
        return this;
    }

    /**
     * Lets the client keep the cookie of a response, whatever its attributes.
     *
     * @param setCookie the value of a {@code Set-Cookie} field
     * @return this
     */
    public FakeHttpFlow receive(String setCookie) {
        String pair = setCookie.split(";", 2)[0];
        int equals = pair.indexOf('=');
        return with(pair.substring(0, equals), pair.substring(equals + 1));
    }

    @Override
    public CharSequence method() {
        return "GET";
    }

    @Override
    public CharSequence path() {
        return "/";
    }

    @Override
    public @Nullable CharSequence query() {
        return null;
    }

    @Override
    public @Nullable CharSequence host() {
        return "fake.test";
    }

    @Override
    public @Nullable CharSequence header(String lowerCaseName) {
        return lowerCaseName.equals("host") ? host() : null;
    }

    @Override
    public @Nullable CharSequence cookie(String name) {
        return cookies.get(name);
    }
}
