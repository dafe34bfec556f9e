/* The floor of a delivery: a Lambda runtime that, for every event, makes the calls that it was
 * told, each on the connection that it was told, and answers with an empty object. TLS is
 * OpenSSL's, with a root certificate to trust, all defaults else.
 *
 *     calls COLD WARM PORT BUNDLE      (BUNDLE is a PEM file, or - for plain HTTP)
 *
 * COLD and WARM are files: the calls for the first event, and for each further one. They hold the
 * round trips in order, and what is sent in each:
 *
 *     round REQUESTS
 *     request CONNECTION LENGTH
 *     LENGTH bytes
 *
 * All requests of a round are sent before its responses are read. A connection is made when it is
 * first named, and kept.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CAPACITY = 16 << 20, MOST_REQUESTS = 4096, MOST_CONNECTIONS = 512 };

struct stream {
    int fd;
    SSL *tls;
};

struct request {
    int round, connection;
    char *bytes;
    size_t length;
};

static char buffer[CAPACITY + 1];
struct calls {
    struct request requests[MOST_REQUESTS];
    int count;
};

static struct calls cold, warm;
static struct stream connections[MOST_CONNECTIONS];
static SSL_CTX *context;
static struct sockaddr_in services = {.sin_family = AF_INET};

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void read_calls(struct calls *calls, const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) fail(path);
    int in_round, round = 0;
    while (fscanf(file, "round %d\n", &in_round) == 1) {
        round++;
        while (in_round--) {
            if (calls->count == MOST_REQUESTS) fail("too many requests");
            struct request *next = &calls->requests[calls->count++];
            next->round = round;
            if (fscanf(file, "request %d %zu%*1[\n]", &next->connection, &next->length) != 2
                || next->connection < 0 || next->connection >= MOST_CONNECTIONS
                || !(next->bytes = malloc(next->length))
                || fread(next->bytes, 1, next->length, file) != next->length
                || fgetc(file) != '\n')
                fail("the calls cannot be read");
        }
    }
    fclose(file);
}

static int connected(struct sockaddr_in address) {
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one)
        || connect(fd, (struct sockaddr *)&address, sizeof address))
        fail("connect");
    return fd;
}

/* The release's OpenSSL knows no sockets: it reads and writes by these. */
static int bio_read(BIO *bio, char *bytes, int length) {
    return (int)recv(((struct stream *)BIO_get_data(bio))->fd, bytes, (size_t)length, 0);
}

static int bio_write(BIO *bio, const char *bytes, int length) {
    return (int)send(((struct stream *)BIO_get_data(bio))->fd, bytes, (size_t)length, MSG_NOSIGNAL);
}

static long bio_control(BIO *bio, int command, long number, void *pointer) {
    (void)bio, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

static BIO *bio_of(struct stream *stream) {
    static BIO_METHOD *method;
    BIO *bio;
    if (!method
        && (!(method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "socket"))
            || !BIO_meth_set_read(method, bio_read) || !BIO_meth_set_write(method, bio_write)
            || !BIO_meth_set_ctrl(method, bio_control)))
        return NULL;
    if (!(bio = BIO_new(method))) return NULL;
    BIO_set_data(bio, stream);
    BIO_set_init(bio, 1);
    return bio;
}

static void open_connection(struct stream *stream) {
    BIO *bio;
    stream->fd = connected(services);
    if (!context) return;
    if (!(stream->tls = SSL_new(context)) || !(bio = bio_of(stream))
        || !X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(stream->tls), "127.0.0.1"))
        fail("TLS");
    SSL_set_bio(stream->tls, bio, bio);
    if (SSL_connect(stream->tls) != 1) fail("TLS");
}

static void send_all(struct stream *stream, const char *bytes, size_t length) {
    while (length) {
        ssize_t n = stream->tls ? SSL_write(stream->tls, bytes, (int)length)
                                : send(stream->fd, bytes, length, MSG_NOSIGNAL);
        if (n <= 0) fail("send");
        bytes += n;
        length -= (size_t)n;
    }
}

/* Reads one response with a Content-Length, or none and no body; its body. */
static char *receive(struct stream *stream, size_t *length) {
    size_t held = 0;
    char *end = NULL;
    for (;;) {
        if (held == CAPACITY) fail("response too large");
        ssize_t n = stream->tls ? SSL_read(stream->tls, buffer + held, (int)(CAPACITY - held))
                                : recv(stream->fd, buffer + held, CAPACITY - held, 0);
        if (n <= 0) fail("receive");
        held += (size_t)n;
        buffer[held] = 0;
        if (!end) {
            if (!(end = strstr(buffer, "\r\n\r\n"))) continue;
            char *declared = strcasestr(buffer, "\r\nContent-Length:");
            *length = declared && declared < end ? strtoul(declared + 17, NULL, 10) : 0;
            end += 4;
        }
        if (held >= (size_t)(end - buffer) + *length) return end;
    }
}

static void make_calls(const struct calls *calls) {
    const struct request *requests = calls->requests;
    size_t length;
    for (int first = 0, next; first < calls->count; first = next) {
        int round = requests[first].round;
        for (next = first; next < calls->count && requests[next].round == round; next++) {
            struct stream *stream = &connections[requests[next].connection];
            if (!stream->fd) open_connection(stream);
            send_all(stream, requests[next].bytes, requests[next].length);
        }
        for (int i = first; i < next; i++) receive(&connections[requests[i].connection], &length);
    }
}

int main(int argc, char **argv) {
    char text[512], id[128];
    char *api = getenv("AWS_LAMBDA_RUNTIME_API"), *colon = api ? strrchr(api, ':') : NULL;
    if (argc != 5 || !colon) return 2;
    read_calls(&cold, argv[1]);
    read_calls(&warm, argv[2]);
    services.sin_port = htons((unsigned short)atoi(argv[3]));
    const char *bundle = argv[4];
    services.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct sockaddr_in address = services;
    address.sin_port = htons((unsigned short)atoi(colon + 1));
    struct stream runtime = {.fd = connected(address)};
    for (const struct calls *calls = &cold;; calls = &warm) {
        int size = snprintf(
            text, sizeof text,
            "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: %s\r\n\r\n", api);
        send_all(&runtime, text, (size_t)size);
        size_t length;
        receive(&runtime, &length);
        char *value = strcasestr(buffer, "\r\nLambda-Runtime-Aws-Request-Id:");
        if (!value) return 3;
        value += 32;
        value += strspn(value, " ");
        size_t id_length = strcspn(value, "\r\n");
        if (id_length >= sizeof id) return 3;
        memcpy(id, value, id_length);
        id[id_length] = 0;
        if (!context && strcmp(bundle, "-")) {
            // Made for the first event, as the first call over TLS makes it.
            context = SSL_CTX_new(TLS_client_method());
            if (!context || SSL_CTX_load_verify_locations(context, bundle, NULL) != 1) fail(bundle);
            SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
        }
        make_calls(calls);
        size = snprintf(
            text, sizeof text,
            "POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\r\nHost: %s\r\n"
            "Content-Length: 2\r\n\r\n{}",
            id, api);
        send_all(&runtime, text, (size_t)size);
        receive(&runtime, &length);
    }
}
