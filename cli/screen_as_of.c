/* SPDX-License-Identifier: Apache-2.0 */
/* screen_as_of.c: against what was screened: the lists of the snapshot with date, digest and count, as
 * decisions tell them. */
#include <string.h>

#include "screen.h"

/* List i of those asked for that the snapshot has data of. */
static bool asked(const cordon_snapshot *s,
                  const cordon_screen_options *o,
                  uint32_t i,
                  cordon_screen_list *ret) {
    if (cordon_screen_list_get(s, i, ret) != CORDON_OK || !ret->has_data)
        return false;
    for (size_t k = 0; k < o->list_count; k++) {
        if (o->lists[k].n == ret->id.n && memcmp(o->lists[k].p, ret->id.p, ret->id.n) == 0)
            return true;
    }
    return o->list_count == 0;
}

static bool put_count(cordon_buffer *out, const char *before, uint32_t n, const char *after) {
    char text[96];
    (void)snprintf(text, sizeof(text), "%s%u%s", before, n, after);
    return append_z(out, text);
}

bool as_of_json(cordon_buffer *out, const cordon_snapshot *s, const cordon_screen_options *o) {
    cordon_screen_list l;
    const uint32_t n = cordon_screen_list_count(s);
    const char *before = "";
    bool good = append_z(out, "{");
    for (uint32_t i = 0; good && i < n; i++) {
        if (!asked(s, o, i, &l))
            continue;
        good = append_z(out, before) && append_z(out, "\"list/") && append(out, l.id.p, l.id.n) &&
               put_count(out, "\":{\"count\":", l.count, "");
        if (l.date.n > 0)
            good = good && append_z(out, ",\"date\":") && put_json(out, l.date);
        good = good && append_z(out, ",\"digest\":") && put_json(out, cordon_text(l.digest));
        if (l.stale.n > 0)
            good = good && append_z(out, ",\"stale\":") && put_json(out, l.stale);
        good = good && append_z(out, "}");
        before = ",";
    }
    return good && append_z(out, "}");
}

/* A line for each published list: those that one file serves have its date and digest. */
bool as_of_text(cordon_buffer *out, const cordon_snapshot *s, const cordon_screen_options *o) {
    cordon_screen_list l, other;
    const uint32_t n = cordon_screen_list_count(s);
    bool good = true;
    for (uint32_t i = 0; good && i < n; i++) {
        bool told = false;
        if (!asked(s, o, i, &l))
            continue;
        for (uint32_t k = 0; k < i && !told; k++)
            told = asked(s, o, k, &other) && strcmp(other.digest, l.digest) == 0;
        if (told)
            continue;
        good = append_z(out, "against ") && append(out, l.source.p, l.source.n);
        if (l.date.n > 0)
            good = good && append_z(out, " of ") && append(out, l.date.p, l.date.n);
        good = good && put_count(out, ", ", l.count, " entries, ") &&
               append(out, l.digest, strnlen(l.digest, 19));
        if (l.stale.n > 0)
            good = good && append_z(out, ", stale: ") && append(out, l.stale.p, l.stale.n);
        good = good && append_z(out, "\n");
    }
    return good;
}
