/**
 * What the smallest pieces cost. In the root directory: {@code mvn -q -Pjmh -Djmh.args="PickBenchmark"}; JMH's own options go
 * there too, such as {@code -p servers=10000 -p scheduler=wrr -f 1}.
 */
@NullMarked
package io.clb.bench.micro;

import org.jspecify.annotations.NullMarked;
