/* SPDX-License-Identifier: Apache-2.0 */
/* translit_icu.c: makes the tables of names with ICU.
 *
 * The rule of a text: NFKC, lower case, then ICU's transliterators in the order of `rule` below, then only
 * a-z, 0-9 and spaces are kept. English-speaking authorities write names by the BGN/PCGN and UNGEGN
 * romanisations where there is one, which is why those come first.
 *
 * The table holds that rule for each code point in the middle of a word, and for each pair of code points of
 * one script whose result is not the one after the other (Japanese kya, Greek mp, Indian vowel signs, letters
 * with a separate mark). A text is read with the longest of both at each place. What depends on more than two
 * letters differs from ICU; the tests count it.
 *
 * Besides: what ICU says a letter looks like (the confusables of UTS 39), as Latin letters. */
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>
#include <unicode/uversion.h>

#include "compile/screen_priv.h"
#include "compile/translit_icu.h"
#include "screen/tables.h"

#define BATCH 48   /* texts that go through ICU in one call: calls are what is slow */
#define UNITS 8192 /* room for a batch, in UTF-16 */
#define PAIRS_MAX 65536

static const char rule[] = "Russian-Latin/BGN; Greek-Latin/UNGEGN; Armenian-Latin/BGN; Georgian-Latin/BGN; "
                           "Any-Latin; Latin-ASCII; Lower";

/* Letters that ICU's rule loses or that names write otherwise; applied before it. */
static const struct {
    UChar32 from;
    const char *to;
} own[] = {
    {0x5E9, "sh"}, /* shin: without its dot ICU says s */
    {0x456, "i"},  /* Ukrainian and Belarusian letters, which the Russian rule leaves */
    {0x457, "yi"},
    {0x454, "ye"},
    {0x491, "g"},
    {0x45E, "u"},
    {0x44A, ""},  /* hard sign */
    {0x44C, ""},  /* soft sign */
    {0x30FC, ""}, /* kana: length of a vowel */
    {0x131, "i"}, /* dotless i */
    {0x640, ""},  /* Arabic: only stretches */
    {0x200C, ""}, /* Persian: joins */
    {0x621, ""},  /* hamza */
};

struct maker {
    const struct cordon_alloc *alloc;
    struct cdn_arena arena;
    struct cdn_screen_pool pool;
    UTransliterator *translit;
    USpoofChecker *spoof;
    const UNormalizer2 *nfkc, *nfc;
    uint32_t *values; /* CDN_SCREEN_CODES */
    struct pair {
        uint32_t first, second, value;
    } * pairs;
    size_t pair_count;
    struct cordon_error *e;
    /* one batch */
    UChar text[UNITS];
    int32_t length;
    size_t queued;
    struct item {
        uint32_t first, second; /* second 0: one code point, after the letter b of its script, for context */
    } items[BATCH];
};

static int icu_failed(struct cordon_error *e, UErrorCode err) {
    return cdn_fail(e, CORDON_E_INTERNAL, "ICU cannot transliterate: %s", u_errorName(err));
}

static const char *own_of(UChar32 c) {
    for (size_t i = 0; i < CDN_ARRAY_LEN(own); i++) {
        if (own[i].from == c) {
            return own[i].to;
        }
    }
    return NULL;
}

/* Appends NFKC and lower case of one code point, with our own letters replaced. */
static void append_prepared(const UNormalizer2 *nfkc, UChar32 c, UChar *out, int32_t *n, int32_t size) {
    UChar one[2], wide[64];
    int32_t m = 0;
    UErrorCode err = U_ZERO_ERROR;
    U16_APPEND_UNSAFE(one, m, c);
    const int32_t k = unorm2_normalize(nfkc, one, m, wide, 64, &err);
    if (U_FAILURE(err)) {
        return;
    }
    for (int32_t i = 0; i < k;) {
        const UChar lead = wide[i++];
        const bool two = U16_IS_LEAD(lead) && i < k;
        const UChar32 d = u_tolower(two ? U16_GET_SUPPLEMENTARY(lead, wide[i++]) : (UChar32)lead);
        const char *to = own_of(d);
        if (to == NULL && *n + 2 < size) {
            U16_APPEND_UNSAFE(out, *n, d);
        }
        for (; to != NULL && *to != '\0' && *n + 1 < size; to++) {
            out[(*n)++] = (UChar)*to;
        }
    }
}

