/* SPDX-License-Identifier: Apache-2.0 */
/* json_out.c: the canonical form of a list, JSON Lines.
 *
 * The first line tells of the list, each further line is an entry, the last line gives their number, by which
 * a reader knows that nothing is missing:
 *
 *     {"cordon_list":1,"date":"2026-08-01","id":"un/sc",…}
 *     {"id":"6907993","names":[{"full":"ERIC BADEGE","kind":"primary","script":"Latn"}],…}
 *     {"count":1011,"end":true}
 *
 *  1. members stand in the order of their names; what is absent or nothing is left out; no white space;
 *  2. the same list gives the same bytes on every machine. */
#include "lists/model.h"

#include "base/num.h"
#include "places/codes.h"

static void day_write(struct cdn_buf *out, int32_t day) {
    const struct cdn_civil c = cdn_civil_from_time((int64_t)day * 86400);
    cdn_buf_printf(out, "%04d-%02u-%02u", (int)c.year, (unsigned)c.month, (unsigned)c.day);
}

/* A whole year, a whole month, a day, or any other interval. */
void cdn_dates_write(struct cdn_buf *out, struct cdn_dates s) {
    if (!s.known) {
        return;
    }
    if (s.circa) {
        cdn_buf_char(out, '~');
    }
    const struct cdn_civil a = cdn_civil_from_time((int64_t)s.from * 86400);
    const struct cdn_civil after = cdn_civil_from_time(((int64_t)s.to + 1) * 86400);
    if (s.from == s.to) {
        day_write(out, s.from);
    } else if (a.day == 1 && a.month == 1 && after.day == 1 && after.month == 1 && after.year == a.year + 1) {
        cdn_buf_printf(out, "%04d", (int)a.year);
    } else if (a.day == 1 && after.day == 1 && after.year * 12 + after.month == a.year * 12 + a.month + 1) {
        cdn_buf_printf(out, "%04d-%02u", (int)a.year, (unsigned)a.month);
    } else {
        day_write(out, s.from);
        cdn_buf_char(out, '/');
        day_write(out, s.to);
    }
}

static void percent_write(struct cdn_buf *out, uint32_t hundredths) {
    cdn_buf_printf(out, "%u", hundredths / 100);
    if (hundredths % 100 != 0) {
        cdn_buf_printf(out,
                       hundredths % 10 == 0 ? ".%u" : ".%02u",
                       hundredths % 10 == 0 ? hundredths % 100 / 10 : hundredths % 100);
    }
}

static bool absent(const struct cdn_list_field *field, const void *at) {
    switch ((enum cdn_list_field_type)field->type) {
    case CDN_LFIELD_TEXT:
        return ((const cordon_str *)at)->n == 0;
    case CDN_LFIELD_WORD:
    case CDN_LFIELD_FLAG:
        return *(const uint8_t *)at == 0;
    case CDN_LFIELD_COUNTRY:
        return *(const uint16_t *)at == 0;
    case CDN_LFIELD_DATES:
        return !((const struct cdn_dates *)at)->known;
    case CDN_LFIELD_NUMBER:
    case CDN_LFIELD_PERCENT:
        return *(const uint32_t *)at == 0;
    case CDN_LFIELD_LARGE:
        return *(const uint64_t *)at == 0;
    case CDN_LFIELD_TEXTS:
    case CDN_LFIELD_RECORDS:
        return ((const struct cdn_many *)at)->n == 0;
    }
    return true;
}

static void many_write(struct cdn_buf *out, const struct cdn_list_field *field, const struct cdn_many *m) {
    cdn_buf_char(out, '[');
    for (uint32_t i = 0; i < m->n; i++) {
        if (i > 0) {
            cdn_buf_char(out, ',');
        }
        if (field->type == CDN_LFIELD_TEXTS) {
            cdn_buf_json(out, ((const cordon_str *)m->p)[i]);
        } else {
            cdn_list_write_record(out, field->record, (const char *)m->p + (size_t)i * field->record->size);
        }
    }
    cdn_buf_char(out, ']');
}

