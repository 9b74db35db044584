/* SPDX-License-Identifier: Apache-2.0 */
/* state.c: what a store knows of one list, as a table of fields, by which it is written and read as JSON. */
#include "base/num.h"
#include "lists/store_priv.h"

#define AT(in, member) .name = #member, .offset = offsetof(struct in, member)
#define TEXT(in, member)                                                                                     \
    { AT(in, member), .type = CDN_LFIELD_TEXT }
#define LARGE(in, member)                                                                                    \
    { AT(in, member), .type = CDN_LFIELD_LARGE }
#define NUMBER(in, member)                                                                                   \
    { AT(in, member), .type = CDN_LFIELD_NUMBER }
#define SPAN(in, member)                                                                                     \
    { AT(in, member), .type = CDN_LFIELD_DATES }
#define TEXTS(in, member)                                                                                    \
    { AT(in, member), .type = CDN_LFIELD_TEXTS }
#define WORD(in, member, list)                                                                               \
    { AT(in, member), .type = CDN_LFIELD_WORD, .words = (list), .word_count = CDN_ARRAY_LEN(list) }
#define RECORDS(in, member, of)                                                                              \
    { AT(in, member), .type = CDN_LFIELD_RECORDS, .record = &(of) }
#define RECORD(type, list)                                                                                   \
    { .size = sizeof(struct type), .count = CDN_ARRAY_LEN(list), .fields = (list) }

static const char *const outcomes[] = {"", "activated", "unchanged", "refused", "failed"};
static const char *const parts[] = {"", "sdn", "consolidated"};

static const struct cdn_list_field file_fields[] = {
    LARGE(cdn_list_stored_file, bytes),
    TEXT(cdn_list_stored_file, etag),
    TEXT(cdn_list_stored_file, last_modified),
    TEXT(cdn_list_stored_file, name),
    TEXT(cdn_list_stored_file, sha256),
    TEXT(cdn_list_stored_file, url),
};
static const struct cdn_list_record file_record = RECORD(cdn_list_stored_file, file_fields);

static const struct cdn_list_field version_fields[] = {
    TEXT(cdn_list_version, accepted_by),
    TEXTS(cdn_list_version, accepted_despite),
    TEXT(cdn_list_version, activated),
    LARGE(cdn_list_version, added),
    LARGE(cdn_list_version, bytes),
    TEXT(cdn_list_version, canonical),
    LARGE(cdn_list_version, changed),
    TEXT(cdn_list_version, confirmed),
    SPAN(cdn_list_version, date),
    LARGE(cdn_list_version, entries),
    RECORDS(cdn_list_version, files, file_record),
    TEXT(cdn_list_version, format),
    LARGE(cdn_list_version, gone),
    TEXT(cdn_list_version, issuer),
    LARGE(cdn_list_version, not_understood),
    WORD(cdn_list_version, part, parts),
    LARGE(cdn_list_version, removed),
    TEXT(cdn_list_version, sha256),
    TEXT(cdn_list_version, stale),
};
static const struct cdn_list_record version_record = RECORD(cdn_list_version, version_fields);

static const struct cdn_list_field attempt_fields[] = {
    TEXT(cdn_list_attempt, at),
    LARGE(cdn_list_attempt, entries),
    WORD(cdn_list_attempt, outcome, outcomes),
    TEXTS(cdn_list_attempt, reasons),
    TEXT(cdn_list_attempt, sha256),
    NUMBER(cdn_list_attempt, times),
};
static const struct cdn_list_record attempt_record = RECORD(cdn_list_attempt, attempt_fields);

static const struct cdn_list_field state_fields[] = {
    RECORDS(cdn_list_state, attempts, attempt_record),
    NUMBER(cdn_list_state, cordon_list_state),
    TEXT(cdn_list_state, id),
    RECORDS(cdn_list_state, versions, version_record),
};
const struct cdn_list_record cdn_list_state_record = RECORD(cdn_list_state, state_fields);