static bool is_kept(UChar c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static int transliterate(UTransliterator *t, UChar *text, int32_t *n, int32_t size, struct cordon_error *e) {
    UErrorCode err = U_ZERO_ERROR;
    int32_t limit = *n;
    utrans_transUChars(t, text, n, size, 0, &limit, &err);
    return U_FAILURE(err) ? icu_failed(e, err) : 0;
}

/* ---- code points and pairs -------------------------------------------------------------------------- */

static unsigned script_of(UChar32 c) {
    UErrorCode err = U_ZERO_ERROR;
    const uint32_t mask = (uint32_t)1 << u_charType(c);
    if (u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) || (mask & U_GC_CF_MASK) != 0 ||
        c == 0x640) {
        return CDN_WRITTEN_DROPPED;
    }
    if (c == '\'' || c == 0x2019 || c == 0x2018 || c == '`' || c == 0xB4 || c == 0x5F3 || c == 0x5F4 ||
        c == 0x2032 || (mask & U_GC_LM_MASK && c >= 0x2B0 && c <= 0x2FF) || c == 0x2BC || c == 0x55A) {
        return CDN_WRITTEN_DROPPED;
    }
    if ((mask & U_GC_N_MASK) != 0) {
        return CDN_WRITTEN_DIGIT;
    }
    if ((mask & (U_GC_L_MASK | U_GC_M_MASK | U_GC_SO_MASK)) == 0) {
        return CDN_WRITTEN_SEPARATOR;
    }
    switch ((int)uscript_getScript(c, &err)) {
    case USCRIPT_LATIN:
        return CDN_WRITTEN_LATIN;
    case USCRIPT_CYRILLIC:
        return CDN_WRITTEN_CYRILLIC;
    case USCRIPT_ARABIC:
        return CDN_WRITTEN_ARABIC;
    case USCRIPT_HEBREW:
        return CDN_WRITTEN_HEBREW;
    case USCRIPT_GREEK:
        return CDN_WRITTEN_GREEK;
    case USCRIPT_GEORGIAN:
    case USCRIPT_ARMENIAN:
        return CDN_WRITTEN_CAUCASUS;
    case USCRIPT_HAN:
        return CDN_WRITTEN_HAN;
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
        return CDN_WRITTEN_KANA;
    case USCRIPT_HANGUL:
        return CDN_WRITTEN_HANGUL;
    case USCRIPT_DEVANAGARI:
    case USCRIPT_BENGALI:
    case USCRIPT_GUJARATI:
    case USCRIPT_GURMUKHI:
    case USCRIPT_TAMIL:
    case USCRIPT_TELUGU:
    case USCRIPT_KANNADA:
    case USCRIPT_MALAYALAM:
    case USCRIPT_ORIYA:
    case USCRIPT_SINHALA:
        return CDN_WRITTEN_INDIC;
    default:
        if ((mask & U_GC_M_MASK) != 0) {
            return CDN_WRITTEN_DROPPED;
        }
        if (c == 0x30FC) {
            return CDN_WRITTEN_KANA;
        }
        return (mask & U_GC_SO_MASK) != 0 && u_charType(c) == U_OTHER_SYMBOL ? CDN_WRITTEN_SEPARATOR
                                                                             : CDN_WRITTEN_OTHER;
    }
}

