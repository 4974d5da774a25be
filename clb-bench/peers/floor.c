/*
 * A TCP relay with nothing but the relaying: one thread, epoll, two descriptors a connection. The floor under every relay that copies. No timeouts, no choice
 * of a server, no counters.
 *
 *   floor PORT SERVER_PORT READ_BYTES      both ports on 127.0.0.1
 *
 * Both sockets are registered once, edge-triggered. What has been read and cannot be written stays in its buffer, and nothing more is read for that side until
 * it is written: a connection holds at most one buffer each way.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_EVENTS = 256, BACKLOG = 4096 };

struct buffer {
    struct buffer *next; /* while it is spare */
    size_t offset;
    size_t length;
    char bytes[];
};

struct side {
    int fd;
    bool hung_up;           /* its end was reported: read until it is found */
    bool ended;             /* its end was read, and passed on */
    struct buffer *waiting; /* read from the other side, to be written to this one */
    struct side *other;
    struct connection *connection;
};

struct connection {
    struct side client;
    struct side server;
    bool closed;
    struct connection *next; /* of those that are closed and may still have events in hand */
};

static size_t read_bytes;
static struct buffer *spare;
static struct connection *closed;
static int epoll;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static struct buffer *take_buffer(void) {
    struct buffer *buffer = spare;
    if (buffer != NULL) {
        spare = buffer->next;
        return buffer;
    }
    buffer = malloc(sizeof *buffer + read_bytes);
    if (buffer == NULL) {
        fail("malloc");
    }
    return buffer;
}

static void give_back(struct buffer *buffer) {
    buffer->next = spare;
    spare = buffer;
}

/* Writes what waits for a side, as far as it takes it. False if the side has failed. */
static bool flush(struct side *side) {
    struct buffer *buffer = side->waiting;
    ssize_t count = write(side->fd, buffer->bytes + buffer->offset, buffer->length);
    if (count < 0) {
        return errno == EAGAIN;
    }
    buffer->offset += count;
    buffer->length -= count;
    if (buffer->length == 0) {
        give_back(buffer);
        side->waiting = NULL;
    }
    return true;
}

/* Moves bytes from a side to the other until there are no more or the other takes no more. False if one has failed. */
static bool pump(struct side *from) {
    struct side *to = from->other;
    bool more = true;
    while (true) {
        if (to->waiting != NULL) {
            if (!flush(to)) {
                return false;
            }
            if (to->waiting != NULL) {
                return true;
            }
        }
        if (!more || from->ended) {
            return true;
        }
        struct buffer *buffer = take_buffer();
        ssize_t count = read(from->fd, buffer->bytes, read_bytes);
        if (count <= 0) {
            give_back(buffer);
            if (count < 0) {
                return errno == EAGAIN;
            }
            from->ended = true;
            return to->ended || shutdown(to->fd, SHUT_WR) == 0;
        }
        buffer->offset = 0;
        buffer->length = count;
        to->waiting = buffer;
        /* A short read has taken all there was; only an end that was reported before is left to be found. */
        more = (size_t) count == read_bytes || from->hung_up;
    }
}

static void close_both(struct connection *connection) {
    struct side *sides[] = {&connection->client, &connection->server};
    for (int i = 0; i < 2; i++) {
        close(sides[i]->fd);
        if (sides[i]->waiting != NULL) {
            give_back(sides[i]->waiting);
        }
    }
    connection->closed = true;
    connection->next = closed;
    closed = connection;
}

static void serve(struct side *side, uint32_t events) {
    struct connection *connection = side->connection;
    if (connection->closed) {
        return;
    }
    uint32_t end = events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
    if (end != 0) {
        side->hung_up = true;
    }
    bool well = true;
    if (end != 0 || (events & EPOLLIN) != 0) {
        well = pump(side);
    }
    if (well && (events & EPOLLOUT) != 0 && side->waiting != NULL) {
        well = pump(side->other);
    }
    if (!well || (side->ended && side->other->ended)) {
        close_both(connection);
    }
}

static void watch(struct side *side, int fd, struct side *other, struct connection *connection) {
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    side->fd = fd;
    side->other = other;
    side->connection = connection;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = side};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
        fail("epoll_ctl");
    }
}

static struct sockaddr_in loopback(const char *port) {
    return (struct sockaddr_in) {
        .sin_family = AF_INET, .sin_port = htons((uint16_t) atoi(port)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void accept_one(int listener, const struct sockaddr_in *address) {
    int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client < 0) {
        if (errno == EAGAIN || errno == ECONNABORTED) {
            return;
        }
        fail("accept");
    }
    int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (server < 0) {
        fail("socket");
    }
    if (connect(server, (const struct sockaddr *) address, sizeof *address) != 0 && errno != EINPROGRESS) {
        close(server);
        close(client);
        return;
    }
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) {
        fail("calloc");
    }
    watch(&connection->client, client, &connection->server, connection);
    watch(&connection->server, server, &connection->client, connection);
}

static int listen_on(const char *port) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in address = loopback(port);
    if (bind(listener, (struct sockaddr *) &address, sizeof address) != 0 || listen(listener, BACKLOG) != 0) {
        fail("listen");
    }
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0) {
        fail("epoll_ctl");
    }
    return listener;
}

int main(int count, char **args) {
    if (count != 4 || atol(args[3]) <= 0) {
        fprintf(stderr, "usage: floor PORT SERVER_PORT READ_BYTES\n");
        return 2;
    }
    read_bytes = (size_t) atol(args[3]);
    signal(SIGPIPE, SIG_IGN);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    int listener = listen_on(args[1]);
    struct sockaddr_in server = loopback(args[2]);
    struct epoll_event events[MAX_EVENTS];
    while (true) {
        int ready = epoll_wait(epoll, events, MAX_EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.ptr == NULL) {
                accept_one(listener, &server);
            } else {
                serve(events[i].data.ptr, events[i].events);
            }
        }
        while (closed != NULL) {
            struct connection *next = closed->next;
            free(closed);
            closed = next;
        }
    }
}