const char *cdn_list_outcome_name(unsigned v) {
    return v < CDN_ARRAY_LEN(outcomes) ? outcomes[v] : NULL;
}

bool cdn_list_id_valid(cordon_str id) {
    unsigned segments = 1;
    bool fresh = true; /* a segment begins here */
    for (size_t i = 0; i < id.n; i++) {
        const char c = id.p[i];
        const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
        if (c == '/' && !fresh) {
            segments++;
            fresh = true;
        } else if (letter || (c == '.' && !fresh)) {
            fresh = false;
        } else {
            return false;
        }
    }
    return !fresh && segments <= CDN_LIST_ID_SEGMENTS && id.n <= CDN_LIST_ID_BYTES;
}

const struct cdn_list_version *cdn_list_state_at(const struct cdn_list_state *state, int64_t known_at) {
    for (uint32_t i = state->versions.n; i > 0; i--) {
        const struct cdn_list_version *const v = &state->versions.p[i - 1];
        int64_t since = 0;
        int32_t offset = 0;
        if (known_at == INT64_MAX ||
            (cdn_time_parse(v->activated, &since, &offset) == 0 && since <= known_at)) {
            return v;
        }
    }
    return NULL;
}

/* ---- changes ---------------------------------------------------------------------------------------------
 */

int cdn_list_state_instant(struct cdn_arena *arena, int64_t at, cordon_str *ret) {
    char text[40];
    struct cdn_buf b;
    cdn_buf_fixed(&b, text, sizeof text);
    cdn_time_write(&b, at);
    return b.err != 0 ? b.err : cdn_arena_str(arena, cdn_buf_get(&b), ret);
}

int cdn_list_state_hex(struct cdn_arena *arena, const uint8_t sha256[32], cordon_str *ret) {
    char text[64];
    struct cdn_buf b;
    cdn_buf_fixed(&b, text, sizeof text);
    cdn_buf_hex(&b, sha256, 32);
    return b.err != 0 ? b.err : cdn_arena_str(arena, cdn_buf_get(&b), ret);
}

bool cdn_list_state_unhex(cordon_str hex, uint8_t ret[32]) {
    uint8_t bytes[32] = {0};
    for (size_t i = 0; i < 64; i++) {
        const char c = i < hex.n ? hex.p[i] : '\0';
        const int d = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (d < 0) {
            return false;
        }
        bytes[i / 2] = (uint8_t)(bytes[i / 2] << 4 | d);
    }
    if (hex.n != 64) {
        return false;
    }
    memcpy(ret, bytes, 32);
    return true;
}

static bool same_attempt(const struct cdn_list_attempt *a, const struct cdn_list_attempt *b) {
    bool same = a->outcome == b->outcome && a->entries == b->entries && cdn_str_eq(a->sha256, b->sha256) &&
                a->reasons.n == b->reasons.n;
    for (uint32_t i = 0; same && i < a->reasons.n; i++) {
        same = cdn_str_eq(a->reasons.p[i], b->reasons.p[i]);
    }
    return same;
}

int cdn_list_state_attempt(struct cdn_arena *arena,
                           struct cdn_list_state *state,
                           const struct cdn_list_attempt *what) {
    struct cdn_list_attempt *last = state->attempts.n > 0 ? &state->attempts.p[state->attempts.n - 1] : NULL;
    if (last != NULL && same_attempt(last, what)) {
        last->at = what->at;
        last->times++;
        return 0;
    }
    if (state->attempts.n >= CDN_MAX_LIST_ATTEMPTS) {
        memmove(state->attempts.p, state->attempts.p + 1, (state->attempts.n - 1) * sizeof *last);
        state->attempts.n--;
    }
    last = cdn_many_add(arena, &state->attempts, sizeof *last, CDN_MAX_LIST_ATTEMPTS);
    if (last == NULL) {
        return CORDON_E_NOMEM;
    }
    *last = *what;
    last->times = 1;
    return 0;
}
