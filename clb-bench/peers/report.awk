# One line for each relay of a scenario. Reads lines of "round relay us requests_per_second": CPU time of a request, or its 99th percentile.
# Wants: scenario, figure ("CPU" or "p99"), order (relays), size (bytes of a body), base: what ratios are to, "nginx" or another relay or, for relays named NAME-3 and NAME-1000, "3 servers".

function median(values, n,    i, j, swap) {
    for (i = 1; i < n; i++)
        for (j = i + 1; j <= n; j++)
            if (values[j] < values[i]) { swap = values[i]; values[i] = values[j]; values[j] = swap }
    return n % 2 ? values[(n + 1) / 2] : (values[n / 2] + values[n / 2 + 1]) / 2
}

# Median, lowest and highest of a relay's ratio to another, over the rounds that have both.
function ratios(figures, relay,    other, round, n, all, middle) {
    other = base
    if (base == "3 servers") { other = relay; sub(/-1000$/, "-3", other) }
    for (round = 1; round <= rounds; round++)
        if ((round, relay) in figures && (round, other) in figures) all[++n] = figures[round, relay] / figures[round, other]
    if (!n) return "-"
    middle = median(all, n)
    return sprintf("%.2f (%.2f-%.2f)", middle, all[1], all[n])
}

{
    cpu[$1, $2] = $3
    rate[$1, $2] = $4
    if ($1 > rounds) rounds = $1
}

END {
    format = "%-15s %-15s %6s %10s %9s %10s %9s   %-18s %s\n"
    printf format, "scenario", "relay", "rounds", (figure == "CPU" ? "us/request" : "us " figure), "ns/byte", "requests/s", "MiB/s", figure " x " base, "throughput x " base
    count = split(order, relays, " ")
    for (r = 1; r <= count; r++) {
        relay = relays[r]
        n = 0
        for (round = 1; round <= rounds; round++)
            if ((round, relay) in cpu) { us[++n] = cpu[round, relay]; perSecond[n] = rate[round, relay] }
        if (!n) {
            printf format, scenario, relay, 0, "-", "-", "-", "-", "-", "-"
            continue
        }
        time = median(us, n)
        requests = median(perSecond, n)
        printf format, scenario, relay, n, sprintf("%.2f", time), (figure == "CPU" ? sprintf("%.3f", time * 1000 / size) : "-"), sprintf("%.0f", requests),
            sprintf("%.1f", requests * size / 1048576), ratios(cpu, relay), ratios(rate, relay)
    }
    print ""
}
