/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_info.c: cordon info, cordon verify */
#include <string.h>

#include <cordon/screen.h>

#include "cli.h"

enum { MEASURES, LISTS, JSON };
static const struct option options[] = {
    [MEASURES] = {"--measures", 0, NULL, "list the measures, with the time that each is in force"},
    [LISTS] = {"--lists", 0, NULL, "all lists that the files serve, not only those of the rulebook"},
    [JSON] = {"--json", 0, NULL, "as a JSON object"},
};

static void hex_of(const uint8_t sha256[32], char ret[65]) {
    for (size_t i = 0; i < 32; i++)
        (void)snprintf(ret + 2 * i, 3, "%02x", sha256[i]);
}

/* A text of a list as JSON: those of files are plain, but may have quotes. */
static void json_text(const char *key, cordon_str s) {
    if (s.n == 0)
        return;
    (void)printf(",\"%s\":", key);
    print_json_text(stdout, s);
}

static void json_time(const char *key, int64_t t) {
    char text[CORDON_TIME_TEXT];
    if (t == CORDON_NEVER)
        return;
    (void)cordon_time_format(t, text);
    json_text(key, cordon_text(text));
}

static void print_json_lists(const cordon_snapshot *s) {
    (void)printf("\"lists\":[");
    for (uint32_t i = 0; i < cordon_screen_list_count(s); i++) {
        cordon_screen_list l;
        if (cordon_screen_list_get(s, i, &l) != CORDON_OK)
            continue;
        (void)printf("%s{\"count\":%u,\"data\":%s", i ? "," : "", l.count, l.has_data ? "true" : "false");
        json_text("date", l.date);
        json_text("format", l.format);
        json_text("id", l.id);
        (void)printf(",\"named\":%s", l.named ? "true" : "false");
        json_text("publisher", l.publisher);
        json_time("retrieved", l.retrieved);
        json_text("sha256", cordon_text(l.has_data ? l.digest + 7 : ""));
        json_text("source", l.source);
        json_text("stale", l.stale);
        json_text("title", l.title);
        (void)printf("}");
    }
    (void)printf("],");
}

static void print_json(const cordon_snapshot *s, const char *digest) {
    const cordon_str info = cordon_snapshot_info(s);
    (void)printf("{\"info\":%.*s,", info.n ? (int)info.n : 4, info.n ? info.p : "null");
    print_json_lists(s);
    (void)printf("\"measures\":%u,\"sections\":[", cordon_snapshot_measure_count(s));
    for (uint32_t i = 0; i < cordon_snapshot_section_count(s); i++) {
        cordon_section section;
        char hex[65] = "";
        if (cordon_snapshot_section(s, i, &section) != CORDON_OK)
            continue;
        hex_of(section.sha256, hex);
        (void)printf("%s{\"instance\":%u,\"kind\":\"%s\",\"length\":%llu,\"sha256\":\"%s\"}",
                     i ? "," : "",
                     section.instance,
                     section.kind,
                     (unsigned long long)section.length,
                     hex);
    }
    (void)printf("],\"semantics\":%u,\"snapshot\":\"%s\"}\n", cordon_snapshot_semantics(s), digest);
}

static void print_list(const cordon_screen_list *l, const struct paint *p) {
    char retrieved[CORDON_TIME_TEXT] = "";
    if (l->retrieved != CORDON_NEVER)
        (void)cordon_time_format(l->retrieved, retrieved);
    if (!l->has_data) {
        (void)printf(
            "  %-28.*s %sno data: nobody is screened against it%s\n", STR_FMT(l->id), p->red, p->off);
        return;
    }
    (void)printf("  %-28.*s %7u entries  %-10.*s  %-20s  %.8s…  %.*s%s%.*s\n",
                 STR_FMT(l->id),
                 l->count,
                 STR_FMT(l->date),
                 retrieved[0] ? retrieved : "-",
                 l->digest + 7,
                 STR_FMT(l->source),
                 l->stale.n ? "  STALE: " : "",
                 STR_FMT(l->stale));
}

/* Those that the rulebook names, and each published list itself; others that could be named stay out. */
static void print_lists(const cordon_snapshot *s, bool all) {
    const struct paint *p = paint_for(stdout);
    bool first = true;
    for (uint32_t i = 0; i < cordon_screen_list_count(s); i++) {
        cordon_screen_list l;
        if (cordon_screen_list_get(s, i, &l) != CORDON_OK)
            continue;
        const bool whole = l.id.n == l.source.n && memcmp(l.id.p, l.source.p, l.id.n) == 0;
        if (!all && !l.named && !whole)
            continue;
        if (first)
            (void)printf(
                "lists                           count          dated       fetched               digest     "
                "from\n");
        first = false;
        print_list(&l, p);
    }
}

/* The inputs of INFO, one object a line: it is canonical JSON without blanks, and `},{` stands between
 * objects only. */
