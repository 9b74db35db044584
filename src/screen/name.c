/* SPDX-License-Identifier: Apache-2.0 */
/* name.c: text → tokens.
 *
 * 1. Code points become Latin letters by the tables (pairs first); invisible ones vanish.
 * 2. A token that mixes Latin with letters drawn like Latin ones is read in the script that most of it has.
 * 3. Letters between points (S.A., p.l.c.) are joined; a run of Chinese or Korean syllables without a space
 *    is parted after the first, as names there are; the Arabic article is split off.
 * 4. Words and phrases of the tables get their class, depending on whose name it is. */
#include "screen/name.h"

#define PHRASE_WORDS 6

/* ---- letters ---------------------------------------------------------------------------------------- */

struct reader {
    const struct cdn_screen_tables *t;
    struct cdn_name *name;
    cordon_str text;
    /* the token being read */
    struct letter {
        cordon_str latin;
        uint32_t cp, at;
        uint8_t script;
        char like;
    } run[CDN_TOKEN_LETTERS];
    uint32_t n, from, to;
    bool over;   /* more letters than fit */
    bool joined; /* nothing but a hyphen or point before it */
    bool dotted; /* a point stood right before it */
    bool whole;  /* nothing follows the token */
    bool dotted_token[CDN_NAME_TOKENS];
};

/* What a Latin letter stands for in a word of Cyrillic letters that are drawn like it. */
static char from_latin(char like) {
    switch (like) {
    case 'p':
        return 'r';
    case 'c':
        return 's';
    case 'y':
        return 'u';
    case 'h':
        return 'n';
    case 'b':
        return 'v';
    case 'x':
        return 'h';
    default:
        return like;
    }
}

static uint8_t main_script(const struct reader *r, bool *ret_mixed) {
    unsigned count[CDN_WRITTEN_COUNT] = {0}, best = CDN_WRITTEN_LATIN;
    for (uint32_t i = 0; i < r->n; i++) {
        count[r->run[i].script]++;
    }
    for (unsigned s = CDN_WRITTEN_LATIN; s < CDN_WRITTEN_DROPPED; s++) {
        if (s != CDN_WRITTEN_DIGIT && count[s] > count[best]) {
            best = s;
        }
    }
    *ret_mixed = count[CDN_WRITTEN_LATIN] > 0 && best != CDN_WRITTEN_LATIN;
    for (unsigned s = CDN_WRITTEN_CYRILLIC; s < CDN_WRITTEN_DROPPED; s++) {
        *ret_mixed = *ret_mixed || (count[s] > 0 && count[CDN_WRITTEN_LATIN] > 0);
    }
    if (*ret_mixed && best != CDN_WRITTEN_LATIN) { /* can every foreign letter be a Latin one? */
        unsigned like = 0, foreign = 0;
        for (uint32_t i = 0; i < r->n; i++) {
            foreign += r->run[i].script > CDN_WRITTEN_DIGIT ? 1U : 0U;
            like += (r->run[i].script > CDN_WRITTEN_DIGIT && r->run[i].like != 0) ? 1U : 0U;
        }
        if (like == foreign && count[CDN_WRITTEN_LATIN] * 2 >= foreign) {
            best = CDN_WRITTEN_LATIN;
        }
    }
    return (uint8_t)(count[best] == 0 ? CDN_WRITTEN_DIGIT : best);
}

static void put(struct cdn_token *token, const char *p, size_t n, bool *cut) {
    for (size_t i = 0; i < n; i++) {
        if (token->n == CDN_TOKEN_LETTERS) {
            *cut = true;
            return;
        }
        token->s[token->n++] = p[i];
    }
}

/* Digits that a scanner made of letters: A1-Din, MAZ1DIH, 0sama. */
static void mend_digits(struct cdn_token *token) {
    unsigned digits = 0, at = 0;
    for (unsigned i = 0; i < token->n; i++) {
        if (token->s[i] >= '0' && token->s[i] <= '9') {
            digits++;
            at = i;
        }
    }
    const bool inside = at > 0 || token->n >= 5;
    if (digits == 0 || digits * 2 > token->n || !inside ||
        (digits == 1 && at + 1U == token->n && token->n > 2 && token->s[at] != '1' && token->s[at] != '0')) {
        return;
    }
    for (unsigned i = 0; i < token->n; i++) {
        char *c = &token->s[i];
        *c = *c == '0' ? 'o' : *c == '1' ? 'l' : *c == '5' ? 's' : *c == '8' ? 'b' : *c;
    }
}

