/* Plays the Lambda Runtime API to one peer and times it, in nanoseconds.
 *
 *     driver [--starts N] [--warmup N] [--invocations N] [--payload FILE]...
 *            [--evict FILE]... [--echo] [--answer FILE] -- PEER [ARGUMENT]...
 *
 * Each start: run the peer, wait for its first GET /next, hand out the payloads
 * in turn, then kill it. With --echo the peer must give every event back; with
 * --answer its last answer goes to a file. Prints one JSON object of all samples:
 *
 *     start       exec of the peer -> its first /next received
 *     invoke      /next answered -> answer of the peer received
 *     turnaround  that answer acknowledged -> next /next received
 *     cpu         CPU time of the peer over all counted invocations of one start
 *     startCPU    CPU time of the peer from exec to its first /next
 *     peak        VmHWM in KiB: at the first /next, and after the last invocation
 *     resident    pages of the evicted files that were still cached before a start, after 20 attempts
 *     responses, errors   how often the peer posted to …/response and to …/error
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CAPACITY = 32 << 20, MOST_FILES = 64, PATIENCE_MS = 60000 };

struct bytes {
    char *data;
    size_t length;
};

static pid_t peer;
static int listener, connection = -1;
static char *buffer;
static size_t held;

static void fail(const char *what) {
    fprintf(stderr, "driver: %s: %s\n", what, errno ? strerror(errno) : "unexpected");
    if (peer > 0) kill(peer, SIGKILL);
    exit(1);
}

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static struct bytes read_file(const char *path) {
    struct stat info;
    int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &info) < 0) fail(path);
    struct bytes file = {malloc((size_t)info.st_size + 1), (size_t)info.st_size};
    if (!file.data || read(fd, file.data, file.length) != (ssize_t)file.length) fail(path);
    close(fd);
    return file;
}

static void write_file(const char *path, struct bytes content) {
    FILE *file = fopen(path, "w");
    if (!file || fwrite(content.data, 1, content.length, file) != content.length || fclose(file))
        fail(path);
}

/* Drops a file from the page cache; returns how many of its pages stayed. */
static long evict_once(const char *path) {
    struct stat info;
    int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &info) < 0) fail(path);
    fsync(fd);
    if ((errno = posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED))) fail("posix_fadvise");
    size_t length = (size_t)info.st_size, page = (size_t)sysconf(_SC_PAGESIZE);
    void *map = mmap(NULL, length, PROT_READ, MAP_SHARED, fd, 0);
    unsigned char *cached = calloc((length + page - 1) / page, 1);
    if (map == MAP_FAILED || !cached || mincore(map, length, cached) < 0) fail("mincore");
    long resident = 0;
    for (size_t i = 0; i < (length + page - 1) / page; i++) resident += cached[i] & 1;
    munmap(map, length);
    free(cached);
    close(fd);
    return resident;
}

/* The kernel may hold on to some pages for a while, as when a process that had them has just gone. */
static long evict(const char *path) {
    long resident = 0;
    for (int attempt = 0; attempt < 20; attempt++) {
        if (!(resident = evict_once(path))) break;
        usleep(5000);
    }
    return resident;
}

static void wait_for(int fd) {
    struct pollfd one = {.fd = fd, .events = POLLIN};
    errno = 0;
    if (poll(&one, 1, PATIENCE_MS) != 1) fail("the peer does not come");
}

