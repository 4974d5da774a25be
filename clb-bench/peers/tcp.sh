#!/usr/bin/env bash
# CPU time of a TCP relay, for each request and for each GiB: this library beside nginx and HAProxy, in turn, on one machine.
#
#   Debian: apt-get install nginx-light libnginx-mod-stream haproxy wrk
#   mvn -q -Ppeers [-Dpeers.args="ROUNDS SECONDS"]
#
# Environment: SCENARIOS ("small large connect"), CLB_TRANSPORT (epoll), CLB_JVM (flags).
#
# The relays share processor 1, one at a time under load; wrk and the server (nginx, static answers) share processor 0. Each round loads every relay in a
# rotating order. Printed: CPU time of the relay's process, all threads, from /proc; then the median over the rounds of its ratio to nginx in the same round.
# Everything is on loopback, is bounded in time and ends with the script.
set -euo pipefail

class_path=$1
rounds=${2:-6}
seconds=${3:-5}
work=$(mktemp -d)
pids=()
stop() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap stop EXIT

port_server=18800
declare -A port=([clb]=18801 [nginx]=18802 [haproxy]=18803 [haproxy-splice]=18804)
module=$(find /usr/lib/nginx/modules /usr/share/nginx/modules -name ngx_stream_module.so 2>/dev/null | head -n 1)
mkdir -p "$work/www"
head -c 1048576 /dev/urandom > "$work/www/large"
head -c 128 /dev/zero | tr '\0' 'x' > "$work/www/small"

cat > "$work/server.conf" <<CONF
user root; worker_processes 1; daemon off; error_log stderr crit; pid $work/server.pid;
events { worker_connections 4096; }
http { access_log off; sendfile off; output_buffers 2 256k; keepalive_requests 1000000000;
  server { listen 127.0.0.1:$port_server reuseport backlog=4096; root $work/www; } }
CONF
cat > "$work/nginx.conf" <<CONF
${module:+load_module $module;}
worker_processes 1; daemon off; error_log stderr crit; pid $work/nginx.pid;
events { worker_connections 4096; }
stream { server { listen 127.0.0.1:${port[nginx]} backlog=4096; tcp_nodelay on; proxy_pass 127.0.0.1:$port_server; } }
CONF
haproxy_conf() { # file, port, extra option
    cat > "$1" <<CONF
global
  nbthread 1
  maxconn 2048
defaults
  mode tcp
  timeout connect 5s
  timeout client 900s
  timeout server 900s
  $3
frontend f
  bind 127.0.0.1:$2 backlog 4096
  default_backend b
backend b
  server s 127.0.0.1:$port_server
CONF
}
haproxy_conf "$work/haproxy.cfg" "${port[haproxy]}" ""
haproxy_conf "$work/splice.cfg" "${port[haproxy-splice]}" "option splice-auto"

declare -A pid
run() { # processor, name, command...
    local processor=$1 name=$2
    shift 2
    taskset -c "$processor" "$@" > "$work/$name.out" 2>&1 &
    pid[$name]=$!
    pids+=("$!")
}
run 0 server nginx -c "$work/server.conf"
run 1 nginx nginx -c "$work/nginx.conf"
run 1 haproxy haproxy -db -f "$work/haproxy.cfg"
run 1 haproxy-splice haproxy -db -f "$work/splice.cfg"
run 1 clb java ${CLB_JVM:--Xms512m -Xmx512m -XX:+UseSerialGC} -cp "$class_path" io.clb.bench.peers.Relay \
    --port "${port[clb]}" --server "127.0.0.1:$port_server" --transport "${CLB_TRANSPORT:-epoll}"

relays=(clb nginx haproxy haproxy-splice)
for relay in "${relays[@]}"; do
    for _ in $(seq 100); do
        (exec 3<> "/dev/tcp/127.0.0.1/${port[$relay]}") 2>/dev/null && break
        kill -0 "${pid[$relay]}" 2>/dev/null || { cat "$work/$relay.out" >&2; exit 1; }
        sleep 0.1
    done
done

ticks() { # CPU time of a process, its threads and its children (nginx's worker), in clock ticks
    local sum=0 process
    for process in "$1" $(pgrep -P "$1" || true); do
        sum=$((sum + $(sed 's/.*) //' "/proc/$process/stat" | awk '{print $12 + $13}')))
    done
    echo "$sum"
}
hertz=$(getconf CLK_TCK)

load() { # relay, scenario, seconds -> "cpu_us_per_request requests"
    local relay=$1 scenario=$2 time=$3 path=small connections=64 extra=()
    case $scenario in
        small) ;;
        large) path=large connections=16 ;;
        connect) extra=(-H "Connection: close") ;;
    esac
    local before after out requests
    before=$(ticks "${pid[$relay]}")
    out=$(taskset -c 0 wrk -t1 -c"$connections" -d"${time}s" "${extra[@]}" "http://127.0.0.1:${port[$relay]}/$path")
    after=$(ticks "${pid[$relay]}")
    grep -q "Non-2xx" <<< "$out" && { echo "$relay: $out" >&2; exit 1; }
    requests=$(awk '/requests in/ {print $1}' <<< "$out")
    awk -v t=$((after - before)) -v hz="$hertz" -v n="$requests" 'BEGIN { printf "%.3f %d\n", t / hz * 1e6 / n, n }'
}

echo "machine: $(nproc) processors, $(uname -sr), $(java -version 2>&1 | head -n 1)"
echo "peers: $(nginx -v 2>&1), $(haproxy -v | head -n 1 | cut -d' ' -f1-3); transport ${CLB_TRANSPORT:-epoll}, flags ${CLB_JVM:-default}"
echo "congestion control: $(cat /proc/sys/net/ipv4/tcp_congestion_control)"
for scenario in ${SCENARIOS:-small large connect}; do
    for relay in "${relays[@]}"; do
        warm=3
        [ "$relay" = clb ] && warm=12
        load "$relay" "$scenario" "$warm" > /dev/null
    done
    : > "$work/figures"
    for round in $(seq "$rounds"); do
        for i in "${!relays[@]}"; do
            relay=${relays[$(((i + round) % ${#relays[@]}))]}
            echo "$round $relay $(load "$relay" "$scenario" "$seconds")" >> "$work/figures"
        done
    done
    awk -v scenario="$scenario" -v order="${relays[*]}" '
        { cpu[$1, $2] = $3; seen[$1] = 1 }
        function median(values, n,    i, j, t) {
            for (i = 1; i < n; i++) for (j = i + 1; j <= n; j++) if (values[j] < values[i]) { t = values[i]; values[i] = values[j]; values[j] = t }
            return n % 2 ? values[(n + 1) / 2] : (values[n / 2] + values[n / 2 + 1]) / 2
        }
        END {
            k = split(order, names, " ")
            for (x = 1; x <= k; x++) {
                n = 0
                for (round in seen) { n++; figure[n] = cpu[round, names[x]]; ratio[n] = cpu[round, names[x]] / cpu[round, "nginx"] }
                us = median(figure, n); r = median(ratio, n)
                printf "%-8s %-15s %10.2f us/request   x nginx %.2f (%.2f - %.2f)\n", scenario, names[x], us, r, ratio[1], ratio[n]
            }
        }' "$work/figures"
done
