#ifndef POINTSMAN_SHA256_LANES_H
#define POINTSMAN_SHA256_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// How many digests run side by side.
#define POINTSMAN_SHA256_LANES 4

/// Whether this processor gains by lanes: AVX-512VL is there and the SHA
/// instructions, with which OpenSSL is faster still, are not.
bool pointsman_sha256_lanes_pay_off(void);

/// Digests the same blocks of 64 bytes into four SHA-256 states at a time.
///
/// The states are given word by word: word 0 of the four lanes, word 1, … (32 words in all).
void pointsman_sha256_lanes(uint32_t *words, const uint8_t *blocks, size_t count);

#endif