static void accept_peer(void) {
    int one = 1;
    wait_for(listener);
    if (connection >= 0) close(connection);
    connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (connection < 0) fail("accept");
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

/* Receives one request; accepts a new connection where the peer closed the old one. */
static struct bytes request(void) {
    char *end = NULL;
    size_t length = 0, head = 0;
    held = 0;
    if (connection < 0) accept_peer();
    for (;;) {
        if (held == CAPACITY) fail("request too large");
        ssize_t n = recv(connection, buffer + held, CAPACITY - held, 0);
        if (n <= 0) {
            if (held) fail("the peer broke off");
            accept_peer();
            continue;
        }
        held += (size_t)n;
        buffer[held] = 0;
        if (!end) {
            if (!(end = strstr(buffer, "\r\n\r\n"))) continue;
            head = (size_t)(end + 4 - buffer);
            *end = 0;
            char *declared = strcasestr(buffer, "\r\nContent-Length:");
            length = declared ? strtoul(declared + 17, NULL, 10) : 0;
        }
        if (held >= head + length) return (struct bytes){buffer + head, length};
    }
}

static void send_all(struct iovec *parts, int count) {
    while (count) {
        ssize_t n = writev(connection, parts, count);
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

/* Answers GET /next as Lambda does: above 2,048 bytes in chunks. */
static void send_event(struct bytes event, long number) {
    static char head[1024], last[] = "\r\n0\r\n\r\n";
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    int length = snprintf(
        head, sizeof head,
        "HTTP/1.1 200 OK\r\n"
        "Content-Type: application/json\r\n"
        "Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-%012lx\r\n"
        "Lambda-Runtime-Deadline-Ms: %lld\r\n"
        "Lambda-Runtime-Invoked-Function-Arn: "
        "arn:aws:lambda:eu-west-1:123456789012:function:benchmark\r\n"
        "Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;"
        "Sampled=0\r\n"
        "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n",
        number, (long long)t.tv_sec * 1000 + 60000);
    int chunked = event.length > 2048;
    length += snprintf(
        head + length, sizeof head - (size_t)length,
        chunked ? "Transfer-Encoding: chunked\r\n\r\n%zx\r\n" : "Content-Length: %zu\r\n\r\n",
        event.length);
    struct iovec parts[] = {
        {head, (size_t)length}, {event.data, event.length}, {last, sizeof last - 1}};
    send_all(parts, chunked ? 3 : 2);
}

static void acknowledge(void) {
    static char answer[] =
        "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\n"
        "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: 16\r\n\r\n{\"status\":\"OK\"}\n";
    send_all(&(struct iovec){answer, sizeof answer - 1}, 1);
}

/* Nanoseconds that all threads of the peer have run. */
static int64_t cpu(void) {
    char path[300];
    int64_t total = 0, one;
    snprintf(path, sizeof path, "/proc/%d/task", peer);
    DIR *tasks = opendir(path);
    if (!tasks) fail(path);
    for (struct dirent *task; (task = readdir(tasks));) {
        if (task->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", peer, task->d_name);
        FILE *file = fopen(path, "r");
        if (!file) continue;
        if (fscanf(file, "%ld", &one) == 1) total += one;
        fclose(file);
    }
    closedir(tasks);
    return total;
}

static long peak(void) {
    char path[64], line[256];
    long kibibytes = 0;
    snprintf(path, sizeof path, "/proc/%d/status", peer);
    FILE *file = fopen(path, "r");
    if (!file) fail(path);
    while (fgets(line, sizeof line, file)) sscanf(line, "VmHWM: %ld", &kibibytes);
    fclose(file);
    return kibibytes;
}

static void listen_on_loopback(void) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    char api[32];
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) < 0
        || listen(listener, 16) < 0
        || getsockname(listener, (struct sockaddr *)&address, &length) < 0)
        fail("listen");
    snprintf(api, sizeof api, "127.0.0.1:%d", ntohs(address.sin_port));
    setenv("AWS_LAMBDA_RUNTIME_API", api, 1);
}

static void print_samples(const char *name, const int64_t *samples, long count) {
    printf("\"%s\":[", name);
    for (long i = 0; i < count; i++) printf(i ? ",%ld" : "%ld", (long)samples[i]);
    printf("],");
}

static int64_t *samples(long count) {
    int64_t *all = calloc((size_t)count + 1, sizeof *all);
    if (!all) fail("calloc");
    return all;
}

int main(int argc, char **argv) {
    long starts = 1, warmup = 0, invocations = 0, payloads = 0, evicted = 0;
    int echo = 0, i = 1;
    struct bytes payload[MOST_FILES];
    const char *victim[MOST_FILES], *last_answer = NULL;
    for (; i < argc && strcmp(argv[i], "--"); i++) {
        if (!strcmp(argv[i], "--echo")) {
            echo = 1;
            continue;
        }
        if (i + 1 >= argc) fail("an option without its value");
        char *option = argv[i], *value = argv[++i];
        if (!strcmp(option, "--starts")) starts = atol(value);
        else if (!strcmp(option, "--warmup")) warmup = atol(value);
        else if (!strcmp(option, "--invocations")) invocations = atol(value);
        else if (!strcmp(option, "--answer")) last_answer = value;
        else if (!strcmp(option, "--payload") && payloads < MOST_FILES)
            payload[payloads++] = read_file(value);
        else if (!strcmp(option, "--evict") && evicted < MOST_FILES) victim[evicted++] = value;
        else fail(option);
    }
    if (i + 1 >= argc) fail("no peer");
    if (invocations && !payloads) fail("no payload");
    char **command = argv + i + 1;

    signal(SIGPIPE, SIG_IGN);
    listen_on_loopback();
    buffer = malloc(CAPACITY + 1);
    int64_t *exec_time = mmap(
        NULL, sizeof *exec_time, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (!buffer || exec_time == MAP_FAILED) fail("memory");
    int64_t *start = samples(starts), *start_cpu = samples(starts), *busy = samples(starts);
    int64_t *first_peak = samples(starts), *last_peak = samples(starts), *resident = samples(starts);
    int64_t *invoke = samples(starts * invocations), *turnaround = samples(starts * invocations);
    long counted = 0, responses = 0, errors = 0;

    for (long s = 0; s < starts; s++) {
        for (long v = 0; v < evicted; v++) resident[s] += evict(victim[v]);
        peer = fork();
        if (peer < 0) fail("fork");
        if (!peer) {
            signal(SIGPIPE, SIG_DFL);
            *exec_time = now();
            execv(command[0], command);
            _exit(127);
        }
        request();
        start[s] = now() - *exec_time;
        start_cpu[s] = cpu();
        first_peak[s] = peak();
        int64_t before = start_cpu[s];
        for (long n = -warmup; n < invocations; n++) {
            struct bytes event = payload[(n + warmup) % payloads];
            if (n == 0) before = cpu();
            int64_t handed = now();
            send_event(event, n + warmup);
            struct bytes answer = request();
            int64_t answered = now();
            int is_error = strstr(buffer, "/error ") != NULL;
            if (is_error) errors++; else responses++;
            if (echo
                && (is_error || answer.length != event.length
                    || memcmp(answer.data, event.data, event.length)))
                fail("the peer's answer is not the event");
            if (last_answer && n == invocations - 1) write_file(last_answer, answer);
            int64_t acknowledged = now();
            acknowledge();
            request();
            if (n < 0) continue;
            invoke[counted] = answered - handed;
            turnaround[counted++] = now() - acknowledged;
        }
        busy[s] = cpu() - before;
        last_peak[s] = peak();
        kill(peer, SIGKILL);
        waitpid(peer, NULL, 0);
        close(connection);
        connection = -1;
    }

    printf("{");
    print_samples("start", start, starts);
    print_samples("startCPU", start_cpu, starts);
    print_samples("cpu", busy, starts);
    print_samples("peakAtStart", first_peak, starts);
    print_samples("peak", last_peak, starts);
    print_samples("resident", resident, starts);
    print_samples("invoke", invoke, counted);
    print_samples("turnaround", turnaround, counted);
    printf("\"responses\":%ld,\"errors\":%ld}\n", responses, errors);
}