void cdn_token_sounds(struct cdn_token *token) {
    static const char pairs[6][2] = {{'s', 'h'}, {'c', 'h'}, {'k', 'h'}, {'z', 'h'}, {'t', 'h'}, {'p', 'h'}};
    token->sounds = 0;
    token->letters = 0;
    for (unsigned i = 0; i < token->n; i++) {
        const char c = token->s[i];
        if (c >= '0' && c <= '9') {
            token->sound[token->sounds++] = (uint8_t)(CDN_SOUND_DIGIT + c - '0');
            continue;
        }
        uint8_t sound = (uint8_t)(c - 'a');
        token->letters |= 1U << (sound & 31U);
        for (unsigned k = 0; i + 1U < token->n && k < 6; k++) {
            if (c == pairs[k][0] && token->s[i + 1] == pairs[k][1]) {
                sound = (uint8_t)(CDN_SOUND_SH + (int)k);
            }
        }
        i += sound >= CDN_SOUND_SH;
        token->sound[token->sounds++] = sound;
    }
}

static struct cdn_token *new_token(struct reader *r, uint8_t script, uint32_t from, uint32_t to) {
    struct cdn_name *name = r->name;
    if (name->count == CDN_NAME_TOKENS) {
        name->cut = true;
        return NULL;
    }
    struct cdn_token *token = &name->token[name->count];
    memset(token, 0, sizeof *token);
    token->script = script;
    token->from = from;
    token->to = to;
    token->joined = r->joined && name->count > 0;
    r->dotted_token[name->count] = r->dotted;
    name->count++;
    return token;
}

static void append_letters(
    struct reader *r, struct cdn_token *token, uint32_t from, uint32_t to, uint8_t script) {
    for (uint32_t i = from; i < to; i++) {
        const struct letter *l = &r->run[i];
        cordon_str pair;
        if (script == CDN_WRITTEN_LATIN && l->script > CDN_WRITTEN_DIGIT && l->like != 0) {
            put(token, &l->like, 1, &r->name->cut);
        } else if (script == CDN_WRITTEN_CYRILLIC && l->script == CDN_WRITTEN_LATIN && l->latin.n == 1) {
            const char c = from_latin(l->latin.p[0]);
            put(token, &c, 1, &r->name->cut);
        } else if (i + 1 < to && cdn_screen_pair_of(r->t, l->cp, r->run[i + 1].cp, &pair)) {
            put(token, pair.p, pair.n, &r->name->cut);
            i++;
        } else {
            put(token, l->latin.p, l->latin.n, &r->name->cut);
        }
    }
}

/* The run becomes one token, or two (surname and given name of one run of syllables; article and noun). */
static void end_token(struct reader *r) {
    if (r->n == 0) {
        return;
    }
    bool mixed = false;
    const uint8_t script = main_script(r, &mixed);
    r->name->mixed = r->name->mixed || mixed;
    r->name->cut = r->name->cut || r->over;
    uint32_t split = 0;
    if (r->name->count == 0 && r->whole &&
        ((script == CDN_WRITTEN_HAN && r->n >= 2 && r->n <= 4) ||
         (script == CDN_WRITTEN_HANGUL && r->n == 3))) {
        split = 1;
    } else if (script == CDN_WRITTEN_ARABIC && r->n >= 5 && r->run[0].cp == 0x627 && r->run[1].cp == 0x644) {
        split = 2;
    }
    if (split != 0) {
        struct cdn_token *first = new_token(r, script, r->from, r->run[split].at);
        if (first != NULL) {
            append_letters(r, first, 0, split, script);
        }
        r->joined = true;
    }
    struct cdn_token *token = new_token(r, script, split != 0 ? r->run[split].at : r->from, r->to);
    if (token != NULL) {
        append_letters(r, token, split, r->n, script);
        if (token->n == 0) {
            r->name->count--;
        } else {
            mend_digits(token);
        }
    }
    r->n = 0;
    r->over = false;
    r->joined = true; /* until a space says otherwise */
    r->dotted = false;
}

