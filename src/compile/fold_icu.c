/* SPDX-License-Identifier: Apache-2.0 */
/* fold_icu.c: makes the folding table with ICU.
 *
 * The rule, applied to a text until nothing changes (ROUNDS_MAX bounds it; two rounds suffice in Unicode 15):
 *   1. unify: dashes to "-", apostrophes and single quotes to "'", double quotes to '"', all spaces to
 * U+0020; letters that no decomposition takes apart: ł ø đ ð ħ ŧ ı æ œ þ;
 *   2. compatibility decomposition (NFKD);
 *   3. strip: control, format, default-ignorable characters, enclosing marks, and marks of a combining class
 * other than 0 (vowel signs of Indian scripts: letters of the word and not accents on it) and 8 (kana
 * voicing); and the Arabic tatweel, which only stretches;
 *   4. full case folding.
 * Because marks of at most one class remain, none are reordered, and the rule works code point by code point;
 * the table is that rule for each of 0x10F800 code points, and tests compare it with the rule on whole texts.
 *
 * The output depends on ICU's version, which is why that is recorded: the same ICU, the same bytes. */
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/uvernum.h>
#include <unicode/uversion.h>

#include "compile/fold_icu.h"
#include "text/text.h"

#define ROUNDS_MAX 6
#define UNITS_MAX 64 /* of UTF-16, for one code point: U+FDFA needs 18 */

/* ---- the rule ---------------------------------------------------------------------------------------- */

static const struct {
    UChar32 from;
    const char *to;
} letters[] = {{0x142, "l"},
               {0x141, "l"},
               {0xF8, "o"},
               {0xD8, "o"},
               {0x111, "d"},
               {0x110, "d"},
               {0xF0, "d"},
               {0xD0, "d"},
               {0x127, "h"},
               {0x126, "h"},
               {0x167, "t"},
               {0x166, "t"},
               {0x131, "i"},
               {0xE6, "ae"},
               {0xC6, "ae"},
               {0x153, "oe"},
               {0x152, "oe"},
               {0xFE, "th"},
               {0xDE, "th"}};

/* Apostrophes, primes and single quotes of many scripts; modifier letters that transliterations use. */
static bool is_single_quote(UChar32 c) {
    return c == 0x60 || c == 0xB4 || (c >= 0x2B9 && c <= 0x2BF && c != 0x2BA) || c == 0x2C8 || c == 0x2CA ||
           c == 0x2CB || c == 0x374 || c == 0x55A || c == 0x5F3 || (c >= 0x2018 && c <= 0x201B) ||
           c == 0x2032 || c == 0x2035 || c == 0x2039 || c == 0x203A || c == 0xA78B || c == 0xA78C ||
           c == 0xFF07 || c == 0x1FBF || c == 0x1FBD || c == 0x1FFE;
}

static bool is_double_quote(UChar32 c) {
    return c == 0xAB || c == 0xBB || c == 0x2BA || c == 0x5F4 || (c >= 0x201C && c <= 0x201F) ||
           c == 0x2033 || c == 0x2036 || (c >= 0x300C && c <= 0x300F) || (c >= 0x301D && c <= 0x301F) ||
           c == 0xFF02;
}

static bool is_space(UChar32 c) {
    const int8_t type = u_charType(c);
    return type == U_SPACE_SEPARATOR || type == U_LINE_SEPARATOR || type == U_PARAGRAPH_SEPARATOR ||
           (c >= 9 && c <= 13) || c == 0x85;
}

/* What step 1 makes of a character; NULL: itself. */
static const char *unified(UChar32 c) {
    if (c == ' ' || c == '-' || c == '\'' || c == '"') {
        return NULL;
    }
    if (is_single_quote(c)) {
        return "'";
    }
    if (is_double_quote(c)) {
        return "\"";
    }
    if (u_charType(c) == U_DASH_PUNCTUATION || c == 0x2212 || c == 0x2043 || c == 0xFE63 || c == 0x2796) {
        return "-";
    }
    if (is_space(c)) {
        return " ";
    }
    for (size_t i = 0; i < CDN_ARRAY_LEN(letters); i++) {
        if (letters[i].from == c) {
            return letters[i].to;
        }
    }
    return NULL;
}