/* The Latin letter that ICU holds a letter of another script to be drawn like; 0: none. */
static unsigned look_alike(const struct maker *m, UChar32 c, unsigned script) {
    UChar in[2], out[32];
    int32_t n = 0;
    UErrorCode err = U_ZERO_ERROR;
    if (script != CDN_WRITTEN_CYRILLIC && script != CDN_WRITTEN_GREEK && script != CDN_WRITTEN_CAUCASUS &&
        script != CDN_WRITTEN_OTHER) {
        return 0;
    }
    U16_APPEND_UNSAFE(in, n, c);
    const int32_t k = uspoof_getSkeleton(m->spoof, 0, in, n, out, 32, &err);
    if (U_FAILURE(err) || k != 1) {
        return 0;
    }
    const UChar32 like = u_tolower(out[0]);
    static const struct {
        UChar32 cp;
        char like;
    } capitals[] = {{0x41C, 'm'}, {0x43C, 'm'}, {0x41D, 'h'}, {0x43D, 'h'}, {0x422, 't'}, {0x442, 't'},
                    {0x412, 'b'}, {0x432, 'b'}, {0x41A, 'k'}, {0x43A, 'k'}, {0x39A, 'k'}, {0x3BA, 'k'},
                    {0x39C, 'm'}, {0x39D, 'n'}, {0x397, 'h'}, {0x3A4, 't'}, {0x3C4, 't'}, {0x43F, 'n'},
                    {0x456, 'i'}, {0x4BB, 'h'}, {0x501, 'd'}, {0x51B, 'q'}, {0x51D, 'w'}, {0x458, 'j'}};
    for (size_t i = 0; i < CDN_ARRAY_LEN(capitals); i++) {
        if (capitals[i].cp == c) {
            return (unsigned)(capitals[i].like - 'a' + 1);
        }
    }
    return like >= 'a' && like <= 'z' ? (unsigned)(like - 'a' + 1) : 0;
}

/* Stores the result of one item: `text` is what ICU made of it. */
static int store(struct maker *m, const struct item *it, const UChar *text, int32_t n) {
    char ascii[32];
    uint32_t k = 0;
    int32_t i =
        it->second == 0 || (m->values[it->first] & 15U) == CDN_WRITTEN_CYRILLIC ? 1 : 0; /* after the b */
    for (; i < n && k < sizeof ascii - 1; i++) {
        if (is_kept(text[i])) {
            ascii[k++] = (char)text[i];
        }
    }
    if (it->second == 0) {
        if (k == 0 && (m->values[it->first] & 15U) == CDN_WRITTEN_OTHER) {
            /* a script that ICU cannot write in Latin: four letters that stand for this one and no other */
            ascii[k++] = 'q';
            for (uint32_t rest = it->first; k < 4; rest /= 26) {
                ascii[k++] = (char)('a' + rest % 26);
            }
        }
        const uint32_t at = cdn_screen_pool_add(&m->pool, cdn_str(ascii, k));
        m->values[it->first] |= at << 14 | k << 9;
        return m->pool.err;
    }
    const uint32_t a = m->values[it->first], b = m->values[it->second];
    const uint32_t an = a >> 9 & 31U, bn = b >> 9 & 31U;
    const char *s = m->pool.bytes.p;
    if (k == an + bn && memcmp(ascii, s + (a >> 14), an) == 0 && memcmp(ascii + an, s + (b >> 14), bn) == 0) {
        return 0;
    }
    if (m->pair_count + 4 > PAIRS_MAX) {
        return CORDON_E_LIMIT;
    }
    const uint32_t at = cdn_screen_pool_add(&m->pool, cdn_str(ascii, k));
    const uint32_t first[2] = {it->first, (uint32_t)u_toupper((UChar32)it->first)};
    const uint32_t second[2] = {it->second, (uint32_t)u_toupper((UChar32)it->second)};
    for (unsigned x = 0; x < 2U - (first[0] == first[1]); x++) {
        for (unsigned y = 0; y < 2U - (second[0] == second[1]); y++) {
            m->pairs[m->pair_count++] = (struct pair){first[x], second[y], at << 8 | k};
        }
    }
    return m->pool.err;
}

static int flush(struct maker *m) {
    if (m->queued == 0) {
        return 0;
    }
    int err = transliterate(m->translit, m->text, &m->length, UNITS, m->e);
    int32_t from = 0;
    for (size_t i = 0; err == 0 && i < m->queued; i++) {
        int32_t to = from;
        while (to < m->length && m->text[to] != '\n') {
            to++;
        }
        err = store(m, &m->items[i], m->text + from, to - from);
        from = to + 1;
    }
    m->queued = 0;
    m->length = 0;
    return err;
}

