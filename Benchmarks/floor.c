/* The floor: what the loop costs at the least. An echo handler on the Lambda
 * Runtime API with one raw socket, one buffer and no library but libc.
 *
 *     gcc -O2 -static -o floor floor.c
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CAPACITY = 16 << 20 };
static char buffer[CAPACITY + 1];
static size_t held; /* bytes of `buffer` that hold received data */

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void receive(int fd) {
    if (held == CAPACITY) exit(2);
    ssize_t n = recv(fd, buffer + held, CAPACITY - held, 0);
    if (n <= 0) fail("recv");
    held += (size_t)n;
    buffer[held] = 0;
}

static char *header(char *name) {
    size_t length = strlen(name);
    for (char *line = buffer; (line = strstr(line, "\r\n"));) {
        line += 2;
        if (*line == '\r') return NULL;
        if (!strncasecmp(line, name, length) && line[length] == ':') {
            line += length + 1;
            while (*line == ' ') line++;
            return line;
        }
    }
    return NULL;
}

/* Reads one response; the body is left in place, chunks joined. */
static char *response(int fd, size_t *length) {
    held = 0;
    buffer[0] = 0;
    char *end;
    do receive(fd);
    while (!(end = strstr(buffer, "\r\n\r\n")));
    char *body = end + 4;
    char *declared = header("Content-Length");
    if (declared) {
        *length = strtoul(declared, NULL, 10);
        while ((size_t)(buffer + held - body) < *length) receive(fd);
        return body;
    }
    char *in = body, *out = body;
    for (;;) {
        char *eol;
        while (!(eol = strstr(in, "\r\n"))) receive(fd);
        size_t size = strtoul(in, NULL, 16);
        char *data = eol + 2;
        while (buffer + held < data + size + 2) receive(fd);
        if (!size) break;
        memmove(out, data, size);
        out += size;
        in = data + size + 2;
    }
    *length = (size_t)(out - body);
    return body;
}

static void send_all(int fd, struct iovec *parts, int count) {
    while (count) {
        ssize_t n = writev(fd, parts, count);
        if (n < 0) fail("writev");
        while (count && (size_t)n >= parts->iov_len) {
            n -= (ssize_t)parts->iov_len;
            parts++;
            count--;
        }
        if (count) {
            parts->iov_base = (char *)parts->iov_base + n;
            parts->iov_len -= (size_t)n;
        }
    }
}

int main(void) {
    char host[64], next[256], post[512], id[128];
    const char *api = getenv("AWS_LAMBDA_RUNTIME_API");
    const char *colon = api ? strrchr(api, ':') : NULL;
    if (!colon || (size_t)(colon - api) >= sizeof host) return 2;
    memcpy(host, api, (size_t)(colon - api));
    host[colon - api] = 0;

    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(colon + 1))};
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1) return 2;
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, (struct sockaddr *)&address, sizeof address)) fail("connect");

    int next_length = snprintf(
        next, sizeof next, "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: %s\r\n\r\n",
        api);
    for (;;) {
        send_all(fd, &(struct iovec){next, (size_t)next_length}, 1);
        size_t length;
        char *body = response(fd, &length);
        char *value = header("Lambda-Runtime-Aws-Request-Id");
        if (!value) return 3;
        size_t id_length = strcspn(value, "\r\n");
        if (id_length >= sizeof id) return 3;
        memcpy(id, value, id_length);
        id[id_length] = 0;
        int head = snprintf(
            post, sizeof post,
            "POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\r\nHost: %s\r\n"
            "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
            id, api, length);
        struct iovec parts[] = {{post, (size_t)head}, {body, length}};
        send_all(fd, parts, 2);
        response(fd, &length);
    }
}
