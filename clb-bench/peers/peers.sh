#!/usr/bin/env bash
# This library beside nginx and HAProxy: CPU time for each request and each byte, and throughput, on one machine.
#
#   Debian: apt-get install nginx-light libnginx-mod-stream haproxy wrk gcc
#   mvn -q -Ppeers [-Dpeers.args="ROUNDS SECONDS"]          5 rounds of 5 s if not said
#
# Environment: SCENARIOS (the first list below), ACCESS_LOG (on; off for HTTP without), CLB_TRANSPORT (epoll), CLB_JVM (flags), WARM (12 s for ours). wrk must be there; a peer that is not is named and left out.
#
#   http-128      HTTP/1.1 keep-alive, 128 bytes, 64 connections
#   http-16k      HTTP/1.1 keep-alive, 16 KiB, 64 connections; nginx and HAProxy with larger buffers too
#   tcp-request   TCP relays: 128 bytes, 64 connections
#   tcp-bulk      TCP relays: 1 MiB, 16 connections; HAProxy with splice too
#   tcp-connect   TCP relays: 128 bytes, 64 connections, a new one for each request
#   tcp-stream    TCP relays: 64 MiB, one connection; HAProxy with splice too
#   tcp-latency   TCP relays: 128 bytes, 64 connections, requests at random times (open.c), half as many as the slowest relay can serve: p99 in place of CPU time
#   udp-echo      UDP relays: 64 bytes, 64 clients, one datagram under way for each (udp.c)
#   udp-burst     UDP relays: 64 bytes, 16 clients, 16 datagrams under way for each
#
# And, only where SCENARIOS names them:
#
#   http-512      as http-128, 512 connections
#   http-1m       HTTP/1.1 keep-alive, 1 MiB, 16 connections; nginx and HAProxy with larger buffers too
#   http-close    as http-128, with a new connection to the server for each request
#   http-latency  as tcp-latency, for HTTP
#   http-java     as http-128, beside proxies of Java libraries (clb-peers): Undertow, Vert.x, Jetty, Reactor Netty
#   http-java-16k as http-java, 16 KiB
#   prices        as http-128, ours alone: with a rule, a filter, a copy of each request to the server (mirror), and with other access logs
#
# Likewise, each relay with 3 servers and with 1,000 (one server with so many addresses of loopback), compared with itself:
#
#   servers-http     as http-128
#   servers-tcp      as tcp-request
#   servers-connect  as tcp-connect
#   servers-rules    as http-128, ours with one rule and 3 servers, and with 10,000 rules and 1,000 servers; requests go through 10,000 hosts in turn (hosts.lua)
#
# There clients come from 4,096 addresses in turn (sources.c), so that sch has something to hash; relays go round robin, ours with each scheduler in its name.
#
# The relays share processor 1 and are loaded one at a time; wrk and the server (nginx with files) share processor 0. Round 1 goes A B C, round 2 B C A, and so
# on. CPU time is that of the relay's process and its workers, all threads, JIT and GC too (utime + stime). Work is equal: the same added fields, for
# HTTP an access log of the same fields in a file, connections kept on both sides (but in tcp-connect and http-close); before loading, each relay must give the right
# answer, and for HTTP hand on the right fields. Figures with
# a response other than 2xx or with socket errors are refused.
#
# Everything is on 127.0.0.1, on fixed ports 18800 to 18819, which must be free; it is bounded in time and ends with the script.
set -euo pipefail

