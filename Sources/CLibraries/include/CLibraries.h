/// The only C of the project: headers of the three libraries and of libc, and
/// shims for what Swift cannot call. Each shim says why it exists.
#ifndef POINTSMAN_CLIBRARIES_H
#define POINTSMAN_CLIBRARIES_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>

// The low-level digests and RSA are deprecated in OpenSSL 3 but are the only ones that do not
// fetch a provider first, which costs more than a millisecond in a new process.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

// curl_easy_setopt and curl_easy_getinfo are variadic, which Swift cannot call:
// one shim for each type of argument.

static inline CURLcode pointsman_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode pointsman_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode pointsman_curl_set_string(CURL *handle, CURLoption option,
                                                 const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode pointsman_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode pointsman_curl_set_list(CURL *handle, CURLoption option,
                                               struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode pointsman_curl_set_blob(CURL *handle, CURLoption option, const void *data,
                                               size_t length) {
    struct curl_blob blob = {(void *)data, length, CURL_BLOB_COPY};
    return curl_easy_setopt(handle, option, &blob);
}

/// curl's write, header and read callbacks have this one type.
typedef size_t (*pointsman_curl_data_callback)(char *data, size_t size, size_t count,
                                               void *context);

static inline CURLcode pointsman_curl_set_data_callback(CURL *handle, CURLoption option,
                                                        pointsman_curl_data_callback value) {
    return curl_easy_setopt(handle, option, value);
}

typedef int (*pointsman_curl_seek_callback)(void *context, curl_off_t offset, int origin);

static inline CURLcode pointsman_curl_set_seek_callback(CURL *handle,
                                                        pointsman_curl_seek_callback value) {
    return curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, value);
}

static inline CURLcode pointsman_curl_set_tls_context_callback(CURL *handle,
                                                               curl_ssl_ctx_callback value) {
    return curl_easy_setopt(handle, CURLOPT_SSL_CTX_FUNCTION, value);
}

static inline CURLcode pointsman_curl_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode pointsman_curl_get_size(CURL *handle, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode pointsman_curl_get_pointer(CURL *handle, CURLINFO info, void **value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode pointsman_curl_get_socket(CURL *handle, curl_socket_t *socket) {
    return curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, socket);
}

static inline CURLMcode pointsman_curl_multi_set_long(CURLM *multi, CURLMoption option,
                                                      long value) {
    return curl_multi_setopt(multi, option, value);
}

static inline CURLSHcode pointsman_curl_share(CURLSH *share, curl_lock_data what) {
    return curl_share_setopt(share, CURLSHOPT_SHARE, what);
}

/// The outcome of a finished transfer is a member of a C union, which Swift reads only unsafely.
static inline CURLcode pointsman_curl_message_result(const CURLMsg *message) {
    return message->data.result;
}

/// `fcntl` is variadic. 0, or -1 with `errno` set.
static inline int pointsman_make_blocking(int descriptor) {
    return fcntl(descriptor, F_SETFL, 0);
}

/// Swift has no pointer to a `sockaddr` that is really another of its kinds.
static inline int pointsman_connect(int descriptor, const struct sockaddr_in *address) {
    return connect(descriptor, (const struct sockaddr *)address, sizeof *address);
}

/// `errno` is a macro over a function call, which Swift does not import.
static inline int pointsman_errno(void) {
    return errno;
}

/// `sigaction` is a struct and a function of one name with a union inside: shims.c.
/// 0, or -1 with `errno` set.
int pointsman_exit_on_sigterm(void);
int pointsman_ignore_sigpipe(void);

int pointsman_refuse(void);

/// The commit that was built, as Package.swift was told; empty where it was not.
const char *pointsman_commit(void);

/// Whether the process has one argument, `--version`: Embedded Swift has no `CommandLine`.
bool pointsman_is_asked_for_version(void);

#endif
