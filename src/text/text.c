/* SPDX-License-Identifier: Apache-2.0 */
/* text.c: folds text by the table of a snapshot (format in text.h).
 *
 * 1. cdn_text_open() checks every value of the table once; look-ups then need no checks.
 * 2. Folding is per code point, so that nothing is buffered and the fold of a part is a part of the fold.
 * 3. Loads are byte by byte: the section may lie at any address, and a big-endian machine reads the same.
 *
 * Why not ICU itself: its answers change with its version; a decision of 2022 must be the same in 2030. */
#include "text/text.h"

#define HANGUL_FIRST 0xAC00U
#define HANGUL_COUNT 11172U

static uint32_t load16(const uint8_t *p, size_t i) {
    return (uint32_t)p[2 * i] | (uint32_t)p[2 * i + 1] << 8;
}

static uint32_t load32(const uint8_t *p, size_t i) {
    return load16(p, 2 * i) | load16(p, 2 * i + 1) << 16;
}

/* class << 14 | id of a code point, at most U+10FFFF. */
static uint32_t describe(const struct cdn_text *t, uint32_t cp) {
    const uint32_t block = load16(t->index, cp / CDN_TEXT_BLOCK);
    return load16(t->blocks, (size_t)block * CDN_TEXT_BLOCK + cp % CDN_TEXT_BLOCK);
}

static bool is_scalar(uint32_t cp) {
    return cp <= 0x10FFFF && (cp < 0xD800 || cp > 0xDFFF);
}

static size_t hangul(uint32_t cp, uint32_t ret[CDN_TEXT_FOLD_MAX]) {
    const uint32_t s = cp - HANGUL_FIRST;
    ret[0] = 0x1100 + s / (21 * 28);
    ret[1] = 0x1161 + s % (21 * 28) / 28;
    ret[2] = 0x11A7 + s % 28;
    return s % 28 == 0 ? 2 : 3;
}

size_t cdn_text_fold_cp(const struct cdn_text *t, uint32_t cp, uint32_t ret[CDN_TEXT_FOLD_MAX]) {
    if (!is_scalar(cp)) {
        cp = 0xFFFD;
    }
    const uint32_t id = describe(t, cp) & 0x3FFFU;
    if (id == CDN_TEXT_ID_SAME) {
        ret[0] = cp;
        return 1;
    }
    if (id == CDN_TEXT_ID_DROP) {
        return 0;
    }
    if (id == CDN_TEXT_ID_HANGUL) {
        return hangul(cp, ret);
    }
    const uint32_t entry = load32(t->entries, id - CDN_TEXT_ID_ENTRY);
    const uint32_t n = entry >> 27, value = entry & 0x7FFFFFFU;
    if (n == 1) {
        ret[0] = value;
        return 1;
    }
    for (uint32_t i = 0; i < n; i++) {
        ret[i] = load32(t->words, value + i);
    }
    return n;
}

unsigned cdn_text_class_of(const struct cdn_text *t, uint32_t cp) {
    return is_scalar(cp) ? describe(t, cp) >> 14 : CDN_TEXT_OTHER;
}

/* ---- opening ---------------------------------------------------------------------------------------- */

static int damaged(struct cordon_error *e, const char *what) {
    return cdn_fail(e, CORDON_E_FORMAT, "folding table: %s", what);
}

static bool ends(const char *p) {
    return memchr(p, '\0', 16) != NULL;
}