class_path=$1
rounds=${2:-5}
seconds=${3:-5}
usual="http-128 http-16k tcp-request tcp-bulk tcp-stream tcp-connect tcp-latency udp-echo udp-burst"
known="$usual http-512 http-1m http-close http-latency http-java http-java-16k prices servers-http servers-tcp servers-connect servers-rules"
scenarios=${SCENARIOS:-$usual}
access_log=${ACCESS_LOG:-on}
transport=${CLB_TRANSPORT:-epoll}
jvm=${CLB_JVM:--Xms512m -Xmx512m -XX:+UseSerialGC}
packages="apt-get install nginx-light libnginx-mod-stream haproxy wrk gcc"
here=$(cd "$(dirname "$0")" && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
hertz=$(getconf CLK_TCK)
warm_clb=${WARM:-12} # seconds, before the first round of a scenario: the JIT needs them
warm_others=3
server_port=18800
declare -A port=([clb]=18801 [nginx]=18802 [haproxy]=18803 [nginx-64k]=18804 [haproxy-64k]=18805 [haproxy-splice]=18804
    [floor-64k]=18805 [floor-256k]=18806 [floor-1m]=18807 [floor]=18804 [floor-mmsg]=18805 [floor-gso]=18806
    [clb-wrr-3]=18808 [clb-wrr-1000]=18809 [clb-p2c-3]=18810 [clb-p2c-1000]=18811 [clb-sch-3]=18812 [clb-sch-1000]=18813
    [clb-no-log]=18808 [clb-default-log]=18809 [clb-rtt]=18810 [clb-rule]=18811 [clb-filter]=18812 [clb-mirror]=18813
    [undertow]=18808 [vertx]=18809 [jetty]=18810 [reactor-netty]=18811
    [nginx-rr-3]=18814 [nginx-rr-1000]=18815 [haproxy-rr-3]=18816 [haproxy-rr-1000]=18817)
settings="\
clb             one event loop on $transport, java $jvm; HTTP: maxRequestsPerConnection(1_000_000)
nginx           one worker; HTTP: 128 connections to the server kept, keepalive_requests 1000000000 on both sides
nginx-64k       as nginx, and proxy_buffer_size 64k, proxy_buffers 8 64k, proxy_busy_buffers_size 128k
haproxy         nbthread 1; HTTP: option http-keep-alive, http-reuse always
haproxy-64k     as haproxy, and tune.bufsize 65536, option splice-response
haproxy-splice  as haproxy, and option splice-auto
undertow        Undertow's LoadBalancingProxyClient, and so on, in clb-peers; java as ours; one I/O thread, the JDK's selectors; it sets X-Forwarded-Host, -Server
                and -Port too, which cannot be turned off; this and the next three: up to 1024 connections to the server
vertx           vertx-http-proxy, one event loop on epoll
jetty           ProxyHandler.Reverse, one selector for clients and one for the server, the JDK's; both call what does not block themselves
reactor-netty   HttpServer and HttpClient, one event loop on epoll
access log      $access_log; HTTP: what nginx calls combined; nginx: buffer=64k flush=1s; HAProxy: to stdout, which is a file;
                Java: the library's own (Vert.x: Vert.x Web's LoggerHandler), combined, reactor-netty: common and a duration; vertx and reactor-netty through Logback
*-3, *-1000     as without that, and so many addresses of one server; no health checks; nginx with 2048 connections to servers kept
floor-*         floor.c, one thread, reads of 64 KiB, 256 KiB, 1 MiB
floor           udp.c, one thread, one datagram a call
floor-mmsg      the same, up to 16 datagrams a call
floor-gso       the same, and those of one client in a row sent as one (UDP_SEGMENT)"

die() { echo "peers: $*" >&2; exit 1; }
has() { command -v "$1" > /dev/null; }
left_out() { echo "left out: $*   ($packages)"; }

work=$(mktemp -d)
# %ST status, %B bytes to the client
haproxy_combined='http-request capture req.hdr(Referer) len 128\n    http-request capture req.hdr(User-Agent) len 128\n    log global\n    log-format "%ci - - [%t] %{+Q}r %ST %B %{+Q}[capture.req.hdr(0)] %{+Q}[capture.req.hdr(1)]"'
declare -A pid=()
stop() { # names; ends what this script started under these names, by force after 5 s
    local name
    for name in "$@"; do kill "${pid[$name]}" 2> /dev/null || true; done
    for name in "$@"; do
        timeout 5 tail --pid="${pid[$name]}" -f /dev/null || kill -KILL "${pid[$name]}" 2> /dev/null || true
        wait "${pid[$name]}" 2> /dev/null || true
        unset "pid[$name]"
    done
}
trap 'stop "${!pid[@]}"; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

