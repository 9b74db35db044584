/* SPDX-License-Identifier: Apache-2.0 */
/* tables.c: opens the section described in tables.h and looks things up in it.
 *
 * 1. Everything is checked once, when it is opened; look-ups then need no checks.
 * 2. Loads are byte by byte: the section may lie at any address, and a big-endian machine reads the same. */
#include "screen/tables.h"

static uint32_t load16(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t load32(const uint8_t *p) {
    return load16(p) | load16(p + 2) << 16;
}

/* ---- opening ---------------------------------------------------------------------------------------- */

static int damaged(struct cordon_error *e, const char *what) {
    return cdn_fail(e, CORDON_E_FORMAT, "tables of names: %s", what);
}

static int open_header(cordon_str bytes, struct cdn_screen_tables *t, struct cordon_error *e) {
    struct cdn_cursor c;
    cdn_cursor_init(&c, bytes.p, bytes.n);
    const cordon_str magic = cdn_cursor_bytes(&c, 8);
    const uint32_t version = cdn_cursor_u32(&c);
    t->block_count = cdn_cursor_u32(&c);
    t->pair_count = cdn_cursor_u32(&c);
    t->word_slots = cdn_cursor_u32(&c);
    t->string_bytes = cdn_cursor_u32(&c);
    const uint32_t zero = cdn_cursor_u32(&c);
    const cordon_str icu = cdn_cursor_bytes(&c, 16), rest = cdn_cursor_bytes(&c, 16);
    if (c.err != 0 || !cdn_str_eq(magic, cdn_str(CDN_SCREEN_TABLES_MAGIC, 8))) {
        return damaged(e, "they do not begin as such");
    }
    if (version != CDN_SCREEN_TABLES_VERSION) {
        return cdn_fail(e,
                        CORDON_E_VERSION,
                        "tables of names of version %lu, this build reads %u",
                        (unsigned long)version,
                        CDN_SCREEN_TABLES_VERSION);
    }
    if (zero != 0 || rest.p[0] != '\0' || memchr(icu.p, '\0', 16) == NULL || t->block_count == 0 ||
        t->block_count > CDN_SCREEN_INDEX || t->pair_count > 1U << 20 || t->word_slots == 0 ||
        t->word_slots > 1U << 20 || (t->word_slots & (t->word_slots - 1)) != 0 ||
        t->string_bytes > CDN_SCREEN_STRINGS_MAX) {
        return damaged(e, "a number in the header is out of range");
    }
    const uint64_t size = CDN_SCREEN_TABLES_HEADER + 2ULL * CDN_SCREEN_INDEX + 512ULL * t->block_count +
                          12ULL * t->pair_count + 8ULL * t->word_slots +
                          (uint64_t)CDN_SCREEN_LETTER_TABLES * CDN_SCREEN_LETTERS_SIZE + t->string_bytes;
    if (size != bytes.n) {
        return damaged(e, "the size is not what the header says");
    }
    t->index = (const uint8_t *)bytes.p + CDN_SCREEN_TABLES_HEADER;
    t->blocks = t->index + 2U * CDN_SCREEN_INDEX;
    t->pairs = t->blocks + (size_t)512 * t->block_count;
    t->words = t->pairs + (size_t)12 * t->pair_count;
    t->letters = (const int8_t *)(t->words + (size_t)8 * t->word_slots);
    t->strings = (const char *)(t->letters + (size_t)CDN_SCREEN_LETTER_TABLES * CDN_SCREEN_LETTERS_SIZE);
    memcpy(t->icu_version, icu.p, 16);
    return 0;
}

static bool in_strings(const struct cdn_screen_tables *t, uint32_t at, uint32_t n) {
    return at <= t->string_bytes && n <= t->string_bytes - at;
}

static bool check_blocks(const struct cdn_screen_tables *t) {
    for (uint32_t i = 0; i < CDN_SCREEN_INDEX; i++) {
        if (load16(t->index + (size_t)2 * i) >= t->block_count) {
            return false;
        }
    }
    for (size_t i = 0; i < (size_t)t->block_count * 128; i++) {
        const uint32_t v = load32(t->blocks + 4 * i);
        if (!in_strings(t, v >> 14, v >> 9 & 31U) || (v >> 4 & 31U) > 26 || (v & 15U) >= CDN_WRITTEN_COUNT) {
            return false;
        }
    }
    return true;
}

static uint64_t pair_key(const uint8_t *p) {
    return (uint64_t)load32(p) << 32 | load32(p + 4);
}

static bool check_pairs_and_words(const struct cdn_screen_tables *t) {
    for (uint32_t i = 0; i < t->pair_count; i++) {
        const uint8_t *p = t->pairs + (size_t)12 * i;
        const uint32_t v = load32(p + 8);
        if (!in_strings(t, v >> 8, v & 255U) || (v & 255U) > 31 ||
            (i > 0 && pair_key(p - 12) >= pair_key(p))) {
            return false;
        }
    }
    uint32_t used = 0;
    for (uint32_t i = 0; i < t->word_slots; i++) {
        const uint8_t *p = t->words + (size_t)8 * i;
        used += p[4] != 0;
        if (!in_strings(t, load32(p), p[4]) || (p[5] & 0x7F) >= CDN_WORD_CLASSES) {
            return false;
        }
    }
    return used < t->word_slots; /* a search always ends at a free slot */
}

static bool check_strings(const struct cdn_screen_tables *t) {
    for (uint32_t i = 0; i < t->string_bytes; i++) {
        const char c = t->strings[i];
        if (!(c == ' ' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'))) {
            return false;
        }
    }
    return true;
}

static int up_half(int v) {
    return v >= 0 ? (v + 1) / 2 : -(-v / 2);
}

static void derive_latin(struct cdn_screen_tables *t) {
    const int8_t *table = cdn_screen_letters_of(t, CDN_WRITTEN_LATIN);
    for (unsigned x = 0; x < CDN_SOUND_LETTERS; x++) {
        int other = CDN_MAX(table[1024 + x], table[1056 + x]);
        for (unsigned y = 0; y < CDN_SOUND_LETTERS; y++) {
            if (x != y) {
                other = CDN_MAX(other, up_half(CDN_MAX(table[x * 32 + y], table[y * 32 + x])));
            }
        }
        t->latin_same[x] = (int8_t)up_half(table[x * 32 + x]);
        t->latin_other[x] = (int8_t)other;
    }
}

static void derive_most(struct cdn_screen_tables *t) {
    for (unsigned script = 0; script < CDN_SCREEN_LETTER_TABLES; script++) {
        const int8_t *table = cdn_screen_letters_of(t, script);
        for (unsigned x = 0; x < CDN_SOUND_LETTERS; x++) {
            int8_t most = table[1024 + x];
            for (unsigned y = 0; y < CDN_SOUND_LETTERS; y++) {
                most = CDN_MAX(most, table[x * 32 + y]);
            }
            t->most[script][x] = most;
            t->most_alone[script] = CDN_MAX(t->most_alone[script], table[1056 + x]);
        }
    }
}

/* Mask of the letters of a word, as that of a token. */
static uint32_t letters_of(const char *p, uint32_t n) {
    uint32_t mask = 0;
    for (uint32_t i = 0; i < n; i++) {
        mask |= p[i] >= 'a' ? 1U << (p[i] - 'a') : 0U;
    }
    return mask;
}

static void add_mendable(struct cdn_screen_tables *t, uint32_t at, uint32_t n, bool number) {
    for (uint32_t i = 0; i < t->mendable_count; i++) {
        if (t->mendable[i].n == n && t->mendable[i].number == number &&
            memcmp(t->strings + t->mendable[i].at, t->strings + at, n) == 0) {
            return;
        }
    }
    if (t->mendable_count < CDN_SCREEN_MENDABLE) {
        t->mendable[t->mendable_count++] =
            (struct cdn_screen_mendable){at, letters_of(t->strings + at, n), (uint8_t)n, number};
    }
}

static void derive_mendable(struct cdn_screen_tables *t) {
    for (uint32_t i = 0; i < t->word_slots && t->mendable_count < CDN_SCREEN_MENDABLE; i++) {
        const uint8_t *p = t->words + (size_t)8 * i;
        const uint32_t at = load32(p), n = p[4], class = p[5] & 0x7FU;
        uint32_t from = 0;
        for (uint32_t k = 0; k <= n && class != CDN_WORD_PLAIN; k++) {
            if (k < n && t->strings[at + k] != ' ') {
                continue;
            }
            const bool phrase = from > 0 || k < n;
            if (phrase ? k - from >= 4 : class == CDN_WORD_NUMBER && k >= 5) {
                add_mendable(t, at + from, k - from, !phrase);
            }
            from = k + 1;
        }
    }
}

int cdn_screen_tables_open(cordon_str bytes, struct cdn_screen_tables *ret, struct cordon_error *e) {
    struct cdn_screen_tables t;
    memset(&t, 0, sizeof t);
    const int err = open_header(bytes, &t, e);
    if (err != 0) {
        return err;
    }
    if (!check_blocks(&t) || !check_pairs_and_words(&t) || !check_strings(&t)) {
        return damaged(e, "an entry leads nowhere");
    }
    derive_latin(&t);
    derive_most(&t);
    derive_mendable(&t);
    *ret = t;
    return 0;
}

/* ---- look-ups --------------------------------------------------------------------------------------- */

struct cdn_screen_letter cdn_screen_letter_of(const struct cdn_screen_tables *t, uint32_t cp) {
    if (cp >= CDN_SCREEN_CODES) {
        return (struct cdn_screen_letter){.script = cp >= 0xE0000 && cp < 0xE0200 ? CDN_WRITTEN_DROPPED
                                                                                  : CDN_WRITTEN_SEPARATOR};
    }
    const uint32_t block = load16(t->index + (size_t)2 * (cp / 128));
    const uint32_t v = load32(t->blocks + 4 * ((size_t)block * 128 + cp % 128)), like = v >> 4 & 31U;
    return (struct cdn_screen_letter){.latin = {t->strings + (v >> 14), v >> 9 & 31U},
                                      .script = v & 15U,
                                      .look_alike = (char)(like == 0 ? 0 : 'a' + (int)like - 1)};
}

bool cdn_screen_pair_of(const struct cdn_screen_tables *t, uint32_t first, uint32_t second, cordon_str *ret) {
    const uint64_t key = (uint64_t)first << 32 | second;
    uint32_t low = 0, high = t->pair_count;
    while (low < high) {
        const uint32_t mid = low + (high - low) / 2;
        const uint8_t *p = t->pairs + (size_t)12 * mid;
        const uint64_t at = pair_key(p);
        if (at == key) {
            const uint32_t v = load32(p + 8);
            *ret = cdn_str(t->strings + (v >> 8), v & 255U);
            return true;
        }
        if (at < key) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return false;
}

bool cdn_screen_word_of(const struct cdn_screen_tables *t, cordon_str text, struct cdn_screen_word *ret) {
    const uint32_t mask = t->word_slots - 1;
    for (uint32_t slot = (uint32_t)cdn_hash(text, 0) & mask;; slot = (slot + 1) & mask) {
        const uint8_t *p = t->words + (size_t)8 * slot;
        if (p[4] == 0) {
            return false;
        }
        if (p[4] == text.n && memcmp(t->strings + load32(p), text.p, text.n) == 0) {
            *ret = (struct cdn_screen_word){p[5], (uint16_t)load16(p + 6)};
            return true;
        }
    }
}