static int queue(struct maker *m, uint32_t first, uint32_t second) {
    m->items[m->queued++] = (struct item){first, second};
    const bool cyrillic = (m->values[first] & 15U) == CDN_WRITTEN_CYRILLIC;
    if (second == 0 || cyrillic) { /* in the middle of a word: е is e and not ye */
        m->text[m->length++] = cyrillic ? 0x431 : 'b';
    }
    append_prepared(m->nfkc, (UChar32)first, m->text, &m->length, UNITS - 2);
    if (second != 0) {
        append_prepared(m->nfkc, (UChar32)second, m->text, &m->length, UNITS - 2);
    }
    m->text[m->length++] = '\n';
    return m->queued == BATCH ? flush(m) : 0;
}

static int add_letters(struct maker *m) {
    int err = 0;
    for (uint32_t c = 1; err == 0 && c < CDN_SCREEN_CODES; c++) {
        if ((c >= 0xD800 && c <= 0xF8FF) || u_charType((UChar32)c) == U_UNASSIGNED) {
            continue; /* values[c] is 0: separates */
        }
        const unsigned script = script_of((UChar32)c);
        m->values[c] = script | look_alike(m, (UChar32)c, script) << 4;
        const bool rare = (c >= 0x3400 && c <= 0x4DBF) || c >= 0x20000; /* Han that names hardly use */
        if (script == CDN_WRITTEN_SEPARATOR || script == CDN_WRITTEN_DROPPED || rare) {
            continue;
        }
        if (c < 0x80) {
            const char low = (char)u_tolower((UChar32)c);
            m->values[c] |= cdn_screen_pool_add(&m->pool, cdn_str(&low, 1)) << 14 | 1U << 9;
            continue;
        }
        err = queue(m, c, 0);
    }
    return err != 0 ? err : flush(m);
}

/* Pairs of small letters within each of these ranges are tried. */
static const struct {
    uint32_t from, to;
} ranges[] = {
    {0x3AC, 0x3CE},   /* Greek */
    {0x430, 0x45F},   /* Cyrillic */
    {0x561, 0x587},   /* Armenian */
    {0x5B0, 0x5EA},   /* Hebrew */
    {0x620, 0x655},   /* Arabic */
    {0x901, 0x963},   /* Devanagari */
    {0x3041, 0x3096}, /* Hiragana */
    {0x30A1, 0x30FC}, /* Katakana */
};

static int add_pairs(struct maker *m) {
    int err = 0;
    for (size_t r = 0; err == 0 && r < CDN_ARRAY_LEN(ranges); r++) {
        for (uint32_t a = ranges[r].from; err == 0 && a <= ranges[r].to; a++) {
            for (uint32_t b = ranges[r].from; err == 0 && b <= ranges[r].to; b++) {
                const bool letters = (m->values[a] & 15U) > CDN_WRITTEN_DIGIT &&
                                     (m->values[b] & 15U) > CDN_WRITTEN_DIGIT &&
                                     (m->values[a] & 15U) != CDN_WRITTEN_DROPPED;
                err = letters ? queue(m, a, b) : 0;
            }
        }
    }
    return err != 0 ? err : flush(m);
}

/* Letters whose mark is written apart: и + breve is й. */
static int add_marked(struct maker *m) {
    for (uint32_t c = 0x370; c < 0x3100; c++) {
        UChar parts[4];
        UErrorCode err = U_ZERO_ERROR;
        const int32_t n = unorm2_getRawDecomposition(m->nfc, (UChar32)c, parts, 4, &err);
        const unsigned script = m->values[c] & 15U;
        if (n != 2 || U_FAILURE(err) || script <= CDN_WRITTEN_DIGIT || script == CDN_WRITTEN_DROPPED) {
            continue;
        }
        if (m->pair_count == PAIRS_MAX) {
            return CORDON_E_LIMIT;
        }
        m->pairs[m->pair_count++] =
            (struct pair){parts[0], parts[1], (m->values[c] >> 14) << 8 | (m->values[c] >> 9 & 31U)};
    }
    return 0;
}