void cdn_list_write_field(struct cdn_buf *out, const struct cdn_list_field *field, const void *record) {
    const void *const at = (const char *)record + field->offset;
    char country[3];
    switch ((enum cdn_list_field_type)field->type) {
    case CDN_LFIELD_TEXT:
        cdn_buf_json(out, *(const cordon_str *)at);
        break;
    case CDN_LFIELD_WORD:
        cdn_buf_char(out, '"');
        cdn_buf_z(out, *(const uint8_t *)at < field->word_count ? field->words[*(const uint8_t *)at] : "?");
        cdn_buf_char(out, '"');
        break;
    case CDN_LFIELD_FLAG:
        cdn_buf_z(out, *(const bool *)at ? "true" : "false");
        break;
    case CDN_LFIELD_COUNTRY:
        cdn_country_text(*(const uint16_t *)at, country);
        cdn_buf_json(out, cdn_str(country, 2));
        break;
    case CDN_LFIELD_DATES:
        cdn_buf_char(out, '"');
        cdn_dates_write(out, *(const struct cdn_dates *)at);
        cdn_buf_char(out, '"');
        break;
    case CDN_LFIELD_NUMBER:
        cdn_buf_int(out, *(const uint32_t *)at);
        break;
    case CDN_LFIELD_LARGE:
        cdn_buf_int(out, (int64_t)(*(const uint64_t *)at & INT64_MAX));
        break;
    case CDN_LFIELD_PERCENT:
        cdn_buf_char(out, '"');
        percent_write(out, *(const uint32_t *)at);
        cdn_buf_char(out, '"');
        break;
    case CDN_LFIELD_TEXTS:
    case CDN_LFIELD_RECORDS:
        many_write(out, field, at);
        break;
    }
}

void cdn_list_write_record(struct cdn_buf *out, const struct cdn_list_record *record, const void *p) {
    char before = '{';
    for (uint32_t f = 0; f < record->count; f++) {
        const struct cdn_list_field *const field = &record->fields[f];
        if (absent(field, (const char *)p + field->offset)) {
            continue;
        }
        cdn_buf_char(out, before);
        before = ',';
        cdn_buf_char(out, '"');
        cdn_buf_z(out, field->name);
        cdn_buf_z(out, "\":");
        cdn_list_write_field(out, field, p);
    }
    cdn_buf_z(out, before == '{' ? "{}" : "}");
}

void cdn_list_write_head(struct cdn_buf *out, const struct cdn_list_info *info) {
    cdn_buf_z(out, "{\"cordon_list\":1");
    if (info->date.known) {
        cdn_buf_z(out, ",\"date\":\"");
        cdn_dates_write(out, info->date);
        cdn_buf_char(out, '"');
    }
    cdn_buf_printf(out, ",\"format\":\"%s\",\"id\":", cdn_list_format_name(info->format));
    cdn_buf_json(out, info->id);
    cdn_buf_z(out, ",\"issuer\":");
    cdn_buf_json(out, info->issuer);
    cdn_buf_z(out, ",\"sha256\":\"");
    cdn_buf_hex(out, info->sha256, sizeof info->sha256);
    cdn_buf_char(out, '"');
    if (info->stale.n > 0) {
        cdn_buf_z(out, ",\"stale\":");
        cdn_buf_json(out, info->stale);
    }
    cdn_buf_z(out, "}\n");
}

void cdn_list_write_entry(struct cdn_buf *out, const struct cdn_list_entry *entry) {
    cdn_list_write_record(out, &cdn_list_entry_record, entry);
    cdn_buf_char(out, '\n');
}

void cdn_list_write_end(struct cdn_buf *out, uint64_t count) {
    cdn_buf_z(out, "{\"count\":");
    cdn_buf_int(out, (int64_t)count);
    cdn_buf_z(out, ",\"end\":true}\n");
}

void cdn_list_write(struct cdn_buf *out, const struct cdn_list *list) {
    cdn_list_write_head(out, &list->info);
    for (size_t i = 0; i < list->count && out->err == 0; i++) {
        cdn_list_write_entry(out, &list->entries[i]);
    }
    cdn_list_write_end(out, list->count);
}
