/* SPDX-License-Identifier: Apache-2.0 */
/* activate.c: reasons against taking a list, each by itself; all of them are told. */
#include "lists/activate.h"

#include <stdarg.h>
#include <stdio.h>

void cdn_list_rules_init(struct cdn_list_rules *rules) {
    *rules = (struct cdn_list_rules){.shrink_permille = 50, .least = 1};
}

static void against(struct cdn_activation *a, const char *fmt, ...) CDN_PRINTF(2, 3);
static void against(struct cdn_activation *a, const char *fmt, ...) {
    a->accepted = false;
    if (a->count == CDN_ACTIVATION_REASONS) {
        return;
    }
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(a->reasons[a->count++], CORDON_ERROR_TEXT, fmt, args);
    va_end(args);
}

#define U(n) (unsigned long long)(n)

static void judge_count(const struct cdn_list_rules *rules,
                        const struct cdn_list_info *info,
                        struct cdn_activation *a) {
    const uint64_t found = info->counted + info->removed + info->nameless;
    if (info->counted < rules->least) {
        against(a, "it holds %llu entries; at least %llu are expected", U(info->counted), U(rules->least));
    }
    if (info->claims && info->claimed != found) {
        against(a, "it says that it holds %llu entries and holds %llu", U(info->claimed), U(found));
    }
    if (!info->clean_end) {
        against(a, "it does not end where a whole file ends: it was cut off");
    }
    if (info->nameless * 1000 > found * rules->nameless_permille) {
        against(a, "%llu of its %llu entries have no name", U(info->nameless), U(found));
    }
}

static void judge_against_last(const struct cdn_list_rules *rules,
                               const struct cdn_list_info *info,
                               const struct cdn_list_info *last,
                               struct cdn_activation *a) {
    if (!cdn_str_eq(info->id, last->id)) {
        against(a, "it is the list `%.*s`, not `%.*s`", CDN_FMT(info->id), CDN_FMT(last->id));
    }
    const uint64_t missing = last->counted > info->counted ? last->counted - info->counted : 0;
    if (missing * 1000 > last->counted * rules->shrink_permille) {
        against(a,
                "it has %llu entries, the last good one %llu: %llu fewer, more than %u.%u %%",
                U(info->counted),
                U(last->counted),
                U(missing),
                rules->shrink_permille / 10,
                rules->shrink_permille % 10);
    }
    if (!rules->older_allowed && info->date.known && last->date.known && info->date.to < last->date.from) {
        against(a, "it is %d days older than the last good one", last->date.from - info->date.to);
    }
}

void cdn_lists_judge(const struct cdn_list_rules *rules,
                     const struct cdn_list_info *info,
                     const struct cordon_error *error,
                     const struct cdn_list_report *report,
                     const struct cdn_list_info *last,
                     struct cdn_activation *ret) {
    *ret = (struct cdn_activation){.accepted = true};
    if (info == NULL) {
        if (error == NULL) {
            against(ret, "it could not be read");
        } else if (error->line > 0) {
            against(ret, "it could not be read: line %u: %.180s", error->line, error->message);
        } else {
            against(ret, "it could not be read: %.200s", error->message);
        }
        return;
    }
    judge_count(rules, info, ret);
    if (info->stale.n > 0 && !rules->stale_allowed) {
        against(ret, "it is stale: %.*s", (int)CDN_MIN(info->stale.n, (size_t)200), info->stale.p);
    }
    if (report != NULL) {
        const uint64_t twice = cdn_list_report_total(report, CDN_REPORT_DUPLICATE, CDN_STR(""));
        const uint64_t orphans = cdn_list_report_total(report, CDN_REPORT_ORPHAN, CDN_STR(""));
        if (twice > 0) {
            against(ret, "%llu identifiers are used twice", U(twice));
        }
        if (orphans > 0) {
            against(
                ret, "%llu rows or references belong to no entry: its parts are not of one day", U(orphans));
        }
    }
    if (last != NULL) {
        judge_against_last(rules, info, last, ret);
    }
}

void cdn_activation_write(struct cdn_buf *out, const struct cdn_activation *a) {
    cdn_buf_z(out, a->accepted ? "accepted\n" : "not accepted; the last good list stays in use\n");
    for (uint32_t i = 0; i < a->count; i++) {
        cdn_buf_printf(out, "  %s\n", a->reasons[i]);
    }
}
