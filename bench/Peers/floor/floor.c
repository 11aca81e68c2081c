// The least that a WebSocket echo can cost: one thread, epoll, one recv and one send a wake-up, and nothing else.
//   floor PORT          listens on 127.0.0.1 and echoes every message of every connection
// It checks nothing that a real server must check, has no limits and no time-outs: it is a measure, not a server.
//   gcc -O2 -o floor floor.c
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "accept_key.h"

enum { BUFFER = 512 * 1024, REQUEST = 4096 };

// A frame is echoed while it comes: its header is complete, or it waits here; its payload never does.
typedef struct {
    int fd;
    int upgraded, closing;
    uint8_t header[14];
    int header_length;
    uint64_t remaining;
    uint8_t mask[4];
    int mask_offset;
    uint8_t *unsent;             // what the kernel did not take; nothing is received meanwhile
    size_t unsent_start, unsent_length;
} Connection;

static uint8_t input[BUFFER], output[BUFFER + 16];
static int poller;

static void die(const char *what) { perror(what); exit(1); }

static void watch(Connection *c, uint32_t events, int operation) {
    struct epoll_event e = {.events = events, .data.ptr = c};
    if (epoll_ctl(poller, operation, c->fd, &e)) die("epoll_ctl");
}

static void drop(Connection *c) {
    close(c->fd);
    free(c->unsent);
    free(c);
}

// Answers how many bytes the header takes, 0 while that is not known.
static int header_size(const uint8_t *h, int length) {
    if (length < 2) return 0;
    int size = h[1] & 127;
    return 2 + 4 + (size == 126 ? 2 : size == 127 ? 8 : 0);
}

// Turns the client's header into the server's: the same without the mask.
static size_t begin_frame(Connection *c, uint8_t *to, int size) {
    uint8_t *h = c->header;
    if ((h[0] & 15) == 8) c->closing = 1;
    if ((h[0] & 15) == 9) h[0] = 0x8A; // a ping is answered with a pong
    h[1] &= 127;
    c->remaining = h[1];
    if (h[1] == 126) c->remaining = h[2] << 8 | h[3];
    if (h[1] == 127) c->remaining = 0;
    for (int i = 0; h[1] == 127 && i < 8; i++) c->remaining = c->remaining << 8 | h[2 + i];
    memcpy(c->mask, h + size - 4, 4);
    c->mask_offset = c->header_length = 0;
    memcpy(to, h, size - 4);
    return size - 4;
}

static void unmask(uint8_t *to, const uint8_t *from, size_t length, const uint8_t mask[4], int offset) {
    uint8_t turned[4];
    uint32_t word;
    for (int i = 0; i < 4; i++) turned[i] = mask[(offset + i) & 3];
    memcpy(&word, turned, 4);
    uint64_t wide = (uint64_t)word << 32 | word;
    size_t i = 0;
    for (; i + 8 <= length; i += 8) {
        uint64_t v;
        memcpy(&v, from + i, 8);
        v ^= wide;
        memcpy(to + i, &v, 8);
    }
    for (; i < length; i++) to[i] = from[i] ^ turned[i & 3];
}

// The echo of what came is never longer than what came and the header that waited.
static size_t echo(Connection *c, const uint8_t *from, size_t length) {
    size_t written = 0;
    while (length > 0 && !(c->closing && c->remaining == 0)) { // what follows a close frame is not read
        if (c->remaining > 0) {
            size_t piece = length < c->remaining ? length : c->remaining;
            unmask(output + written, from, piece, c->mask, c->mask_offset);
            c->mask_offset = (c->mask_offset + piece) & 3;
            c->remaining -= piece;
            from += piece, length -= piece, written += piece;
            continue;
        }
        c->header[c->header_length++] = *from++;
        length--;
        int size = header_size(c->header, c->header_length);
        if (size && c->header_length == size) written += begin_frame(c, output + written, size);
    }
    return written;
}

static size_t handshake(Connection *c, char *request) {
    char *key = strcasestr(request, "\r\nSec-WebSocket-Key:"), accept[29];
    if (!key) return 0;
    key += 20;
    while (*key == ' ') key++;
    accept_key(key, strcspn(key, " \r"), accept);
    c->upgraded = 1;
    return sprintf((char *)output, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: %s\r\n\r\n", accept);
}

// Answers 0 when the connection is gone.
static int flush(Connection *c, const uint8_t *bytes, size_t length) {
    ssize_t sent = send(c->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN) { drop(c); return 0; }
    if (sent < 0) sent = 0;
    if ((size_t)sent < length) {
        if (!c->unsent) {
            c->unsent = malloc(length - sent);
            memcpy(c->unsent, bytes + sent, length - sent);
            c->unsent_start = 0, c->unsent_length = length - sent;
            watch(c, EPOLLOUT, EPOLL_CTL_MOD);
        } else {
            c->unsent_start += sent, c->unsent_length -= sent;
        }
        return 1;
    }
    if (c->unsent) {
        free(c->unsent);
        c->unsent = NULL;
        watch(c, EPOLLIN, EPOLL_CTL_MOD);
    }
    if (c->closing && c->remaining == 0) { drop(c); return 0; }
    return 1;
}

static void serve(Connection *c) {
    if (c->unsent) { flush(c, c->unsent + c->unsent_start, c->unsent_length); return; }
    ssize_t received = recv(c->fd, input, c->upgraded ? BUFFER : REQUEST, MSG_DONTWAIT);
    if (received < 0 && errno == EAGAIN) return;
    if (received <= 0) { drop(c); return; }
    size_t length;
    if (c->upgraded) {
        length = echo(c, input, received);
    } else {
        input[received] = 0; // a handshake comes in one piece, or the client is not ours
        length = handshake(c, (char *)input);
        if (length == 0) { drop(c); return; }
    }
    if (length > 0) flush(c, output, length);
}

int main(int argc, char **argv) {
    if (argc != 2) { fprintf(stderr, "usage: floor PORT\n"); return 2; }
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (void *)&address, sizeof address) || listen(listener, 1024)) die("listen");
    poller = epoll_create1(0);
    Connection root = {.fd = listener};
    watch(&root, EPOLLIN, EPOLL_CTL_ADD);
    printf("listening on %s\n", argv[1]);
    fflush(stdout);
    for (struct epoll_event events[512];;) {
        int n = epoll_wait(poller, events, 512, -1);
        for (int i = 0; i < n; i++) {
            Connection *c = events[i].data.ptr;
            if (c != &root) { serve(c); continue; }
            int fd = accept4(listener, NULL, NULL, 0);
            if (fd < 0) continue;
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            Connection *added = calloc(1, sizeof *added);
            added->fd = fd;
            watch(added, EPOLLIN, EPOLL_CTL_ADD);
        }
    }
}
