#include "CLibraries.h"

/// Only `_exit` is safe inside a signal handler: `exit` would run what was interrupted.
static void exit_at_once(int signal) {
    (void)signal;
    _exit(0);
}

int pointsman_exit_on_sigterm(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = exit_at_once;
    return sigaction(SIGTERM, &action, NULL);
}

int pointsman_ignore_sigpipe(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_IGN;
    return sigaction(SIGPIPE, &action, NULL);
}

const char *pointsman_commit(void) {
    return POINTSMAN_COMMIT;
}

static bool is_asked_for_version;

/// The C library gives constructors the arguments of `main`, which Swift's keeps to itself.
__attribute__((constructor)) static void read_arguments(int count, char **arguments) {
    is_asked_for_version = count == 2 && strcmp(arguments[1], "--version") == 0;
}

bool pointsman_is_asked_for_version(void) {
    return is_asked_for_version;
}

/// In the release, stands for the functions of curves that are left out of it (scripts/release.sh):
/// OpenSSL takes 0 for a failure.
int pointsman_refuse(void) {
    return 0;
}