static void read_letters(struct reader *r) {
    const size_t end = CDN_MIN(r->text.n, (size_t)CDN_NAME_BYTES);
    r->name->cut = r->name->cut || r->text.n > end;
    for (size_t at = 0; at < end;) {
        const uint32_t here = (uint32_t)at, cp = cdn_utf8_next(r->text, &at);
        const struct cdn_screen_letter l = cdn_screen_letter_of(r->t, cp);
        if (l.script == CDN_WRITTEN_DROPPED) {
            const bool mark = r->n > 0 && r->n < CDN_TOKEN_LETTERS;
            cordon_str pair;
            if (mark && cdn_screen_pair_of(r->t, r->run[r->n - 1].cp, cp, &pair)) {
                r->run[r->n - 1].latin = pair; /* a letter whose mark is written apart */
            }
            continue;
        }
        if (l.script == CDN_WRITTEN_SEPARATOR) {
            end_token(r);
            if (cp == '.') {
                r->dotted = true;
            } else if (cp != '-') {
                r->joined = false;
                r->dotted = false;
            }
            continue;
        }
        if (r->n == 0) {
            r->from = here;
        }
        r->to = (uint32_t)at;
        if (r->n == CDN_TOKEN_LETTERS) {
            r->over = true;
            continue;
        }
        r->run[r->n++] = (struct letter){l.latin, cp, here, l.script, l.look_alike};
    }
    r->whole = true;
    end_token(r);
}

/* ---- words ------------------------------------------------------------------------------------------ */

static void remove_tokens(struct cdn_name *name, uint32_t at, uint32_t n) {
    memmove(&name->token[at], &name->token[at + n], (name->count - at - n) * sizeof name->token[0]);
    name->count -= n;
}

/* S.A. and p.l.c.: single letters with nothing but points between them, joined. */
static void join_letters(struct reader *r) {
    struct cdn_name *name = r->name;
    for (uint32_t i = 0; i < name->count; i++) {
        uint32_t n = 1;
        while (name->token[i].n == 1 && i + n < name->count && name->token[i + n].n == 1 &&
               r->dotted_token[i + n] && name->token[i + n].joined &&
               name->token[i].script == name->token[i + n].script) {
            n++;
        }
        if (n < 2 || (n == 2 && name->kind == CDN_SCREEN_PERSON)) {
            continue;
        }
        struct cdn_token *token = &name->token[i];
        for (uint32_t k = 1; k < n; k++) {
            put(token, name->token[i + k].s, 1, &name->cut);
        }
        token->to = name->token[i + n - 1].to;
        memmove(&r->dotted_token[i + 1], &r->dotted_token[i + n], CDN_NAME_TOKENS - i - n);
        remove_tokens(name, i + 1, n - 1);
    }
}

/* The longest phrase of the tables that begins at token i; returns its number of tokens, 0: none. */
static uint32_t find_phrase(const struct reader *r, uint32_t i, struct cdn_screen_word *ret) {
    const struct cdn_name *name = r->name;
    char key[PHRASE_WORDS * (CDN_TOKEN_LETTERS + 1)];
    size_t end[PHRASE_WORDS], n = 0;
    struct cdn_screen_word word;
    if (!cdn_screen_word_of(r->t, cdn_str(name->token[i].s, name->token[i].n), &word)) {
        return 0;
    }
    uint32_t found = 0;
    if ((word.class & 0x7F) != CDN_WORD_PLAIN) {
        *ret = (struct cdn_screen_word){word.class & 0x7F, word.id};
        found = 1;
    }
    if ((word.class & CDN_WORD_BEGINS) == 0) {
        return found;
    }
    uint32_t words = 0;
    for (; words < PHRASE_WORDS && i + words < name->count; words++) {
        if (words > 0) {
            key[n++] = ' ';
        }
        memcpy(key + n, name->token[i + words].s, name->token[i + words].n);
        n += name->token[i + words].n;
        end[words] = n;
    }
    for (; words >= 2; words--) {
        if (cdn_screen_word_of(r->t, cdn_str(key, end[words - 1]), &word) && (word.class & 0x7F) != 0) {
            *ret = (struct cdn_screen_word){word.class & 0x7F, word.id};
            return words;
        }
    }
    return found;
}

/* ---- slips of the pen --------------------------------------------------------------------------------- */

/* A slip in one word of a phrase (JOINT SkOCK COMPANY) would leave its other words as if they were the name,
 * and one in a number (chree) would make it a name. A word that neither the lists nor the tables have is
 * read as the one of the tables that is a slip away, where it then stands in a phrase or is a number. */

