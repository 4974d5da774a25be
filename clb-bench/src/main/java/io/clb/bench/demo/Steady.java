package io.clb.bench.demo;

/**
 * A phase in which nothing happened but traffic.
 *
 * @param name what was the case
 * @param shares how connections were dealt
 * @param homes who was answered by whom
 */
record Steady(String name, Shares shares, Homes.Phase homes) {}