static bool is_stripped(UChar32 c) {
    const int8_t type = u_charType(c);
    const uint8_t class = u_getCombiningClass(c);
    return type == U_CONTROL_CHAR || type == U_FORMAT_CHAR || type == U_ENCLOSING_MARK ||
           u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) || c == 0x640 ||
           (class != 0 && class != 8);
}

/* UTF-16 text with a fixed size; `full` when something did not fit. */
struct units {
    UChar *p;
    int32_t n, size;
    bool full;
};

static void put(struct units *u, UChar32 c) {
    const int32_t need = U16_LENGTH(c);
    if (u->n + need > u->size) {
        u->full = true;
        return;
    }
    U16_APPEND_UNSAFE(u->p, u->n, c);
}

/* The code point at p[*at]; the text is well formed, because only put() and ICU wrote it. */
static UChar32 take(const UChar *p, int32_t *at) {
    const UChar32 c = p[(*at)++];
    return (c & 0xFC00) == 0xD800 ? U16_GET_SUPPLEMENTARY(c, p[(*at)++]) : c;
}

static void unify_all(const struct units *in, struct units *out) {
    out->n = 0;
    for (int32_t at = 0; at < in->n;) {
        const UChar32 c = take(in->p, &at);
        const char *to = unified(c);
        if (to == NULL) {
            put(out, c);
        }
        for (; to != NULL && *to != '\0'; to++) {
            put(out, (UChar32)*to);
        }
    }
}

static void strip_all(struct units *u) {
    int32_t kept = 0;
    for (int32_t at = 0; at < u->n;) {
        const UChar32 c = take(u->p, &at);
        if (!is_stripped(c)) {
            U16_APPEND_UNSAFE(u->p, kept, c); /* never longer than what was read */
        }
    }
    u->n = kept;
}

/* One round from `text` by way of `other`; both have the same size. */
static UErrorCode one_round(const UNormalizer2 *nfkd, struct units *text, struct units *other) {
    UErrorCode err = U_ZERO_ERROR;
    unify_all(text, other);
    text->n = unorm2_normalize(nfkd, other->p, other->n, text->p, text->size, &err);
    if (U_FAILURE(err)) {
        return err;
    }
    strip_all(text);
    other->n = u_strFoldCase(other->p, other->size, text->p, text->n, U_FOLD_CASE_DEFAULT, &err);
    if (U_SUCCESS(err)) {
        u_memcpy(text->p, other->p, other->n);
        text->n = other->n;
    }
    return err;
}

/* Applies the rule in place. `before` and `other` are scratch of the same size. */
static int fold_units(struct units *text, struct units *other, UChar *before, struct cordon_error *e) {
    UErrorCode err = U_ZERO_ERROR;
    const UNormalizer2 *nfkd = unorm2_getNFKDInstance(&err);
    for (int round = 0; U_SUCCESS(err) && round < ROUNDS_MAX; round++) {
        const int32_t n = text->n;
        u_memcpy(before, text->p, n);
        err = one_round(nfkd, text, other);
        if (U_SUCCESS(err) && text->n == n && u_memcmp(before, text->p, n) == 0) {
            return text->full || other->full
                       ? cdn_fail(e, CORDON_E_LIMIT, "a text grows too much when it is folded")
                       : 0;
        }
    }
    return cdn_fail(
        e, CORDON_E_INTERNAL, "ICU cannot fold: %s", U_FAILURE(err) ? u_errorName(err) : "no fixed point");
}

int cdn_compile_fold_slow(cordon_str s,
                          const struct cordon_alloc *alloc,
                          struct cdn_buf *out,
                          struct cordon_error *e) {
    if (s.n > (size_t)INT32_MAX / (CDN_TEXT_FOLD_MAX * 8)) {
        return cdn_fail(e, CORDON_E_LIMIT, "text too long to fold");
    }
    const size_t size = s.n * CDN_TEXT_FOLD_MAX + UNITS_MAX, bytes = 3 * size * sizeof(UChar);
    UChar *memory = cdn_alloc(alloc, bytes);
    if (memory == NULL) {
        return cdn_fail(e, CORDON_E_NOMEM, "no memory to fold a text");
    }
    struct units text = {memory, 0, (int32_t)size, false}, other = {memory + size, 0, (int32_t)size, false};
    for (size_t at = 0; at < s.n;) {
        put(&text, (UChar32)cdn_utf8_next(s, &at));
    }
    const int err = fold_units(&text, &other, memory + 2 * size, e);
    for (int32_t at = 0; err == 0 && at < text.n;) {
        char utf8[4];
        cdn_buf_put(out, utf8, cdn_utf8_encode((uint32_t)take(text.p, &at), utf8));
    }
    cdn_free(alloc, memory, bytes);
    return err != 0 ? err : out->err;
}