#define MEND_LEAST 4 /* letters */
#define MEND_MOST 4U /* words of a name */

/* A letter wrong, missing, too many, or exchanged with its neighbour. */
static bool is_one_slip(const char *a, uint32_t na, const char *b, uint32_t nb) {
    if (na > nb) {
        return is_one_slip(b, nb, a, na);
    }
    uint32_t i = 0, end = 0;
    while (i < na && a[i] == b[i]) {
        i++;
    }
    while (end < na - i && a[na - 1 - end] == b[nb - 1 - end]) {
        end++;
    }
    const uint32_t rest = na - i - end;
    if (na + 1 == nb) {
        return rest == 0;
    }
    return na == nb && (rest == 1 || (rest == 2 && a[i] == b[i + 1] && a[i + 1] == b[i]));
}

/* A phrase of two words or more that begins at token `first` or later has token j. */
static bool stands_in_phrase(const struct reader *r, uint32_t first, uint32_t j) {
    struct cdn_screen_word word;
    for (uint32_t i = first; i <= j; i++) {
        const uint32_t words = find_phrase(r, i, &word);
        if (words >= 2 && i + words > j) {
            return true;
        }
    }
    return false;
}

static uint32_t letter_mask(const struct cdn_token *t) {
    uint32_t mask = 0;
    for (uint32_t i = 0; i < t->n; i++) {
        mask |= t->s[i] >= 'a' ? 1U << (t->s[i] - 'a') : 0U;
    }
    return mask;
}

static void mend_word(struct reader *r, uint32_t first, uint32_t j) {
    struct cdn_token *t = &r->name->token[j];
    const struct cdn_token before = *t;
    const uint32_t letters = letter_mask(t);
    const bool person = r->name->kind == CDN_SCREEN_PERSON;
    for (uint32_t k = 0; k < r->t->mendable_count; k++) {
        const struct cdn_screen_mendable *w = &r->t->mendable[k];
        if (__builtin_popcount(w->letters ^ letters) > 2 || (person && w->number) ||
            !is_one_slip(before.s, before.n, r->t->strings + w->at, w->n)) {
            continue;
        }
        memcpy(t->s, r->t->strings + w->at, w->n);
        t->n = w->n;
        if (w->number || stands_in_phrase(r, first, j)) {
            t->mended = true;
            return;
        }
        *t = before;
    }
}

static void mend_words(struct reader *r, const struct cdn_screen_weights *w) {
    if (w == NULL || w->slot_count == 0) {
        return; /* nothing says what the lists have */
    }
    struct cdn_screen_weights known = *w;
    known.unseen = 0;
    struct cdn_screen_word word;
    for (uint32_t j = 0, tried = 0; j < r->name->count && tried < MEND_MOST; j++) {
        const struct cdn_token *t = &r->name->token[j];
        const cordon_str text = cdn_str(t->s, t->n);
        const uint32_t first = j < PHRASE_WORDS ? 0 : j - PHRASE_WORDS + 1;
        if (t->n >= MEND_LEAST && t->script == CDN_WRITTEN_LATIN && cdn_screen_rarity(&known, text) == 0 &&
            !cdn_screen_word_of(r->t, text, &word) && !stands_in_phrase(r, first, j)) {
            tried++;
            mend_word(r, first, j);
        }
    }
}

static bool is_patronymic(const struct cdn_token *t) {
    static const char *const ends[] = {"ovich",
                                       "evich",
                                       "ovych",
                                       "evych",
                                       "yovych",
                                       "iovych",
                                       "ovna",
                                       "evna",
                                       "ivna",
                                       "yivna",
                                       "ichna",
                                       "avich",
                                       "awicz",
                                       "ovic",
                                       "evic",
                                       "avna",
                                       "ivich",
                                       "oglu",
                                       "ogly"};
    if (t->n < 8) {
        return false;
    }
    for (size_t i = 0; i < CDN_ARRAY_LEN(ends); i++) {
        const size_t n = strlen(ends[i]);
        if (memcmp(t->s + t->n - n, ends[i], n) == 0) {
            return true;
        }
    }
    return false;
}

