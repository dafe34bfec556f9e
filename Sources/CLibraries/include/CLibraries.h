/// The only C of the project: headers of the three libraries and of libc, and
/// shims for what Swift cannot call. Each shim says why it exists.
#ifndef POINTSMAN_CLIBRARIES_H
#define POINTSMAN_CLIBRARIES_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>

#endif
