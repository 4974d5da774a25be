/*
 * Has each connection of a program come from another address of 127.77.0.0/16, 4,096 in turn: a relay that hashes the client address would else see one
 * client. Loaded into wrk by peers.sh (LD_PRELOAD).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <sys/socket.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

#define FIRST 0x7f4d0001u
#define SOURCES 4096u

int connect(int fd, const struct sockaddr *to, socklen_t length) {
    static int (*next)(int, const struct sockaddr *, socklen_t);
    static unsigned count; /* wrk has one thread here */
    if (!next) next = (int (*)(int, const struct sockaddr *, socklen_t))dlsym(RTLD_NEXT, "connect");
    if (to->sa_family == AF_INET) {
        struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(FIRST + count++ % SOURCES)};
        int on = 1;
        setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
        bind(fd, (struct sockaddr *)&from, sizeof from); /* from 127.0.0.1 if that fails */
    }
    return next(fd, to, length);
}