static bool all_digits(const struct cdn_token *t) {
    for (unsigned i = 0; i < t->n; i++) {
        if (t->s[i] < '0' || t->s[i] > '9') {
            return false;
        }
    }
    return true;
}

/* Chinese and Korean syllables, and a word with nothing behind it, are no particle: Li Bin, Hamzi Al. */
static bool is_name_instead(const struct cdn_token *t, bool last) {
    return t->script == CDN_WRITTEN_HAN || t->script == CDN_WRITTEN_HANGUL || t->script == CDN_WRITTEN_KANA ||
           last;
}

/* What a word of the tables is in a name of this kind. */
static uint8_t class_in(const struct cdn_name *name,
                        const struct cdn_screen_word *w,
                        uint32_t words,
                        uint32_t letters,
                        bool first) {
    const bool person = name->kind == CDN_SCREEN_PERSON;
    switch ((enum cdn_word_class)w->class) {
    case CDN_WORD_LEGAL:
        return !person || words > 1 || (letters >= 3 && (w->id <= 2 || w->id == 7) && !first)
                   ? CDN_TOKEN_LEGAL
                   : CDN_TOKEN_PLAIN;
    case CDN_WORD_TITLE:
        return name->kind == CDN_SCREEN_ORGANIZATION ? CDN_TOKEN_PLAIN : CDN_TOKEN_TITLE;
    case CDN_WORD_PARTICLE:
        return CDN_TOKEN_PARTICLE;
    case CDN_WORD_GENERIC:
        return person ? (w->id == 16 ? CDN_TOKEN_TITLE : CDN_TOKEN_PLAIN) : CDN_TOKEN_GENERIC;
    case CDN_WORD_STOP:
        return CDN_TOKEN_STOP;
    case CDN_WORD_NUMBER:
        return letters > 1 || !person ? CDN_TOKEN_NUMBER : CDN_TOKEN_PLAIN;
    case CDN_WORD_PLAIN:
    case CDN_WORD_NICK:
    case CDN_WORD_CLASSES:
    case CDN_WORD_BEGINS:
    default:
        return CDN_TOKEN_PLAIN;
    }
}

/* One Chinese or Korean character by itself is a name: bo is no legal form there, lin no word of a ship. */
static bool is_syllable(const struct cdn_token *t) {
    return t->to - t->from <= 4 && (t->script == CDN_WRITTEN_HAN || t->script == CDN_WRITTEN_HANGUL);
}

static void classify(struct reader *r) {
    struct cdn_name *name = r->name;
    for (uint32_t i = 0; i < name->count; i++) {
        struct cdn_token *token = &name->token[i];
        struct cdn_screen_word word = {0, 0};
        const uint32_t phrase = find_phrase(r, i, &word);
        const uint32_t words = phrase == 1 && word.class != CDN_WORD_NICK && is_syllable(token) ? 0 : phrase;
        const bool single = token->n == 1 && words < 2;
        if (words > 0 && !(single && word.class != CDN_WORD_NUMBER && word.class != CDN_WORD_STOP)) {
            token->class = class_in(name, &word, words, token->n, i == 0);
            if (token->class == CDN_TOKEN_PARTICLE && name->kind == CDN_SCREEN_PERSON &&
                is_name_instead(token, i + words >= name->count && i > 0)) {
                token->class = CDN_TOKEN_PLAIN;
            }
            token->id = token->class == CDN_TOKEN_PLAIN && word.class != CDN_WORD_NICK ? 0 : word.id;
            if (token->class == CDN_TOKEN_PLAIN && name->kind == CDN_SCREEN_ORGANIZATION) {
                token->id = 0;
            }
            if (words > 1 && (token->class != CDN_TOKEN_PLAIN || token->id != 0)) {
                token->to = name->token[i + words - 1].to;
                for (uint32_t k = 1; k < words; k++) {
                    token->mended = token->mended || name->token[i + k].mended;
                    put(token, name->token[i + k].s, name->token[i + k].n, &name->cut);
                }
                remove_tokens(name, i + 1, words - 1);
            }
        } else if (all_digits(token)) {
            token->class = CDN_TOKEN_NUMBER;
        } else if (single && (token->script == CDN_WRITTEN_LATIN || token->script == CDN_WRITTEN_CYRILLIC)) {
            token->class = CDN_TOKEN_INITIAL;
        } else if (name->kind != CDN_SCREEN_ORGANIZATION && is_patronymic(token)) {
            token->class = CDN_TOKEN_PATRONYMIC;
        }
    }
}

