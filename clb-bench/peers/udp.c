/*
 * UDP beside the relays, on 127.0.0.1: a server that echoes, a relay with nothing but the relaying, and a load.
 *
 *   udp echo PORT
 *   udp relay PORT SERVER_PORT [mmsg | gso]
 *   udp load PORT CLIENTS OUTSTANDING BYTES SECONDS
 *
 * The relay is the floor under every relay that gives each client a connected socket towards the server: one thread, epoll, one datagram a call. No timeouts, no
 * choice of a server, no counters; a client is its port. With "mmsg" it reads and sends several datagrams in a call; with "gso" those in a row that are of one
 * client and one size leave as one, which the system takes apart (UDP_SEGMENT).
 *
 * The load has CLIENTS sockets, each with OUTSTANDING datagrams under way: each answer sends the next one. What has no answer after a second without any is lost, and
 * sent anew. It prints as wrk does: "N requests in", and "Requests/sec"; "Socket errors" if a thousandth or more was lost, or an answer was not what was sent.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, ROW = 16, MAX_BYTES = 2048, MAX_EVENTS = 256, PORTS = 65536, SOCKET_BUFFER = 4 << 20 };

struct client {
    int fd;
    int under_way;
    double last;
    struct sockaddr_in address;
};

static char bytes[BATCH][MAX_BYTES];
static struct iovec parts[BATCH];
static struct sockaddr_in senders[BATCH];
static struct mmsghdr messages[BATCH];

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double) now.tv_sec + now.tv_nsec / 1e9;
}

static struct sockaddr_in loopback(int port) {
    return (struct sockaddr_in) {
        .sin_family = AF_INET, .sin_port = htons((uint16_t) port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int open_socket(int flags) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | flags, 0);
    if (fd < 0) {
        fail("socket");
    }
    int size = SOCKET_BUFFER;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    return fd;
}

static int listen_on(int port, int flags) {
    int fd = open_socket(flags);
    struct sockaddr_in address = loopback(port);
    if (bind(fd, (struct sockaddr *) &address, sizeof address) != 0) {
        fail("bind");
    }
    return fd;
}

static int connect_to(int port) {
    int fd = open_socket(SOCK_NONBLOCK);
    struct sockaddr_in address = loopback(port);
    if (connect(fd, (struct sockaddr *) &address, sizeof address) != 0) {
        fail("connect");
    }
    return fd;
}

static void watch(int epoll, int fd, void *data) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = data};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
        fail("epoll_ctl");
    }
}

static void prepare(bool with_senders) {
    for (int i = 0; i < BATCH; i++) {
        parts[i] = (struct iovec) {.iov_base = bytes[i], .iov_len = MAX_BYTES};
        messages[i].msg_hdr = (struct msghdr) {.msg_iov = &parts[i], .msg_iovlen = 1};
        if (with_senders) {
            messages[i].msg_hdr.msg_name = &senders[i];
            messages[i].msg_hdr.msg_namelen = sizeof senders[i];
        }
    }
}

static void echo(int port) {
    int fd = listen_on(port, 0);
    while (true) {
        prepare(true);
        int count = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
        for (int i = 0; i < count; i++) {
            parts[i].iov_len = messages[i].msg_len;
        }
        for (int sent = 0; sent < count;) {
            int more = sendmmsg(fd, messages + sent, count - sent, 0);
            sent += more > 0 ? more : 1;
        }
    }
}

static void relay(int port, int server_port) {
    static struct client *clients[PORTS];
    int listener = listen_on(port, SOCK_NONBLOCK);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    watch(epoll, listener, NULL);
    struct epoll_event events[MAX_EVENTS];
    char *datagram = bytes[0];
    while (true) {
        int ready = epoll_wait(epoll, events, MAX_EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            struct client *client = events[i].data.ptr;
            ssize_t length;
            if (client != NULL) {
                while ((length = recv(client->fd, datagram, MAX_BYTES, 0)) >= 0) {
                    sendto(listener, datagram, length, 0, (struct sockaddr *) &client->address, sizeof client->address);
                }
                continue;
            }
            struct sockaddr_in from;
            socklen_t size = sizeof from;
            while ((length = recvfrom(listener, datagram, MAX_BYTES, 0, (struct sockaddr *) &from, &size)) >= 0) {
                client = clients[from.sin_port];
                if (client == NULL) {
                    client = calloc(1, sizeof *client);
                    client->fd = connect_to(server_port);
                    client->address = from;
                    clients[from.sin_port] = client;
                    watch(epoll, client->fd, client);
                }
                send(client->fd, datagram, length, 0);
            }
        }
    }
}

/* Sends what stands in a row of messages, all from or to one client, on a socket; to an address unless that is connected. */
static void send_row(int fd, struct mmsghdr *row, int count, struct sockaddr_in *to, bool gso) {
    for (int i = 0; i < count; i++) {
        row[i].msg_hdr.msg_iov->iov_len = row[i].msg_len;
        row[i].msg_hdr.msg_name = to;
        row[i].msg_hdr.msg_namelen = to == NULL ? 0 : sizeof *to;
    }
    if (!gso || count == 1) {
        sendmmsg(fd, row, count, 0);
        return;
    }
    union {
        char bytes[CMSG_SPACE(sizeof(uint16_t))];
        struct cmsghdr align;
    } control = {0};
    struct msghdr message = {
        .msg_name = to,
        .msg_namelen = to == NULL ? 0 : sizeof *to,
        .msg_iov = row[0].msg_hdr.msg_iov,
        .msg_iovlen = count,
        .msg_control = &control,
        .msg_controllen = sizeof control};
    struct cmsghdr *segment = CMSG_FIRSTHDR(&message);
    segment->cmsg_level = SOL_UDP;
    segment->cmsg_type = UDP_SEGMENT;
    segment->cmsg_len = CMSG_LEN(sizeof(uint16_t));
    uint16_t size = row[0].msg_len;
    memcpy(CMSG_DATA(segment), &size, sizeof size);
    sendmsg(fd, &message, 0);
}

