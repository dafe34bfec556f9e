// SHA-256 (FIPS 180-4, section 6.2.2) of one message from four different states.
//
// A delivery's body is digested once for its name and once for each secret that
// may have signed it. An HMAC begins with one whole block made of its key, so all
// of these read the same blocks at the same places and differ only in their state:
// the message schedule is computed once, and each lane of a vector carries one state.
#include "sha256_lanes.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

bool pointsman_sha256_lanes_pay_off(void) {
    // Leaf 7, EBX: bit 29 is SHA (Intel SDM, CPUID). The compiler's own check also
    // asks whether the kernel saves the vector registers.
    unsigned eax, ebx, ecx, edx;
    if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) return false;
    bool has_sha = ebx & (1u << 29);
    return !has_sha && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");
}

// The first 32 bits of the fractional parts of the cube roots of the first 64
// primes (FIPS 180-4, section 4.2.2).
static const uint32_t constants[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

#define ADD(x, y) _mm_add_epi32(x, y)
#define XOR3(x, y, z) _mm_ternarylogic_epi32(x, y, z, 0x96)
#define CHOOSE(x, y, z) _mm_ternarylogic_epi32(x, y, z, 0xca)
#define MAJORITY(x, y, z) _mm_ternarylogic_epi32(x, y, z, 0xe8)
// The functions Σ0, Σ1, σ0 and σ1 of section 4.1.2.
#define BIG_0(x) XOR3(_mm_ror_epi32(x, 2), _mm_ror_epi32(x, 13), _mm_ror_epi32(x, 22))
#define BIG_1(x) XOR3(_mm_ror_epi32(x, 6), _mm_ror_epi32(x, 11), _mm_ror_epi32(x, 25))
#define SMALL_0(x) XOR3(_mm_ror_epi32(x, 7), _mm_ror_epi32(x, 18), _mm_srli_epi32(x, 3))
#define SMALL_1(x) XOR3(_mm_ror_epi32(x, 17), _mm_ror_epi32(x, 19), _mm_srli_epi32(x, 10))

// Step 3 for one word, the same in every lane. The variables change their roles
// from call to call instead of their places.
#define ROUND(t, a, b, c, d, e, f, g, h)                                                  \
    do {                                                                                  \
        __m128i word = _mm_set1_epi32((int)scheduled[t]);                                 \
        __m128i t1 = ADD(ADD(ADD(h, word), CHOOSE(e, f, g)), BIG_1(e));                   \
        d = ADD(d, t1);                                                                   \
        h = ADD(t1, ADD(BIG_0(a), MAJORITY(a, b, c)));                                    \
    } while (0)

#define EIGHT_ROUNDS(t)                                                                   \
    do {                                                                                  \
        ROUND(t, a, b, c, d, e, f, g, h);                                                 \
        ROUND(t + 1, h, a, b, c, d, e, f, g);                                             \
        ROUND(t + 2, g, h, a, b, c, d, e, f);                                             \
        ROUND(t + 3, f, g, h, a, b, c, d, e);                                             \
        ROUND(t + 4, e, f, g, h, a, b, c, d);                                             \
        ROUND(t + 5, d, e, f, g, h, a, b, c);                                             \
        ROUND(t + 6, c, d, e, f, g, h, a, b);                                             \
        ROUND(t + 7, b, c, d, e, f, g, h, a);                                             \
    } while (0)

// Words t to t+3 from the sixteen before them (step 1). The upper two need the
// lower two, hence σ1 in two halves.
#define NEXT_FOUR(w0, w1, w2, w3, t)                                                      \
    do {                                                                                  \
        __m128i sum = ADD(ADD(w0, _mm_alignr_epi8(w3, w2, 4)),                            \
                          SMALL_0(_mm_alignr_epi8(w1, w0, 4)));                           \
        __m128i lower = ADD(sum, SMALL_1(_mm_srli_si128(w3, 8)));                         \
        __m128i upper = ADD(sum, SMALL_1(_mm_slli_si128(lower, 8)));                      \
        w0 = _mm_blend_epi32(lower, upper, 0xc);                                          \
        SCHEDULE(w0, t);                                                                  \
    } while (0)

#define SCHEDULE(w, t)                                                                    \
    _mm_store_si128((__m128i *)(scheduled + (t)),                                         \
                    ADD(w, _mm_load_si128((const __m128i *)(constants + (t)))))

__attribute__((target("avx2,avx512f,avx512vl"))) void pointsman_sha256_lanes(
    uint32_t *words, const uint8_t *blocks, size_t count) {
    const __m128i big_endian = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    __m128i state[8];
    for (int i = 0; i < 8; i++) state[i] = _mm_loadu_si128((const __m128i *)(words + 4 * i));
    for (; count > 0; count--, blocks += 64) {
        uint32_t scheduled[64] __attribute__((aligned(16)));
        __m128i w[4];
        for (int i = 0; i < 4; i++) {
            w[i] = _mm_loadu_si128((const __m128i *)(blocks + 16 * i));
            w[i] = _mm_shuffle_epi8(w[i], big_endian);
            SCHEDULE(w[i], 4 * i);
        }
        __m128i a = state[0], b = state[1], c = state[2], d = state[3];
        __m128i e = state[4], f = state[5], g = state[6], h = state[7];
        for (int t = 0; t < 48; t += 16) {
            NEXT_FOUR(w[0], w[1], w[2], w[3], t + 16);
            NEXT_FOUR(w[1], w[2], w[3], w[0], t + 20);
            EIGHT_ROUNDS(t);
            NEXT_FOUR(w[2], w[3], w[0], w[1], t + 24);
            NEXT_FOUR(w[3], w[0], w[1], w[2], t + 28);
            EIGHT_ROUNDS(t + 8);
        }
        EIGHT_ROUNDS(48);
        EIGHT_ROUNDS(56);
        state[0] = ADD(state[0], a);
        state[1] = ADD(state[1], b);
        state[2] = ADD(state[2], c);
        state[3] = ADD(state[3], d);
        state[4] = ADD(state[4], e);
        state[5] = ADD(state[5], f);
        state[6] = ADD(state[6], g);
        state[7] = ADD(state[7], h);
    }
    for (int i = 0; i < 8; i++) _mm_storeu_si128((__m128i *)(words + 4 * i), state[i]);
}

#else

bool pointsman_sha256_lanes_pay_off(void) { return false; }

void pointsman_sha256_lanes(uint32_t *words, const uint8_t *blocks, size_t count) {
    // Never called: the lanes do not pay off here.
    (void)words, (void)blocks, (void)count;
}

#endif