static int open_header(cordon_str bytes, struct cdn_text *t, struct cordon_error *e) {
    struct cdn_cursor c;
    cdn_cursor_init(&c, bytes.p, bytes.n);
    const cordon_str magic = cdn_cursor_bytes(&c, 8);
    const uint32_t version = cdn_cursor_u32(&c), index_count = cdn_cursor_u32(&c);
    t->block_count = cdn_cursor_u32(&c);
    t->entry_count = cdn_cursor_u32(&c);
    t->word_count = cdn_cursor_u32(&c);
    const uint32_t zero = cdn_cursor_u32(&c);
    const cordon_str icu = cdn_cursor_bytes(&c, 16), unicode = cdn_cursor_bytes(&c, 16);
    if (c.err != 0 || !cdn_str_eq(magic, cdn_str(CDN_TEXT_MAGIC, 8))) {
        return damaged(e, "it does not begin as one");
    }
    if (version != CDN_TEXT_VERSION) {
        return cdn_fail(e,
                        CORDON_E_VERSION,
                        "folding table of version %lu, this build reads %u",
                        (unsigned long)version,
                        CDN_TEXT_VERSION);
    }
    if (index_count != CDN_TEXT_INDEX_COUNT || t->block_count == 0 || t->block_count > CDN_TEXT_INDEX_COUNT ||
        t->entry_count > CDN_TEXT_ENTRIES_MAX || t->word_count > CDN_TEXT_ENTRIES_MAX * CDN_TEXT_FOLD_MAX ||
        zero != 0 || !ends(icu.p) || !ends(unicode.p)) {
        return damaged(e, "a number in its header is out of range");
    }
    const uint64_t size = CDN_TEXT_HEADER + 2ULL * CDN_TEXT_INDEX_COUNT +
                          2ULL * CDN_TEXT_BLOCK * t->block_count + 4ULL * t->entry_count +
                          4ULL * t->word_count;
    if (size != bytes.n) {
        return damaged(e, "its size is not what its header says");
    }
    t->index = (const uint8_t *)bytes.p + CDN_TEXT_HEADER;
    t->blocks = t->index + 2 * (size_t)CDN_TEXT_INDEX_COUNT;
    t->entries = t->blocks + 2 * (size_t)CDN_TEXT_BLOCK * t->block_count;
    t->words = t->entries + 4 * (size_t)t->entry_count;
    memcpy(t->icu_version, icu.p, 16);
    memcpy(t->unicode_version, unicode.p, 16);
    return 0;
}