must_be_free() { # port
    ! (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null || die "port $1 is taken; ports 18800 to 18819 must be free"
}
run() { # processor, name, port, command...; the kernel ends the command if this script dies first
    local processor=$1 name=$2
    must_be_free "$3"
    shift 3
    setpriv --pdeathsig TERM taskset -c "$processor" "$@" > "$work/$name.out" 2>&1 &
    pid[$name]=$!
}
fill() { # template, NAME=VALUE...
    local template=$1 pair edits=()
    shift
    for pair in "$@"; do edits+=(-e "s|@${pair%%=*}@|${pair#*=}|"); done
    sed "${edits[@]}" "$here/$template"
}
run_nginx() { # processor, name, port, template, NAME=VALUE...
    local processor=$1 name=$2 at=$3 template=$4
    shift 4
    mkdir -p "$work/$name"
    cp "$here/paths.conf" "$work/$name"
    fill "$template" "port=$at" "$@" > "$work/$name/nginx.conf"
    run "$processor" "$name" "$at" nginx -p "$work/$name/" -c nginx.conf
}
run_haproxy() { # name, template, NAME=VALUE...
    local name=$1 template=$2
    shift 2
    fill "$template" "port=${port[$name]}" "$@" > "$work/$name.cfg"
    run 1 "$name" "${port[$name]}" haproxy -db -f "$work/$name.cfg"
}
java_peers=(undertow vertx jetty reactor-netty)
java_class_path() { # clb-peers, which has a class path of its own; false if it was not built
    local target=$here/../../clb-peers/target
    [ -s "$target/classpath.txt" ] && [ -d "$target/classes" ] && echo "$target/classes:$(cat "$target/classpath.txt")"
}
run_java() { # one of java_peers
    local log=()
    [ "$access_log" != on ] || log=(--access-log "$work/$1.log")
    # shellcheck disable=SC2086 # flags are words
    run 1 "$1" "${port[$1]}" "$java" $jvm -cp "$(java_class_path)" io.clb.peers.JavaProxy --kind "$1" --port "${port[$1]}" \
        --server "127.0.0.1:$server_port" "${log[@]}"
}
warm() { # relay -> seconds; longer for other Java, which has more to compile
    if [[ " ${java_peers[*]} " == *" $1 "* ]]; then
        echo $((2 * warm_clb))
    else
        [[ $1 == clb* ]] && echo "$warm_clb" || echo "$warm_others"
    fi
}
addresses() { # how many: of the one server
    local i
    for ((i = 1; i <= $1; i++)); do echo "127.1.$((i / 256)).$((i % 256)):$server_port"; done
}
run_relay() { # name, http, tcp or udp
    local all=("127.0.0.1:$server_port") many=() number=0 nginx_servers haproxy_servers module kept=128
    if [[ $1 == *-3 || $1 == *-1000 ]]; then
        mapfile -t all < <(addresses "${1##*-}")
        many=(--addresses "${1##*-}" --scheduler "$(cut -d- -f2 <<< "$1")")
        kept=2048
    fi
    [ "$scenario" != http-512 ] || kept=1024
    local nginx_kept="kept=keepalive $kept; keepalive_requests 1000000000;" nginx_connection="connection=" nginx_log="log=off"
    local haproxy_kept="kept=option http-keep-alive\\n    http-reuse always" haproxy_log=(log= log-format=)
    if [ "$scenario" = http-close ]; then
        nginx_kept="kept=" nginx_connection="connection=close"
        haproxy_kept="kept=option http-server-close\\n    http-reuse never"
    fi
    if [ "$access_log" = on ]; then
        nginx_log="log=$work/$1.log combined buffer=64k flush=1s"
        haproxy_log=("log=log stdout format raw local0 info" "log-format=$haproxy_combined")
    fi
    nginx_servers="servers=$(printf 'server %s; ' "${all[@]}")"
    haproxy_servers="servers=$(for server_at in "${all[@]}"; do printf '\\n    server s%s %s' $((++number)) "$server_at"; done)"
    module="module=${stream_module:+load_module $stream_module;}"
    case $1-$2 in
        clb-*)
            local protocol=()
            [ "$2" = tcp ] || protocol=("--$2")
            [ "$2" != http ] || [ "$access_log" != on ] || [ "$1" = clb-no-log ] || protocol+=(--access-log "$work/$1.log")
            [ "$scenario" != http-close ] || protocol+=(--close-upstream)
            case $scenario-$1 in
                prices-clb-default-log) protocol+=(--log-format default) ;;
                prices-clb-rtt) protocol+=(--log-format rtt) ;;
                prices-clb-rule) protocol+=(--rules 1) ;;
                prices-clb-mirror) protocol+=(--rules 1 --mirror) ;;
                prices-clb-filter) protocol+=(--filter) ;;
                servers-rules-*-3) protocol+=(--rules 1) ;;
                servers-rules-*-1000) protocol+=(--rules 10000) ;;
            esac
            # shellcheck disable=SC2086 # flags are words
            run 1 "$1" "${port[$1]}" "$java" $jvm -cp "$class_path" io.clb.bench.peers.Relay --port "${port[$1]}" \
                --server "127.0.0.1:$server_port" --transport "$transport" "${many[@]}" "${protocol[@]}"
            ;;
        nginx-64k-http)
            run_nginx 1 nginx-64k "${port[nginx-64k]}" nginx-http.conf "$nginx_servers" "$nginx_kept" "$nginx_connection" "$nginx_log" \
                "tuning=proxy_buffer_size 64k; proxy_buffers 8 64k; proxy_busy_buffers_size 128k;"
            ;;
        nginx-*http) run_nginx 1 "$1" "${port[$1]}" nginx-http.conf "$nginx_servers" "$nginx_kept" "$nginx_connection" "$nginx_log" tuning= ;;
        nginx-udp) run_nginx 1 "$1" "${port[$1]}" nginx-udp.conf "$nginx_servers" "$module" ;;
        nginx-*tcp) run_nginx 1 "$1" "${port[$1]}" nginx-tcp.conf "$nginx_servers" "$module" ;;
        haproxy-64k-http)
            run_haproxy haproxy-64k haproxy-http.cfg "$haproxy_servers" "$haproxy_kept" "${haproxy_log[@]}" "buffers=tune.bufsize 65536" \
                "splice=option splice-response"
            ;;
        haproxy-splice-tcp) run_haproxy haproxy-splice haproxy-tcp.cfg "$haproxy_servers" "splice=option splice-auto" ;;
        haproxy-*http) run_haproxy "$1" haproxy-http.cfg "$haproxy_servers" "$haproxy_kept" "${haproxy_log[@]}" buffers= splice= ;;
        haproxy-*tcp) run_haproxy "$1" haproxy-tcp.cfg "$haproxy_servers" splice= ;;
        undertow-http | vertx-http | jetty-http | reactor-netty-http) run_java "$1" ;;
        floor-*-tcp)
            local -A bytes=([floor-64k]=65536 [floor-256k]=262144 [floor-1m]=1048576)
            run 1 "$1" "${port[$1]}" "$work/floor" "${port[$1]}" "$server_port" "${bytes[$1]}"
            ;;
        floor-udp) run 1 "$1" "${port[$1]}" "$work/udp" relay "${port[$1]}" "$server_port" ;;
        floor-*-udp) run 1 "$1" "${port[$1]}" "$work/udp" relay "${port[$1]}" "$server_port" "${1#floor-}" ;;
    esac
}
await() { # name, port, protocol
    for _ in $(seq 100); do
        if [ "$3" = udp ]; then
            ! "$work/udp" load "$2" 1 1 64 0.1 | grep -q "^[1-9]" || return 0
        else
            (exec 3<> "/dev/tcp/127.0.0.1/$2") 2> /dev/null && return
        fi
        kill -0 "${pid[$1]}" 2> /dev/null || break
        sleep 0.1
    done
    cat "$work/$1.out" >&2
    die "$1 does not listen on port $2"
}