static void print_inputs(cordon_str info) {
    const char *from = info.n ? memchr(info.p, '[', info.n) : NULL;
    if (!from)
        return;
    (void)printf("inputs\n");
    const char *end = info.p + info.n;
    from++;
    while (from < end && *from == '{') {
        const char *close = memchr(from, '}', (size_t)(end - from));
        if (!close)
            return;
        (void)printf("  ");
        bool name = true;
        for (const char *p = from + 1; p < close; p++) {
            if (*p == '"')
                continue;
            if (*p == ':' && name) {
                (void)putchar(' ');
                name = false;
            } else if (*p == ',' && p + 1 < close && p[1] == '"') {
                (void)printf("  ");
                name = true;
            } else {
                (void)putchar(*p);
            }
        }
        (void)putchar('\n');
        from = close + 2;
    }
}

static void print_time(int64_t t, const char *open) {
    char text[CORDON_TIME_TEXT];
    if (t == CORDON_NEVER || t < -INT64_C(100000000000)) {
        (void)printf("%-20s", open);
        return;
    }
    (void)cordon_time_format(t, text);
    (void)printf("%-20s", text);
}

static void print_text(const cordon_snapshot *s, const char *digest, bool measures, bool lists) {
    const struct paint *p = paint_for(stdout);
    (void)printf("%s%s%s\n  semantics %u, %u measures\n",
                 p->bold,
                 digest,
                 p->off,
                 cordon_snapshot_semantics(s),
                 cordon_snapshot_measure_count(s));
    (void)printf("sections\n");
    for (uint32_t i = 0; i < cordon_snapshot_section_count(s); i++) {
        cordon_section section;
        if (cordon_snapshot_section(s, i, &section) == CORDON_OK)
            (void)printf("  %-8s %12llu bytes  %02x%02x%02x%02x…\n",
                         section.kind,
                         (unsigned long long)section.length,
                         section.sha256[0],
                         section.sha256[1],
                         section.sha256[2],
                         section.sha256[3]);
    }
    print_inputs(cordon_snapshot_info(s));
    print_lists(s, lists);
    for (uint32_t i = 0; measures && i < cordon_snapshot_measure_count(s); i++) {
        cordon_measure m;
        if (cordon_snapshot_measure(s, i, &m) != CORDON_OK)
            continue;
        (void)printf("%s  ", i ? "" : "measures\n");
        print_time(m.effective, "ever");
        (void)printf("  ");
        print_time(m.until, "open");
        (void)printf("  %-8s %-10s %.*s  %.*s\n", m.kind, m.basis, STR_FMT(m.id), STR_FMT(m.title));
    }
}

static int run(const struct args *a) {
    cordon_error e = {0};
    cordon_snapshot *s = NULL;
    char digest[CORDON_DIGEST_TEXT];
    if (cordon_snapshot_open(a->words[0], NULL, &s, &e))
        return say_error(a->words[0], &e);
    cordon_snapshot_digest(s, digest);
    if (a->option[JSON])
        print_json(s, digest);
    else
        print_text(s, digest, a->option[MEASURES] != NULL, a->option[LISTS] != NULL);
    cordon_snapshot_unref(s);
    return EXIT_OK;
}

const struct command cmd_info = {
    .name = "info",
    .usage = "SNAPSHOT [--measures] [--lists] [--json]",
    .brief = "What a snapshot holds: digest, sections, inputs with their dates, lists, measures.",
    .text = "Examples:\n  cordon info rules.snapshot\n  cordon info --measures rules.snapshot\n"
            "\nExit status: 0 done; 2 usage; 3 not a snapshot that can be used.\n",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .repeat = -1,
    .least = 1,
    .most = 1,
    .run = run,
};

static int run_verify(const struct args *a) {
    int worst = EXIT_OK;
    for (size_t i = 0; i < a->word_count; i++) {
        cordon_error e = {0};
        cordon_snapshot *s = NULL;
        char digest[CORDON_DIGEST_TEXT];
        int err = cordon_snapshot_open(a->words[i], NULL, &s, &e);
        if (!err)
            err = cordon_snapshot_verify(s, progress, NULL, &e);
        progress_end();
        if (err) {
            worst = say_error(a->words[i], &e);
        } else {
            cordon_snapshot_digest(s, digest);
            (void)printf("%s  %s  ok\n", digest, a->words[i]);
        }
        cordon_snapshot_unref(s);
    }
    return worst;
}

const struct command cmd_verify = {
    .name = "verify",
    .usage = "SNAPSHOT…",
    .brief = "Recompute the digests of snapshots and compare them with their names.",
    .text = "Opening a snapshot checks that it is well-formed; this checks that it is the one that its name "
            "says.\n"
            "\nExamples:\n  cordon verify rules.snapshot\n"
            "\nExit status: 0 all are what they say; 2 usage; 3 one is not, or cannot be read.\n",
    .repeat = -1,
    .least = 1,
    .most = 4096,
    .run = run_verify,
};
