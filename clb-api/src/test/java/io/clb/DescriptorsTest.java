package io.clb;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many associations fit into the descriptors of a process. In processes with few of them: clb-l4's AssociationCapTest. */
class DescriptorsTest {

    @ParameterizedTest
    @CsvSource({
        "1048576, 8192",
        "32768, 8192",
        "32767, 8191",
        "1024, 256",
        "4, 1",
        "0, 1",
        "-1, 1",
        "9223372036854775807, 8192"
    })
    void areAQuarterForAssociations(long limit, int associations) {
        assertThat(Descriptors.share(8_192, limit)).isEqualTo(associations);
    }
}