get() { # port, path; the whole response into the file "answer"
    exec 3<> "/dev/tcp/127.0.0.1/$1"
    printf 'GET /%s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n' "$2" "$1" >&3
    timeout 10 cat <&3 > "$work/answer" || die "port $1 gives no whole answer to /$2 in 10 s"
    exec 3>&-
}
check() { # relay, http, tcp or udp, path: the server's own bytes, and for HTTP the fields of equal work; datagrams are looked at under load
    local size seen expected
    [ "$2" != udp ] || return 0
    size=$(stat -c %s "$work/server/www/$3")
    get "${port[$1]}" "$3"
    head -n 1 "$work/answer" | grep -q '^HTTP/1.1 200' || die "$1 answers: $(head -n 1 "$work/answer")"
    grep -aiq "^content-length: $size"$'\r$' "$work/answer" || die "$1 does not say $size bytes"
    tail -c "$size" "$work/answer" | cmp -s - "$work/server/www/$3" || die "$1 does not give the bytes of /$3"
    [ "$2" = http ] && [ "$server" = nginx ] || return 0
    get "${port[$1]}" seen
    seen=$(tail -n 1 "$work/answer")
    expected="127.0.0.1|http|1.1 clb|127.0.0.1:${port[$1]}"
    [ "${seen%|*}" = "$expected" ] || die "$1 hands on: $seen (expected: $expected)"
    if [ "$scenario" = http-close ]; then
        [ "${seen##*|}" = 1 ] || die "$1 keeps its connections to the server"
    else
        [[ $1 == *-3 || $1 == *-1000 ]] || [ "${seen##*|}" -gt 1 ] || die "$1 does not keep its connections to the server"
    fi
}
check_log() { # relay, path: under load, a line for each response, of its status and the bytes of its body
    local log=$work/$1.log wanted="200 $(stat -c %s "$work/server/www/$2")"
    [[ $1 != haproxy* ]] || log=$work/$1.out wanted="200 [0-9]*" # the bytes of the head too
    for _ in $(seq 30); do
        ! grep -q "GET /$2 HTTP/1.1\"* $wanted " "$log" || return 0
        sleep 0.1
    done
    die "$1 logs: $(tail -n 1 "$log")"
}

