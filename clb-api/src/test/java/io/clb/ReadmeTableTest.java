package io.clb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ReadmeTableTest {

    private static final Path README = Path.of("..", "README.md");
    private static final String BEGIN = "<!-- settings -->\n";
    private static final String END = "\n<!-- /settings -->";

    @Test
    void hasEverySettingAsItIsDeclared() throws IOException {
        String expected = BEGIN + OptionsTable.markdown() + END;
        assertThat(Files.readString(README).contains(expected))
                .as("README.md should contain exactly this:%n%s", expected)
                .isTrue();
    }
}