/* ---- the table --------------------------------------------------------------------------------------- */

struct maker {
    uint16_t *blocks; /* all blocks one after the other, then deduplicated */
    uint16_t index[CDN_TEXT_INDEX_COUNT];
    uint32_t block_count;
    uint32_t *entries;
    uint32_t entry_count;
    uint32_t *words;
    uint32_t word_count;
    uint16_t slots[0x8000]; /* hash of folds: entry + 1 */
};

static bool same_fold(const struct maker *m, uint32_t entry, const uint32_t *cps, uint32_t n) {
    if (entry >> 27 != n) {
        return false;
    }
    if (n == 1) {
        return (entry & 0x7FFFFFFU) == cps[0];
    }
    return memcmp(m->words + (entry & 0x7FFFFFFU), cps, n * sizeof *cps) == 0;
}

/* The entry of a fold, found or made. Returns its index, UINT32_MAX when the table is full. */
static uint32_t find_entry(struct maker *m, const uint32_t *cps, uint32_t n) {
    uint64_t slot = cdn_hash(cdn_str((const char *)cps, n * sizeof *cps), 1);
    for (;; slot++) {
        uint16_t *s = &m->slots[slot % CDN_ARRAY_LEN(m->slots)];
        if (*s == 0) {
            if (m->entry_count == CDN_TEXT_ENTRIES_MAX) {
                return UINT32_MAX;
            }
            uint32_t value = cps[0];
            if (n > 1) {
                value = m->word_count;
                memcpy(m->words + m->word_count, cps, n * sizeof *cps);
                m->word_count += n;
            }
            m->entries[m->entry_count] = n << 27 | value;
            *s = (uint16_t)++m->entry_count;
            return m->entry_count - 1;
        }
        if (same_fold(m, m->entries[*s - 1], cps, n)) {
            return *s - 1U;
        }
    }
}

static uint16_t class_bits(UChar32 c) {
    const uint32_t mask = U_GET_GC_MASK(c);
    if (c == '\'') {
        return CDN_TEXT_INSIDE << 14;
    }
    return (mask & (U_GC_L_MASK | U_GC_N_MASK | U_GC_M_MASK)) != 0 ? CDN_TEXT_WORD << 14 : 0;
}

static int describe(struct maker *m, UChar32 c, uint16_t *ret, struct cordon_error *e) {
    UChar a[UNITS_MAX], b[UNITS_MAX], before[UNITS_MAX];
    struct units text = {a, 0, UNITS_MAX, false}, other = {b, 0, UNITS_MAX, false};
    uint32_t cps[CDN_TEXT_FOLD_MAX], n = 0;
    if (c >= 0xAC00 && c <= 0xD7A3) {
        *ret = (uint16_t)(class_bits(c) | CDN_TEXT_ID_HANGUL);
        return 0;
    }
    const int8_t type = u_charType(c);
    if ((type == U_UNASSIGNED || type == U_PRIVATE_USE_CHAR) && !is_stripped(c)) {
        *ret = CDN_TEXT_ID_SAME; /* most of the code space; asking ICU's normaliser would take seconds */
        return 0;
    }
    put(&text, c);
    const int err = fold_units(&text, &other, before, e);
    if (err != 0) {
        return err;
    }
    for (int32_t at = 0; at < text.n;) {
        const UChar32 folded = take(a, &at);
        if (n == CDN_TEXT_FOLD_MAX) {
            return cdn_fail(e, CORDON_E_INTERNAL, "U+%04lX folds to too many code points", (unsigned long)c);
        }
        cps[n++] = (uint32_t)folded;
    }
    uint32_t id = CDN_TEXT_ID_DROP;
    if (n == 1 && cps[0] == (uint32_t)c) {
        id = CDN_TEXT_ID_SAME;
    } else if (n > 0) {
        id = find_entry(m, cps, n);
        if (id == UINT32_MAX) {
            return cdn_fail(e, CORDON_E_INTERNAL, "too many different folds");
        }
        id += CDN_TEXT_ID_ENTRY;
    }
    *ret = (uint16_t)(class_bits(c) | id);
    return 0;
}