ticks() { # CPU time of a process, its threads and its children (nginx's worker), in clock ticks
    local sum=0 process
    for process in "$1" $(pgrep -P "$1" || true); do
        sum=$((sum + $(sed 's/.*) //' "/proc/$process/stat" | awk '{print $12 + $13}')))
    done
    echo "$sum"
}
load() { # relay, path, connections, seconds, open or closed -> "cpu_us_per_request requests_per_second", or with an open loop "p99_us ..."; false if the figures are refused
    local relay=$1 path=$2 connections=$3 time=$4 loop=$5 to=${port[$1]} extra=() command before after out
    [[ $scenario != *-connect ]] || extra=(-H "Connection: close")
    [ "$scenario" != servers-rules ] || extra=(-s "$here/hosts.lua")
    case $scenario-$loop in
        udp-echo-*) command=("$work/udp" load "$to" "$connections" 1 64 "$time") ;;
        udp-burst-*) command=("$work/udp" load "$to" "$connections" 16 64 "$time") ;;
        *-latency-open) command=("${urgent[@]}" "$work/open" "$to" "$connections" "$rate" "$time") ;;
        *) command=(wrk -t1 "-c$connections" "-d${time}s" "${extra[@]}" "http://127.0.0.1:$to/$path") ;;
    esac
    before=$(ticks "${pid[$relay]}")
    out=$(LD_PRELOAD=$preload timeout -k 5 $((time + 30)) taskset -c 0 "${command[@]}") || die "${command[0]} failed on $relay: $out"
    after=$(ticks "${pid[$relay]}")
    if grep -E "Non-2xx|Socket errors" <<< "$out" > "$work/errors" || ! grep -q "[1-9][0-9]* requests in" <<< "$out"; then
        echo "REFUSED: $scenario, $relay: $(tr -s ' \n' ' ' < "$work/errors")" >&2
        return 1
    fi
    awk -v ticks=$((after - before)) -v hertz="$hertz" '/ requests in / { n = $1 } /^Requests\/sec/ { rate = $2 } /^p50/ { p99 = $4 }
        END { printf "%.3f %.1f\n", p99 ? p99 : ticks / hertz * 1e6 / n, rate }' <<< "$out"
}

at_once() { # has the server and the load, which share a processor, run when they have something to do, so that it is the relay that is measured; if it may
    local process
    chrt -f 1 true 2> /dev/null || return 0
    urgent=(chrt -f 1)
    for process in "${pid[server]}" $(pgrep -P "${pid[server]}"); do chrt -f -p 1 "$process"; done
}

half_of_slowest() { # path, connections, relays... -> requests per second
    local path=$1 connections=$2 relay
    shift 2
    for relay in "$@"; do load "$relay" "$path" "$connections" "$seconds" closed; done | awk 'NR == 1 || $2 < least { least = $2 } END { printf "%.0f\n", least / 2 }'
}