/* Numbers that are written as words compare as their value: id 2000 + value. */
static void number_ids(struct cdn_name *name) {
    for (uint32_t i = 0; i < name->count; i++) {
        struct cdn_token *t = &name->token[i];
        if (t->class == CDN_TOKEN_NUMBER && t->id == 0 && t->n <= 4) {
            unsigned v = 0;
            for (unsigned k = 0; k < t->n; k++) {
                v = v * 10 + (unsigned)(t->s[k] - '0');
            }
            t->id = (uint16_t)(2000 + v);
        }
    }
}

/* A name must have something that names: without it, the words around the name are the name. */
static void keep_something(struct cdn_name *name) {
    static const uint8_t order[] = {CDN_TOKEN_INITIAL,
                                    CDN_TOKEN_NUMBER,
                                    CDN_TOKEN_GENERIC,
                                    CDN_TOKEN_PARTICLE,
                                    CDN_TOKEN_TITLE,
                                    CDN_TOKEN_PATRONYMIC,
                                    CDN_TOKEN_LEGAL,
                                    CDN_TOKEN_STOP};
    for (uint32_t i = 0; i < name->count; i++) {
        if (name->token[i].class == CDN_TOKEN_PLAIN || name->token[i].class == CDN_TOKEN_PATRONYMIC ||
            name->token[i].class == CDN_TOKEN_GENERIC || name->token[i].class == CDN_TOKEN_NUMBER) {
            return;
        }
    }
    for (size_t k = 0; k < CDN_ARRAY_LEN(order); k++) {
        bool any = false;
        for (uint32_t i = 0; i < name->count; i++) {
            if (name->token[i].class == order[k] && name->token[i].n > 1) {
                name->token[i].class = CDN_TOKEN_PLAIN;
                any = true;
            }
        }
        if (any) {
            return;
        }
    }
    for (uint32_t i = 0; i < name->count; i++) { /* single letters only: K M A */
        name->token[i].class = CDN_TOKEN_PLAIN;
    }
}

/* ---- weights ---------------------------------------------------------------------------------------- */

unsigned cdn_screen_rarity(const struct cdn_screen_weights *w, cordon_str letters) {
    if (w == NULL || w->slot_count == 0) {
        return 160;
    }
    const uint32_t hash = (uint32_t)(cdn_hash(letters, 0) >> 32), mask = w->slot_count - 1;
    for (uint32_t slot = hash & mask;; slot = (slot + 1) & mask) {
        const uint8_t *p = w->slots + (size_t)8 * slot;
        if (p[4] == 0) {
            return w->unseen;
        }
        const uint32_t at =
            (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
        if (at == hash) {
            return p[4];
        }
    }
}

cordon_str cdn_name_group_key(uint16_t id, char storage[CDN_NAME_GROUP_KEY]) {
    static const char digit[] = "0123456789abcdef";
    storage[0] = '#';
    for (unsigned i = 0; i < 4; i++) {
        storage[1 + i] = digit[id >> (12 - 4 * i) & 15];
    }
    return cdn_str(storage, 5);
}

static unsigned token_rarity(const struct cdn_screen_weights *w, const struct cdn_token *token) {
    char key[CDN_NAME_GROUP_KEY];
    const unsigned own = cdn_screen_rarity(w, cdn_str(token->s, token->n));
    return token->id == 0 ? own : CDN_MIN(own, cdn_screen_rarity(w, cdn_name_group_key(token->id, key)));
}

void cdn_name_read(const struct cdn_screen_tables *t,
                   const struct cdn_screen_weights *w,
                   cordon_str text,
                   enum cdn_screen_kind kind,
                   struct cdn_name *ret) {
    struct reader r = {.t = t, .name = ret, .text = text};
    ret->count = 0;
    ret->kind = (uint8_t)kind;
    ret->cut = ret->mixed = false;
    read_letters(&r);
    join_letters(&r);
    mend_words(&r, w);
    classify(&r);
    number_ids(ret);
    keep_something(ret);
    for (uint32_t i = 0; i < ret->count; i++) {
        struct cdn_token *token = &ret->token[i];
        token->last = i + 1 == ret->count;
        token->weight = (uint16_t)token_rarity(w, token);
        cdn_token_sounds(token);
    }
}