/* Fills one block and shares it with an equal one made before. */
static int add_block(struct maker *m, uint32_t i, struct cordon_error *e) {
    uint16_t *block = m->blocks + (size_t)m->block_count * CDN_TEXT_BLOCK;
    for (uint32_t k = 0; k < CDN_TEXT_BLOCK; k++) {
        const UChar32 c = (UChar32)(i * CDN_TEXT_BLOCK + k);
        block[k] = 0;
        const int err = c >= 0xD800 && c <= 0xDFFF ? 0 : describe(m, c, &block[k], e);
        if (err != 0) {
            return err;
        }
    }
    for (uint32_t old = 0; old < m->block_count; old++) {
        if (memcmp(m->blocks + (size_t)old * CDN_TEXT_BLOCK, block, CDN_TEXT_BLOCK * sizeof *block) == 0) {
            m->index[i] = (uint16_t)old;
            return 0;
        }
    }
    m->index[i] = (uint16_t)m->block_count++;
    return 0;
}

static void put16(struct cdn_buf *out, uint32_t v) {
    const uint8_t b[2] = {(uint8_t)v, (uint8_t)(v >> 8)};
    cdn_buf_put(out, b, 2);
}

static void put32(struct cdn_buf *out, uint32_t v) {
    put16(out, v & 0xFFFF);
    put16(out, v >> 16);
}

static void write_table(const struct maker *m, struct cdn_buf *out) {
    UVersionInfo icu, unicode;
    char icu_text[U_MAX_VERSION_STRING_LENGTH + 16] = "", unicode_text[U_MAX_VERSION_STRING_LENGTH + 16] = "";
    u_getVersion(icu);
    u_versionToString(icu, icu_text);
    u_getUnicodeVersion(unicode);
    u_versionToString(unicode, unicode_text);
    icu_text[15] = unicode_text[15] = '\0';
    cdn_buf_put(out, CDN_TEXT_MAGIC, 8);
    put32(out, CDN_TEXT_VERSION);
    put32(out, CDN_TEXT_INDEX_COUNT);
    put32(out, m->block_count);
    put32(out, m->entry_count);
    put32(out, m->word_count);
    put32(out, 0);
    cdn_buf_put(out, icu_text, 16);
    cdn_buf_put(out, unicode_text, 16);
    for (uint32_t i = 0; i < CDN_TEXT_INDEX_COUNT; i++) {
        put16(out, m->index[i]);
    }
    for (size_t i = 0; i < (size_t)m->block_count * CDN_TEXT_BLOCK; i++) {
        put16(out, m->blocks[i]);
    }
    for (uint32_t i = 0; i < m->entry_count; i++) {
        put32(out, m->entries[i]);
    }
    for (uint32_t i = 0; i < m->word_count; i++) {
        put32(out, m->words[i]);
    }
}

int cdn_compile_fold(const struct cordon_alloc *alloc, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_arena arena;
    cdn_arena_init(&arena, alloc, 0);
    struct maker *m = cdn_arena_zero(&arena, 1, sizeof *m);
    const size_t words = (size_t)CDN_TEXT_ENTRIES_MAX * CDN_TEXT_FOLD_MAX;
    const bool room =
        m != NULL && (m->blocks = cdn_arena_zero(&arena, 0x110000, sizeof *m->blocks)) != NULL &&
        (m->entries = cdn_arena_zero(&arena, CDN_TEXT_ENTRIES_MAX, sizeof *m->entries)) != NULL &&
        (m->words = cdn_arena_zero(&arena, words, sizeof *m->words)) != NULL;
    int err = 0;
    if (!room) {
        err = cdn_fail(e, CORDON_E_NOMEM, "no memory to make the folding table");
    }
    for (uint32_t i = 0; err == 0 && i < CDN_TEXT_INDEX_COUNT; i++) {
        err = add_block(m, i, e);
    }
    if (err == 0) {
        write_table(m, out);
        err = out->err;
    }
    cdn_arena_free(&arena);
    return err;
}