static void sort_pairs(struct maker *m) {
    /* by insertion into place of a nearly sorted array; later ones of equal key are dropped */
    size_t kept = 0;
    for (size_t i = 0; i < m->pair_count; i++) {
        const struct pair p = m->pairs[i];
        const uint64_t key = (uint64_t)p.first << 32 | p.second;
        size_t low = 0, high = kept;
        while (low < high) {
            const size_t mid = (low + high) / 2;
            if (((uint64_t)m->pairs[mid].first << 32 | m->pairs[mid].second) < key) {
                low = mid + 1;
            } else {
                high = mid;
            }
        }
        if (low < kept && m->pairs[low].first == p.first && m->pairs[low].second == p.second) {
            continue;
        }
        memmove(m->pairs + low + 1, m->pairs + low, (kept - low) * sizeof *m->pairs);
        m->pairs[low] = p;
        kept++;
    }
    m->pair_count = kept;
}

/* ---- writing ---------------------------------------------------------------------------------------- */

static void put16(struct cdn_buf *out, uint32_t v) {
    const uint8_t b[2] = {(uint8_t)v, (uint8_t)(v >> 8)};
    cdn_buf_put(out, b, 2);
}

static void put32(struct cdn_buf *out, uint32_t v) {
    put16(out, v & 0xFFFF);
    put16(out, v >> 16);
}

static const int8_t letters[CDN_SCREEN_LETTER_TABLES][CDN_SCREEN_LETTERS_SIZE] = {
#include "compile/screen_letters.def"
};

static void write_blocks(struct maker *m, struct cdn_buf *out, uint32_t *ret_count) {
    uint16_t index[CDN_SCREEN_INDEX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < CDN_SCREEN_INDEX; i++) {
        uint32_t old = 0;
        const uint32_t *block = m->values + (size_t)i * 128;
        while (old < count && memcmp(m->values + (size_t)old * 128, block, 512) != 0) {
            old++;
        }
        if (old == count) {
            memmove(
                m->values + (size_t)count++ * 128, block, 512); /* count ≤ i: never over what is to come */
        }
        index[i] = (uint16_t)old;
    }
    for (uint32_t i = 0; i < CDN_SCREEN_INDEX; i++) {
        put16(out, index[i]);
    }
    for (size_t i = 0; i < (size_t)count * 128; i++) {
        put32(out, m->values[i]);
    }
    *ret_count = count;
}

static int write_section(struct maker *m, struct cdn_buf *out) {
    struct cdn_screen_word_rec *words = NULL;
    uint32_t slots = 0, blocks = 0;
    int err = cdn_compile_screen_words(&m->pool, &words, &slots, m->e);
    if (err != 0) {
        return err;
    }
    struct cdn_buf body;
    UVersionInfo icu;
    char version[U_MAX_VERSION_STRING_LENGTH + 16] = "";
    u_getVersion(icu);
    u_versionToString(icu, version);
    version[15] = '\0';
    cdn_buf_init(&body, m->alloc, out->max);
    write_blocks(m, &body, &blocks);
    cdn_buf_put(out, CDN_SCREEN_TABLES_MAGIC, 8);
    put32(out, CDN_SCREEN_TABLES_VERSION);
    put32(out, blocks);
    put32(out, (uint32_t)m->pair_count);
    put32(out, slots);
    put32(out, (uint32_t)m->pool.bytes.n);
    put32(out, 0);
    cdn_buf_put(out, version, 16);
    cdn_buf_zero(out, 16);
    cdn_buf_str(out, cdn_buf_get(&body));
    for (size_t i = 0; i < m->pair_count; i++) {
        put32(out, m->pairs[i].first);
        put32(out, m->pairs[i].second);
        put32(out, m->pairs[i].value);
    }
    for (uint32_t i = 0; i < slots; i++) {
        const uint8_t b[2] = {words[i].length, words[i].class};
        put32(out, words[i].string);
        cdn_buf_put(out, b, 2);
        put16(out, words[i].id);
    }
    cdn_buf_put(out, letters, sizeof letters);
    cdn_buf_str(out, cdn_buf_get(&m->pool.bytes));
    err = body.err != 0 ? body.err : out->err;
    cdn_buf_free(&body);
    return err;
}

