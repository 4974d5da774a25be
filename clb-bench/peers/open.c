/*
 * An open-loop load on 127.0.0.1: requests for a file of 128 bytes come at random times, at a given mean rate, whether those before were answered or not.
 *
 *   open PORT CONNECTIONS RATE SECONDS
 *
 * A request's latency counts from the time that it was to be sent, not from when a connection was free for it, so that no wait is left out ("coordinated omission").
 * Prints as wrk does: "N requests in", "Requests/sec", and "p50", "p99" and "p999" in microseconds; "Socket errors" if a connection failed, or one of
 * a hundred requests was never sent.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BODY = 128, MAX_ANSWER = 4096, MAX_EVENTS = 256, MAX_MICROS = 2000000 };

struct connection {
    int fd;
    double due;       /* when its request was to be sent */
    int got;          /* bytes of the answer so far */
    char answer[MAX_ANSWER];
    struct connection *next; /* of those that are free */
};

static const char request[] = "GET /128 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
static unsigned latencies[MAX_MICROS + 1];

static void fail(const char *what) {
    printf("Socket errors: ");
    fflush(stdout);
    perror(what);
    exit(1);
}

static double now_micros(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static void open_connection(struct connection *connection, int port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t) port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(connection->fd, (struct sockaddr *) &address, sizeof address) != 0) {
        fail("connect");
    }
}

/* Reads; true if the answer is whole. */
static bool answered(struct connection *connection) {
    ssize_t count = recv(connection->fd, connection->answer + connection->got, MAX_ANSWER - 1 - connection->got, MSG_DONTWAIT);
    if (count <= 0) {
        fail("recv");
    }
    connection->got += (int) count;
    connection->answer[connection->got] = 0;
    char *end = strstr(connection->answer, "\r\n\r\n");
    return end != NULL && connection->answer + connection->got >= end + 4 + BODY;
}

static double pause_micros(double rate) {
    return -log(1 - drand48()) * 1e6 / rate;
}

static long percentile(long total, double part) {
    long seen = 0;
    for (long micros = 0; micros < MAX_MICROS; micros++) {
        seen += latencies[micros];
        if (seen >= total * part) {
            return micros;
        }
    }
    return MAX_MICROS;
}

int main(int count, char **args) {
    if (count != 5 || atoi(args[2]) < 1 || atof(args[3]) <= 0) {
        fprintf(stderr, "usage: open PORT CONNECTIONS RATE SECONDS\n");
        return 2;
    }
    int connections = atoi(args[2]);
    double rate = atof(args[3]);
    prctl(PR_SET_TIMERSLACK, 1UL);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct connection *all = calloc(connections, sizeof *all), *idle = NULL;
    for (int i = 0; i < connections; i++) {
        open_connection(&all[i], atoi(args[1]));
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &all[i]};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, all[i].fd, &event) != 0) {
            fail("epoll_ctl");
        }
        all[i].next = idle;
        idle = &all[i];
    }
    double begun = now_micros(), end = begun + atof(args[4]) * 1e6, due = begun, now = begun;
    long answers = 0, left = 0;
    struct epoll_event events[MAX_EVENTS];
    while (now < end) {
        while (due <= now && idle != NULL) {
            struct connection *connection = idle;
            idle = connection->next;
            connection->due = due;
            connection->got = 0;
            if (send(connection->fd, request, sizeof request - 1, MSG_NOSIGNAL) != sizeof request - 1) {
                fail("send");
            }
            due += pause_micros(rate);
        }
        double wait = idle == NULL || due > end ? end - now : due - now;
        struct timespec timeout = {.tv_sec = (time_t) (wait / 1e6), .tv_nsec = (long) (fmod(wait, 1e6) * 1e3)};
        int ready = epoll_pwait2(epoll, events, MAX_EVENTS, &timeout, NULL);
        now = now_micros();
        for (int i = 0; i < ready; i++) {
            struct connection *connection = events[i].data.ptr;
            if (answered(connection)) {
                double micros = now - connection->due;
                latencies[micros < MAX_MICROS ? (int) micros : MAX_MICROS]++;
                answers++;
                connection->next = idle;
                idle = connection;
            }
        }
    }
    for (; due < end; due += pause_micros(rate)) {
        left++;
    }
    double seconds = (now - begun) / 1e6;
    printf("%ld requests in %.2fs, %ld not sent\nRequests/sec: %.1f\np50 %ld p99 %ld p999 %ld\n", answers, seconds, left, answers / seconds,
        percentile(answers, 0.5), percentile(answers, 0.99), percentile(answers, 0.999));
    if (left * 100 > answers) {
        printf("Socket errors: %ld requests were not sent\n", left);
    }
    return 0;
}