measure() { # http, tcp or udp, path, connections, relays...; for $scenario
    local mode=$1 path=$2 connections=$3 relays=() relay round i line rate=0
    shift 3
    for relay in "$@"; do [[ " ${missing[$mode]} " == *" ${relay%%-*} "* ]] || relays+=("$relay"); done
    for relay in "${relays[@]}"; do
        run_relay "$relay" "$mode"
        await "$relay" "${port[$relay]}" "$mode"
        check "$relay" "$mode" "$path"
    done
    for relay in "${relays[@]}"; do
        load "$relay" "$path" "$connections" "$(warm "$relay")" closed > /dev/null || true
        [ "$mode" != http ] || [ "$access_log" != on ] || [[ $relay == clb-no-log || $relay == clb-default-log ]] || check_log "$relay" "$path"
    done
    if [[ $scenario == *-latency ]]; then
        rate=$(half_of_slowest "$path" "$connections" "${relays[@]}")
        echo "$scenario: $rate requests/s"
        # The JIT compiles anew for a loop that waits between requests, and for what happens only where connections begin and end: so in loads as long as the rounds.
        for relay in "${relays[@]}"; do
            for ((i = $([[ $relay == clb* ]] && echo $((2 * warm_clb)) || echo "$warm_others"); i > 0; i -= seconds)); do
                load "$relay" "$path" "$connections" "$seconds" open > /dev/null || true
            done
        done
    fi
    : > "$work/figures"
    for ((round = 1; round <= rounds; round++)); do
        for i in "${!relays[@]}"; do
            relay=${relays[$(((i + round - 1) % ${#relays[@]}))]}
            if line=$(load "$relay" "$path" "$connections" "$seconds" open); then
                echo "$round $relay $line" >> "$work/figures"
            else
                refused=1
            fi
        done
    done
    awk -v scenario="$scenario" -v base="$base" -v figure="$figure" -v order="${relays[*]}" -v size="$(stat -c %s "$work/server/www/$path")" -f "$here/report.awk" "$work/figures"
    stop "${relays[@]}"
    rm -f "$work"/*.log
}

[[ $access_log == on || $access_log == off ]] || die "ACCESS_LOG=$access_log (expected: on or off)"
for scenario in $scenarios; do
    [[ " $known " == *" $scenario "* ]] || die "no such scenario: $scenario (expected: $known)"
done
has wrk || die "wrk is needed: $packages"
taskset -c 0 true && taskset -c 1 true || die "processors 0 and 1 are needed"
declare -A missing=([http]="" [tcp]="" [udp]=haproxy)
server=nginx
stream_module=$(find /usr/lib/nginx/modules /usr/share/nginx/modules -name ngx_stream_module.so 2> /dev/null | sed -n 1p || true)
if ! has nginx; then
    left_out "nginx is not installed; the server is the JDK's, and there is nothing to divide by"
    server=jdk
    missing=([http]=nginx [tcp]=nginx [udp]="nginx haproxy")
elif [ -z "$stream_module" ] && ! nginx -V 2>&1 | grep -E -- "--with-stream( |$)" > /dev/null; then
    left_out "nginx has no stream module: not in the TCP scenarios, which have nothing to divide by"
    missing[tcp]=nginx
    missing[udp]+=" nginx"
fi
if ! has haproxy; then
    left_out "HAProxy is not installed"
    missing[http]+=" haproxy"
    missing[tcp]+=" haproxy"
fi
if compiler=$(command -v cc || command -v gcc); then
    "$compiler" -O2 -o "$work/floor" "$here/floor.c"
    "$compiler" -O2 -o "$work/udp" "$here/udp.c"
    "$compiler" -O2 -o "$work/open" "$here/open.c" -lm
    "$compiler" -O2 -shared -fPIC -o "$work/sources.so" "$here/sources.c" -ldl
else
    left_out "there is no C compiler, so no floor for the TCP scenarios, no tcp-latency, no UDP, and clients have one address"
    missing[tcp]+=" floor"
fi
if [[ $scenarios == *http-java* ]] && ! java_class_path > /dev/null; then
    left_out "clb-peers is not built (mvn -q -Ppeers does it), so no Java proxies"
    missing[http]+=" ${java_peers[*]%%-*}"
fi

mkdir -p "$work/server/www"
head -c 128 /dev/zero | tr '\0' 'x' > "$work/server/www/128"
head -c 16384 /dev/urandom > "$work/server/www/16k"
head -c 1048576 /dev/urandom > "$work/server/www/1m"
head -c 67108864 /dev/urandom > "$work/server/www/64m"
head -c 64 /dev/zero > "$work/server/www/64" # the size of a datagram
[ "$(id -u)" != 0 ] || chmod 711 "$work" # nginx's workers are another user then
if [ "$server" = nginx ]; then
    address=127.0.0.1
    [[ $scenarios != *servers-* ]] || address=0.0.0.0
    run_nginx 0 server "$server_port" server.conf "address=$address"
else
    run 0 server "$server_port" "$java" -XX:+UseSerialGC -Dsun.net.httpserver.nodelay=true -cp "$class_path" io.clb.bench.peers.FileServer \
        --port "$server_port" --directory "$work/server/www"
fi
await server "$server_port" http

echo "machine: $(nproc) processors,$(grep -m 1 'model name' /proc/cpuinfo | cut -d: -f2); $(uname -sr); $("$java" -version 2>&1 | sed -n '2p')"
echo "congestion control: $(cat /proc/sys/net/ipv4/tcp_congestion_control); rounds: $rounds of $seconds s; server: $server; $(wrk -v 2>&1 | sed -n 1p | cut -d' ' -f1-2)"
! has nginx || nginx -v 2>&1
! has haproxy || haproxy -v | sed -n 1p
! has "${compiler:-none}" || "$compiler" --version | sed -n 1p
echo "$settings"
echo

refused=0
urgent=()
several=(clb-wrr-3 clb-wrr-1000 clb-p2c-3 clb-p2c-1000 clb-sch-3 clb-sch-1000 nginx-rr-3 nginx-rr-1000 haproxy-rr-3 haproxy-rr-1000)
for scenario in $scenarios; do
    base=nginx figure=CPU preload=
    if [[ $scenario == udp-* || $scenario == *-latency ]] && [ ! -e "$work/udp" ]; then
        left_out "$scenario, which needs a C compiler"
        continue
    fi
    if [[ $scenario == servers-* ]]; then
        [ "$server" = nginx ] || { left_out "$scenario, whose server is nginx"; continue; }
        base="3 servers"
        [ ! -e "$work/sources.so" ] || preload=$work/sources.so
    fi
    case $scenario in
        http-128) measure http 128 64 clb nginx haproxy ;;
        http-16k) measure http 16k 64 clb nginx haproxy nginx-64k haproxy-64k ;;
        http-512) measure http 128 512 clb nginx haproxy ;;
        http-1m) measure http 1m 16 clb nginx haproxy nginx-64k haproxy-64k ;;
        http-close) measure http 128 64 clb nginx haproxy ;;
        prices)
            base=clb
            measure http 128 64 clb clb-no-log clb-default-log clb-rtt clb-rule clb-filter clb-mirror
            ;;
        http-latency)
            base=haproxy figure=p99
            at_once
            measure http 128 64 clb nginx haproxy
            ;;
        http-java)
            base=clb
            measure http 128 64 clb "${java_peers[@]}"
            ;;
        http-java-16k)
            base=clb
            measure http 16k 64 clb "${java_peers[@]}"
            ;;
        tcp-request) measure tcp 128 64 clb nginx haproxy floor-256k ;;
        tcp-bulk) measure tcp 1m 16 clb nginx haproxy haproxy-splice floor-64k floor-256k floor-1m ;;
        tcp-connect) measure tcp 128 64 clb nginx haproxy floor-256k ;;
        tcp-stream) measure tcp 64m 1 clb nginx haproxy haproxy-splice floor-64k floor-256k floor-1m ;;
        tcp-latency)
            base=haproxy figure=p99
            at_once
            measure tcp 128 64 clb nginx haproxy floor-256k
            ;;
        udp-echo | udp-burst)
            run 0 echo 18819 "$work/udp" echo "$server_port"
            measure udp 64 "$([ "$scenario" = udp-echo ] && echo 64 || echo 16)" clb nginx floor floor-mmsg floor-gso
            stop echo
            ;;
        servers-http) measure http 128 64 "${several[@]}" ;;
        servers-rules) measure http 128 64 "${several[@]:0:6}" ;;
        servers-tcp | servers-connect) measure tcp 128 64 "${several[@]}" ;;
    esac
done
exit "$refused"