static UTransliterator *open_rule(UErrorCode *err) {
    UChar id[sizeof rule];
    u_charsToUChars(rule, id, (int32_t)sizeof rule);
    return utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, err);
}

int cdn_compile_screen_tables(const struct cordon_alloc *alloc, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_arena arena;
    cdn_arena_init(&arena, alloc, 0);
    struct maker *m = cdn_arena_zero(&arena, 1, sizeof *m);
    if (m == NULL || (m->values = cdn_arena_zero(&arena, CDN_SCREEN_CODES, sizeof *m->values)) == NULL ||
        (m->pairs = cdn_arena_zero(&arena, PAIRS_MAX, sizeof *m->pairs)) == NULL) {
        cdn_arena_free(&arena);
        return cdn_fail(e, CORDON_E_NOMEM, "no memory to make the tables of names");
    }
    UErrorCode icu = U_ZERO_ERROR;
    m->alloc = alloc;
    m->e = e;
    m->pool.arena = &arena;
    cdn_buf_init(&m->pool.bytes, alloc, CDN_SCREEN_STRINGS_MAX);
    cdn_map_init(&m->pool.map, alloc);
    m->translit = open_rule(&icu);
    m->spoof = uspoof_open(&icu);
    m->nfkc = unorm2_getNFKCInstance(&icu);
    m->nfc = unorm2_getNFCInstance(&icu);
    int err = U_FAILURE(icu) ? icu_failed(e, icu) : add_letters(m);
    err = err != 0 ? err : add_marked(m);
    err = err != 0 ? err : add_pairs(m);
    if (err == 0) {
        sort_pairs(m);
        err = write_section(m, out);
    }
    if (err != 0 && e != NULL && e->code == 0) {
        (void)cdn_fail(e, err, "the tables of names cannot be made");
    }
    utrans_close(m->translit);
    uspoof_close(m->spoof);
    cdn_map_free(&m->pool.map);
    cdn_buf_free(&m->pool.bytes);
    cdn_arena_free(&arena);
    return err;
}

/* ---- the twin --------------------------------------------------------------------------------------- */

int cdn_compile_translit_slow(cordon_str s,
                              const struct cordon_alloc *alloc,
                              struct cdn_buf *out,
                              struct cordon_error *e) {
    if (s.n > 65536) {
        return cdn_fail(e, CORDON_E_LIMIT, "text too long to transliterate");
    }
    const int32_t size = (int32_t)s.n * 12 + 256;
    UChar *text = cdn_alloc(alloc, (size_t)size * sizeof *text);
    if (text == NULL) {
        return cdn_fail(e, CORDON_E_NOMEM, "no memory to transliterate");
    }
    UErrorCode icu = U_ZERO_ERROR;
    UTransliterator *t = open_rule(&icu);
    const UNormalizer2 *nfkc = unorm2_getNFKCInstance(&icu);
    int32_t n = 0;
    for (size_t at = 0; at < s.n && U_SUCCESS(icu);) {
        append_prepared(nfkc, (UChar32)cdn_utf8_next(s, &at), text, &n, size / 4);
    }
    const int err = U_FAILURE(icu) ? icu_failed(e, icu) : transliterate(t, text, &n, size, e);
    for (int32_t i = 0; err == 0 && i < n; i++) {
        if (is_kept(text[i]) || text[i] == ' ') {
            cdn_buf_char(out, (char)text[i]);
        }
    }
    utrans_close(t);
    cdn_free(alloc, text, (size_t)size * sizeof *text);
    return err != 0 ? err : out->err;
}
