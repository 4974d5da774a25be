package io.clb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the snapshot's views find by name. */
class SnapshotTest {

    private static final Snapshot SNAPSHOT = view(
            Snapshot.class,
            Map.of(
                    "listeners",
                            List.of(view(
                                    Snapshot.Listener.class,
                                    Map.of(
                                            "name",
                                            "front",
                                            "rules",
                                            List.of(view(Snapshot.Rule.class, Map.of("name", "api")))))),
                    "serverGroups",
                            List.of(view(
                                    Snapshot.ServerGroup.class,
                                    Map.of(
                                            "name",
                                            "web",
                                            "servers",
                                            List.of(view(Snapshot.Server.class, Map.of("id", "10.0.0.1:80"))))))));

    @Test
    void findsPartsByName() {
        assertThat(SNAPSHOT.listener("front").name()).isEqualTo("front");
        assertThat(SNAPSHOT.listener("front").rule("api").name()).isEqualTo("api");
        assertThat(SNAPSHOT.serverGroup("web").name()).isEqualTo("web");
        assertThat(SNAPSHOT.serverGroup("web").server("10.0.0.1:80").id()).isEqualTo("10.0.0.1:80");
    }

    @Test
    void listsWhatThereIsWhenANameIsUnknown() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SNAPSHOT.listener("back"))
                .withMessage("listener: back (expected: one of [front])");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SNAPSHOT.listener("front").rule("old"))
                .withMessage("rule: old (expected: one of [api])");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SNAPSHOT.serverGroup("db"))
                .withMessage("serverGroup: db (expected: one of [web])");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SNAPSHOT.serverGroup("web").server("10.0.0.2:80"))
                .withMessage("server: 10.0.0.2:80 (expected: one of [10.0.0.1:80])");
    }

    /** An instance of an interface that knows some values, and runs the interface's own default methods. */
    private static <T> T view(Class<T> type, Map<String, Object> values) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> method.isDefault()
                        ? InvocationHandler.invokeDefault(proxy, method, arguments)
                        : values.get(method.getName())));
    }
}
