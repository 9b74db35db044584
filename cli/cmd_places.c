/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_places.c: cordon places: what one piece of evidence says, as a decision would take it. */
#include <string.h>

#include "cli.h"

enum { KIND, COUNTRY, REGION, CITY, POSTAL, AT, JSON };
static const struct option options[] = {
    [KIND] = {"--kind", 'k', "KIND", "kind of evidence (default: ip, phone or address, by its form)"},
    [COUNTRY] = {"--country", 0, "CC", "of an address: its country"},
    [REGION] = {"--region", 0, "TEXT", "its region"},
    [CITY] = {"--city", 0, "TEXT", "its city"},
    [POSTAL] = {"--postal-code", 0, "TEXT", "its postal code"},
    [AT] = {"--at", 0, "INSTANT", "as of then (default: now)"},
    [JSON] = {"--json", 0, NULL, "as JSON Lines"},
};

static const char *guess(const char *value) {
    const size_t n = strlen(value);
    if (value[0] == '+')
        return "phone";
    if (strspn(value, "0123456789.") == n && strchr(value, '.'))
        return "ip";
    if (strspn(value, "0123456789abcdefABCDEF:.") == n && strchr(value, ':'))
        return "ip";
    return "address";
}

static void print_json(const cordon_evidence *ev, const cordon_places *found) {
    (void)printf("{\"asn\":%u,\"doubt\":", found->asn);
    print_json_text(stdout, cordon_text(found->doubt));
    (void)printf(",\"finest\":");
    print_json_text(stdout, found->finest);
    (void)printf(",\"kind\":");
    print_json_text(stdout, ev->kind);
    (void)printf(",\"places\":[");
    for (uint32_t i = 0; i < found->count; i++) {
        if (i)
            (void)putchar(',');
        print_json_text(stdout, found->codes[i]);
    }
    (void)printf("],\"value\":");
    print_json_text(stdout, ev->value);
    (void)printf("}\n");
}

static void print_text(const cordon_evidence *ev, const cordon_places *found) {
    const struct paint *p = paint_for(stdout);
    (void)printf("%.*s %s%.*s%s →", STR_FMT(ev->kind), p->bold, STR_FMT(ev->value), p->off);
    if (found->count == 0)
        (void)printf(" no place");
    for (uint32_t i = 0; i < found->count; i++)
        (void)printf(" %.*s", STR_FMT(found->codes[i]));
    if (found->asn)
        (void)printf("  AS%u", found->asn);
    if (found->doubt[0])
        (void)printf("  %s(%s)%s", p->yellow, found->doubt, p->off);
    (void)putchar('\n');
}

static int one(const cordon_snapshot *s, const char *value, const struct args *a, int64_t at) {
    cordon_evidence ev;
    cordon_places found;
    cordon_error e = {0};
    cordon_evidence_init(&ev);
    ev.kind = cordon_text(a->option[KIND] ? a->option[KIND] : guess(value));
    ev.value = cordon_text(value);
    const char *const parts[] = {a->option[COUNTRY], a->option[REGION], a->option[CITY], a->option[POSTAL]};
    cordon_str *const to[] = {&ev.country, &ev.region, &ev.city, &ev.postal_code};
    bool any = false;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        *to[i] = cordon_text(parts[i] ? parts[i] : "");
        any = any || parts[i];
    }
    if (any)
        ev.lines = ev.value;
    if (cordon_snapshot_places(s, &ev, at, &found, &e))
        return say_error(value, &e);
    if (a->option[JSON])
        print_json(&ev, &found);
    else
        print_text(&ev, &found);
    return EXIT_OK;
}

static int run(const struct args *a) {
    cordon_error e = {0};
    cordon_snapshot *s = NULL;
    int64_t at = now();
    if (a->option[AT] && cordon_time_parse(cordon_text(a->option[AT]), &at, &e)) {
        (void)say_error("--at", &e);
        return EXIT_USAGE;
    }
    if (cordon_snapshot_open(a->words[0], NULL, &s, &e))
        return say_error(a->words[0], &e);
    int status = EXIT_OK;
    for (size_t i = 1; i < a->word_count; i++) {
        const int got = one(s, a->words[i], a, at);
        status = got > status ? got : status;
    }
    /* An address in parts only. */
    if (a->word_count == 1)
        status =
            a->option[COUNTRY] || a->option[CITY] || a->option[POSTAL] || a->option[REGION]
                ? one(s, "", a, at)
                : usage_error("places", "what is to be placed? give an address, IP address, phone number …");
    cordon_snapshot_unref(s);
    return status;
}

const struct command cmd_places = {
    .name = "places",
    .usage = "SNAPSHOT VALUE… [options]",
    .brief = "What an address, IP address, phone number … says about places, and with what doubt.",
    .text = "Examples:\n"
            "  cordon places rules.snapshot 'Yalta, Krimea' 95.173.136.70 +79781234567\n"
            "  cordon places rules.snapshot --country US --city Sebastopol --postal-code 95472\n"
            "  cordon places rules.snapshot --kind iban DE89370400440532013000\n"
            "\nExit status: 0 done; 2 usage; 3 a value that cannot be read, or no snapshot.\n",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .repeat = -1,
    .least = 1,
    .most = 4096,
    .run = run,
};