static void relay_rows(int port, int server_port, bool gso) {
    static struct client *clients[PORTS];
    int listener = listen_on(port, SOCK_NONBLOCK);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    watch(epoll, listener, NULL);
    struct epoll_event events[MAX_EVENTS];
    while (true) {
        int ready = epoll_wait(epoll, events, MAX_EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            struct client *client = events[i].data.ptr;
            prepare(client == NULL);
            int count = recvmmsg(client == NULL ? listener : client->fd, messages, ROW, 0, NULL);
            for (int from = 0, to; from < count; from = to) {
                if (client == NULL && clients[senders[from].sin_port] == NULL) {
                    struct client *made = calloc(1, sizeof *made);
                    made->fd = connect_to(server_port);
                    made->address = senders[from];
                    clients[senders[from].sin_port] = made;
                    watch(epoll, made->fd, made);
                }
                for (to = from + 1; to < count && messages[to].msg_len == messages[from].msg_len
                        && (client != NULL || senders[to].sin_port == senders[from].sin_port); to++) {
                }
                struct client *whose = client == NULL ? clients[senders[from].sin_port] : client;
                send_row(client == NULL ? whose->fd : listener, messages + from, to - from, client == NULL ? NULL : &whose->address, gso);
            }
        }
    }
}

static void send_more(struct client *client, int outstanding, int length) {
    for (int i = 0; i < outstanding - client->under_way; i++) {
        parts[i].iov_len = length;
    }
    while (client->under_way < outstanding) {
        int sent = sendmmsg(client->fd, messages, outstanding - client->under_way, 0);
        if (sent <= 0) {
            return; /* sent anew after a second */
        }
        client->under_way += sent;
    }
}

static int load(int port, int count, int outstanding, int length, double seconds) {
    struct client *clients = calloc(count, sizeof *clients);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    prepare(false);
    for (int i = 0; i < BATCH; i++) {
        memset(bytes[i], 'x', MAX_BYTES);
    }
    double begun = seconds_now();
    for (int i = 0; i < count; i++) {
        clients[i].fd = connect_to(port);
        clients[i].last = begun;
        watch(epoll, clients[i].fd, &clients[i]);
        send_more(&clients[i], outstanding, length);
    }
    long answers = 0, lost = 0, wrong = 0;
    double now = begun, looked = begun;
    struct epoll_event events[MAX_EVENTS];
    while (now - begun < seconds) {
        int ready = epoll_wait(epoll, events, MAX_EVENTS, 100);
        now = seconds_now();
        for (int i = 0; i < ready; i++) {
            struct client *client = events[i].data.ptr;
            for (int j = 0; j < BATCH; j++) {
                parts[j].iov_len = MAX_BYTES;
            }
            int got = recvmmsg(client->fd, messages, BATCH, 0, NULL);
            for (int j = 0; j < got; j++) {
                wrong += (int) messages[j].msg_len != length || bytes[j][length - 1] != 'x';
            }
            if (got > 0) {
                answers += got;
                client->under_way -= got < client->under_way ? got : client->under_way;
                client->last = now;
                send_more(client, outstanding, length);
            }
        }
        for (int i = 0; now - looked > 0.5 && i < count; i++) {
            if (now - clients[i].last > 1) {
                lost += clients[i].under_way;
                clients[i].under_way = 0;
                clients[i].last = now;
                send_more(&clients[i], outstanding, length);
            }
        }
        looked = now - looked > 0.5 ? now : looked;
    }
    printf("%ld requests in %.2fs, %ld lost, %ld wrong\nRequests/sec: %.1f\n", answers, now - begun, lost, wrong, answers / (now - begun));
    if (lost * 1000 >= answers || wrong > 0) {
        printf("Socket errors: %ld lost, %ld wrong\n", lost, wrong);
    }
    return 0;
}

int main(int count, char **args) {
    if (count == 3 && strcmp(args[1], "echo") == 0) {
        echo(atoi(args[2]));
    }
    if (count == 4 && strcmp(args[1], "relay") == 0) {
        relay(atoi(args[2]), atoi(args[3]));
    }
    if (count == 5 && strcmp(args[1], "relay") == 0) {
        relay_rows(atoi(args[2]), atoi(args[3]), strcmp(args[4], "gso") == 0);
    }
    if (count == 7 && strcmp(args[1], "load") == 0 && atoi(args[4]) <= BATCH && atoi(args[5]) <= MAX_BYTES) {
        return load(atoi(args[2]), atoi(args[3]), atoi(args[4]), atoi(args[5]), atof(args[6]));
    }
    fprintf(stderr, "usage: udp echo PORT | relay PORT SERVER_PORT [mmsg | gso] | load PORT CLIENTS OUTSTANDING(<= %d) BYTES(<= %d) SECONDS\n", BATCH, MAX_BYTES);
    return 2;
}