static bool check_entries(const struct cdn_text *t) {
    for (uint32_t i = 0; i < t->entry_count; i++) {
        const uint32_t entry = load32(t->entries, i), n = entry >> 27, value = entry & 0x7FFFFFFU;
        if (n == 0 || n > CDN_TEXT_FOLD_MAX ||
            (n > 1 && (value > t->word_count || n > t->word_count - value))) {
            return false;
        }
        if (n == 1 && (!is_scalar(value) || (describe(t, value) & 0x3FFFU) != CDN_TEXT_ID_SAME)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < t->word_count; i++) {
        const uint32_t cp = load32(t->words, i);
        if (!is_scalar(cp) || (describe(t, cp) & 0x3FFFU) != CDN_TEXT_ID_SAME) {
            return false;
        }
    }
    return true;
}

/* Ids of blocks exist, and only syllables are taken for syllables. A block may be shared, so the code points
 * are walked, not the blocks. */
static bool check_blocks(const struct cdn_text *t) {
    bool syllables = false;
    for (uint32_t i = 0; i < CDN_TEXT_INDEX_COUNT; i++) {
        if (load16(t->index, i) >= t->block_count) {
            return false;
        }
    }
    for (size_t i = 0; i < (size_t)t->block_count * CDN_TEXT_BLOCK; i++) {
        const uint32_t id = load16(t->blocks, i) & 0x3FFFU;
        if (id >= CDN_TEXT_ID_ENTRY + t->entry_count) {
            return false;
        }
        syllables = syllables || id == CDN_TEXT_ID_HANGUL;
    }
    for (uint32_t cp = 0; syllables && cp < 0x110000; cp++) {
        const bool is = cp >= HANGUL_FIRST && cp < HANGUL_FIRST + HANGUL_COUNT;
        if (!is && (describe(t, cp) & 0x3FFFU) == CDN_TEXT_ID_HANGUL) {
            return false;
        }
    }
    for (uint32_t cp = 0x1100; syllables && cp < 0x11C3; cp++) {
        const bool used = cp <= 0x1112 || (cp >= 0x1161 && cp <= 0x1175) || cp >= 0x11A8;
        if (used && (describe(t, cp) & 0x3FFFU) != CDN_TEXT_ID_SAME) {
            return false;
        }
    }
    return (describe(t, 0xFFFD) & 0x3FFFU) == CDN_TEXT_ID_SAME;
}

int cdn_text_open(cordon_str bytes, struct cdn_text *ret, struct cordon_error *e) {
    struct cdn_text t;
    memset(&t, 0, sizeof t);
    const int err = open_header(bytes, &t, e);
    if (err != 0) {
        return err;
    }
    if (!check_blocks(&t)) {
        return damaged(e, "a block or its index leads nowhere");
    }
    if (!check_entries(&t)) {
        return damaged(e, "an entry leads nowhere or does not fold to itself");
    }
    *ret = t;
    return 0;
}

/* ---- text ------------------------------------------------------------------------------------------- */

static void put_cp(struct cdn_buf *out, uint32_t cp) {
    char utf8[4];
    cdn_buf_put(out, utf8, cdn_utf8_encode(cp, utf8));
}

void cdn_text_fold(const struct cdn_text *t, cordon_str s, struct cdn_buf *out) {
    uint32_t folded[CDN_TEXT_FOLD_MAX];
    for (size_t at = 0; at < s.n && out->err == 0;) {
        const size_t n = cdn_text_fold_cp(t, cdn_utf8_next(s, &at), folded);
        for (size_t i = 0; i < n; i++) {
            put_cp(out, folded[i]);
        }
    }
}

/* Yields the fold of a text one code point at a time. */
struct stream {
    const struct cdn_text *t;
    cordon_str s;
    size_t at, have, next;
    uint32_t folded[CDN_TEXT_FOLD_MAX];
};

static bool stream_next(struct stream *in, uint32_t *ret) {
    while (in->next == in->have) {
        if (in->at >= in->s.n) {
            return false;
        }
        in->have = cdn_text_fold_cp(in->t, cdn_utf8_next(in->s, &in->at), in->folded);
        in->next = 0;
    }
    *ret = in->folded[in->next++];
    return true;
}

bool cdn_text_same(const struct cdn_text *t, cordon_str a, cordon_str b) {
    struct stream x = {.t = t, .s = a}, y = {.t = t, .s = b};
    for (;;) {
        uint32_t p = 0, q = 0;
        const bool more_x = stream_next(&x, &p), more_y = stream_next(&y, &q);
        if (more_x != more_y || p != q) {
            return false;
        }
        if (!more_x) {
            return true;
        }
    }
}

void cdn_text_words(const struct cdn_text *t, cordon_str s, struct cdn_buf *out) {
    struct stream in = {.t = t, .s = s};
    enum { BEFORE, WORD, INSIDE, BETWEEN } state = BEFORE;
    uint32_t cp = 0;
    while (out->err == 0 && stream_next(&in, &cp)) {
        const unsigned class = describe(t, cp) >> 14;
        if (class == CDN_TEXT_WORD) {
            if (state == BETWEEN) {
                cdn_buf_char(out, ' ');
            }
            put_cp(out, cp);
            state = WORD;
        } else if (class == CDN_TEXT_INSIDE && state == WORD) {
            state = INSIDE; /* nothing is written: the next letter joins on */
        } else if (state != BEFORE) {
            state = BETWEEN;
        }
    }
}

size_t cdn_text_tokens(const struct cdn_text *t, cordon_str folded, cordon_str *ret, size_t max) {
    size_t count = 0, begin = SIZE_MAX;
    const size_t room = CDN_MIN(max, (size_t)CDN_TEXT_TOKENS_MAX);
    for (size_t at = 0; at <= folded.n;) {
        const size_t here = at;
        bool word = false;
        if (at < folded.n) {
            const uint32_t cp = cdn_utf8_next(folded, &at);
            word = describe(t, cp) >> 14 == CDN_TEXT_WORD;
        } else {
            at++;
        }
        if (word && begin == SIZE_MAX) {
            begin = here;
        } else if (!word && begin != SIZE_MAX) {
            if (count < room) {
                ret[count] = cdn_str(folded.p + begin, here - begin);
            }
            count++;
            begin = SIZE_MAX;
        }
    }
    return count;
}
