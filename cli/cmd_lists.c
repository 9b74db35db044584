/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_lists.c: cordon lists take, show, diff, check. */
#include "cmd_lists.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lists_config.h"

#define MOST_FILES 4

const char *grouped(uint64_t n, char to[32]) {
    char digits[24];
    const int count = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
    size_t k = 0;
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            to[k++] = ',';
        to[k++] = digits[i];
    }
    to[k] = '\0';
    return to;
}

int part_of_text(const char *command, const char *text, cordon_list_part *ret) {
    *ret = CORDON_LIST_PART_UNSAID;
    if (!text)
        return EXIT_OK;
    if (strcmp(text, "sdn") == 0)
        *ret = CORDON_LIST_PART_SDN;
    else if (strcmp(text, "consolidated") == 0)
        *ret = CORDON_LIST_PART_CONSOLIDATED;
    else
        return usage_error(command, "--part is `sdn` or `consolidated`");
    return EXIT_OK;
}

/* ---- what came of an offer
 * ---------------------------------------------------------------------------------- */

static void news_json(const struct list_news *news) {
    const cordon_list_taken *const t = news->taken;
    (void)printf("{\"added\":%llu,\"changed\":%llu",
                 (unsigned long long)t->changes.added,
                 (unsigned long long)t->changes.changed);
    if (t->digest[0])
        (void)printf(",\"digest\":\"%s\"", t->digest);
    (void)printf(",\"entries\":%llu,\"id\":", (unsigned long long)t->entries);
    print_json_text(stdout, cordon_text(news->id));
    (void)printf(",\"outcome\":\"%s\",\"reasons\":[",
                 news->skipped ? "skipped" : cordon_list_outcome_name(t->outcome));
    const char *before = "";
    cordon_str rest = {t->reasons.p ? t->reasons.p : "", t->reasons.n};
    if (news->reason && news->reason[0])
        rest = cordon_text(news->reason);
    while (rest.n > 0) {
        const char *const end = memchr(rest.p, '\n', rest.n);
        const size_t n = end ? (size_t)(end - rest.p) : rest.n;
        (void)fputs(before, stdout);
        print_json_text(stdout, (cordon_str){rest.p, n});
        before = ",";
        rest.p += end ? n + 1 : n;
        rest.n -= end ? n + 1 : n;
    }
    (void)printf("],\"removed\":%llu}\n", (unsigned long long)t->changes.removed);
}

static void last_good(const struct list_news *news, const cordon_list_store *store) {
    cordon_list_status s;
    char number[32];
    if (cordon_list_store_status(store, cordon_text(news->id), &s) || !s.in_use)
        (void)fputs("; nothing of this list is in use\n", stderr);
    else
        (void)fprintf(stderr,
                      "; the last good one stays in use: %s entries, of %.*s\n",
                      grouped(s.entries, number),
                      STR_FMT(s.activated));
}

static void loud(const struct list_news *news, const cordon_list_store *store) {
    const struct paint *p = paint_for(stderr);
    const bool refused = news->taken->outcome == CORDON_LIST_REFUSED;
    if (news->skipped) {
        (void)fprintf(stderr,
                      "%scordon:%s %s: %snot fetched: %s%s",
                      p->bold,
                      p->off,
                      news->id,
                      p->yellow,
                      news->reason,
                      p->off);
    } else {
        (void)fprintf(stderr,
                      "%scordon:%s %s: %s%s%s",
                      p->bold,
                      p->off,
                      news->id,
                      p->red,
                      refused ? "REFUSED" : "NOT FETCHED",
                      p->off);
    }
    last_good(news, store);
    if (!refused && !news->skipped && news->reason && news->reason[0])
        (void)fprintf(stderr, "  %s\n", news->reason);
    for (size_t i = 0; i < news->taken->reasons.n; i++) {
        const char c = news->taken->reasons.p[i];
        if (i == 0 || news->taken->reasons.p[i - 1] == '\n')
            (void)fputs("  ", stderr);
        (void)fputc(c, stderr);
    }
    if (refused && news->taken->entries > 0)
        (void)fprintf(stderr, "  if it is right all the same: --accept %s --by WHO\n", news->taken->digest);
}

void lists_say_news(const struct list_news *news, const cordon_list_store *store, bool json) {
    const cordon_list_taken *const t = news->taken;
    char number[32];
    progress_end();
    if (json) {
        news_json(news);
    } else if (!news->skipped && t->outcome != CORDON_LIST_FAILED) {
        (void)printf("%-20s %-10s %s entries",
                     news->id,
                     cordon_list_outcome_name(t->outcome),
                     grouped(t->entries, number));
        if (t->outcome == CORDON_LIST_ACTIVATED)
            (void)printf(", %llu added, %llu removed, %llu changed",
                         (unsigned long long)t->changes.added,
                         (unsigned long long)t->changes.removed,
                         (unsigned long long)t->changes.changed);
        (void)printf("  %s\n", t->digest);
    }
    (void)fflush(stdout);
    if (news->skipped || t->outcome == CORDON_LIST_REFUSED || t->outcome == CORDON_LIST_FAILED)
        loud(news, store);
}

/* ---- operands: a file, a folder of files that are one list, LIST or LIST@DAY of the store
 * ---------------------- */

struct files {
    cordon_list_file items[MOST_FILES];
    char names[MOST_FILES][4096];
    size_t count;
};

static int compare_names(const void *a, const void *b) {
    return strcmp(a, b);
}

static int folder_files(const char *path, struct files *ret) {
    DIR *const dir = opendir(path);
    const struct dirent *entry = NULL;
    ret->count = 0;
    while (dir && (entry = readdir(dir)) != NULL) { // NOLINT(concurrency-mt-unsafe): a stream of our own
        if (entry->d_name[0] == '.')
            continue;
        if (ret->count == MOST_FILES) {
            (void)closedir(dir);
            return usage_error("lists", "%s holds more than %d files", path, MOST_FILES);
        }
        (void)snprintf(
            ret->names[ret->count++], sizeof(ret->names[0]), "%.3000s/%.255s", path, entry->d_name);
    }
    if (!dir || ret->count == 0) {
        if (dir)
            (void)closedir(dir);
        return usage_error("lists", "%s: %s", path, dir ? "no file in it" : strerror(errno));
    }
    (void)closedir(dir);
    qsort(ret->names, ret->count, sizeof(ret->names[0]), compare_names);
    for (size_t i = 0; i < ret->count; i++)
        ret->items[i] = (cordon_list_file){.path = ret->names[i]};
    return EXIT_OK;
}

static int read_path(const char *path, const cordon_list_options *o, cordon_list **ret) {
    cordon_error e = {0};
    struct stat st;
    struct files *const files = calloc(1, sizeof(*files));
    if (!files)
        return EXIT_TROUBLE;
    int status = EXIT_OK;
    files->items[0].path = path;
    files->count = 1;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        status = folder_files(path, files);
    if (!status && cordon_list_read(files->items, files->count, o, ret, &e))
        status = say_error(NULL, &e);
    free(files);
    return status;
}

/* "2026-08-01" is its last second, else an instant. */
static int known_at(const char *text, int64_t *ret) {
    char full[40];
    cordon_error e = {0};
    if (strlen(text) == 10)
        (void)snprintf(full, sizeof(full), "%sT23:59:59Z", text);
    else
        (void)snprintf(full, sizeof(full), "%.39s", text);
    if (!cordon_time_parse(cordon_text(full), ret, &e))
        return EXIT_OK;
    (void)say_error(text, &e);
    return EXIT_USAGE;
}

static int read_stored(const char *operand, const char *folder, uint32_t flags, cordon_list **ret) {
    cordon_error e = {0};
    cordon_list_store *store = NULL;
    int64_t at = CORDON_NEVER;
    const char *const sign = strchr(operand, '@');
    const cordon_str id = {operand, sign ? (size_t)(sign - operand) : strlen(operand)};
    int status = sign ? known_at(sign + 1, &at) : EXIT_OK;
    if (status)
        return status;
    if (cordon_list_store_open(folder, 0, NULL, &store, &e))
        return say_error(operand, &e);
    if (cordon_list_store_load(store, id, at, flags, ret, &e))
        status = say_error(operand, &e);
    cordon_list_store_close(store);
    return status;
}

static int read_operand(const char *operand,
                        const char *folder,
                        const cordon_list_options *o,
                        cordon_list **ret) {
    struct stat st;
    if (stat(operand, &st) == 0)
        return read_path(operand, o, ret);
    return read_stored(operand, folder, 0, ret);
}

/* ---- diff
 * ----------------------------------------------------------------------------------------------------- */

enum { D_JSON, D_LISTS, D_PART, D_COUNT };
static const struct option diff_options[] = {
    [D_JSON] = {"--json", 0, NULL, "as one JSON object"},
    [D_LISTS] = {"--lists", 0, "DIR", "the store that LIST and LIST@DAY are of"},
    [D_PART] = {"--part", 0, "PART", "OFAC's flat files are `sdn` or `consolidated`"},
    [D_COUNT] = {"--count", 0, NULL, "only how many were added, removed, changed"},
};

static int run_diff(const struct args *a) {
    cordon_list *before = NULL;
    cordon_list *after = NULL;
    cordon_list_options o;
    cordon_list_options_init(&o);
    o.id = cordon_text("list");
    const char *const folder = lists_folder(a->option[D_LISTS], NULL);
    int status = part_of_text("lists diff", a->option[D_PART], &o.part);
    status = status ? status : read_operand(a->words[0], folder, &o, &before);
    status = status ? status : read_operand(a->words[1], folder, &o, &after);
    if (!status) {
        cordon_error e = {0};
        cordon_buffer out = {0};
        cordon_list_changes n;
        const bool json = a->option[D_JSON] != NULL;
        if (cordon_list_diff(before, after, json, a->option[D_COUNT] ? NULL : &out, &n, &e)) {
            status = say_error("lists diff", &e);
        } else {
            if (out.n > 0)
                (void)fwrite(out.p, 1, out.n, stdout);
            if (a->option[D_COUNT])
                (void)printf(json ? "{\"added\":%llu,\"removed\":%llu,\"changed\":%llu,\"same\":%llu}\n"
                                  : "%llu added, %llu removed, %llu changed, %llu as before\n",
                             (unsigned long long)n.added,
                             (unsigned long long)n.removed,
                             (unsigned long long)n.changed,
                             (unsigned long long)n.same);
            status = n.added + n.removed + n.changed > 0 ? EXIT_FINDINGS : EXIT_OK;
        }
        cordon_buffer_free(&out);
    }
    cordon_list_free(before);
    cordon_list_free(after);
    return status;
}

const struct command cmd_lists_diff = {
    .name = "lists diff",
    .usage = "OLD NEW [options]",
    .brief = "What changed from one list to another, field by field.",
    .text =
        "OLD and NEW are files, folders whose files are one list together, or lists of the store: us/sdn is\n"
        "the one in use, us/sdn@2026-08-01 the one that was at the end of that day (UTC).\n"
        "\nExamples:\n"
        "  cordon lists diff consolidated-july.xml consolidated-august.xml\n"
        "  cordon lists diff us/sdn@2026-08-01 us/sdn --json\n"
        "\nExit status: 0 the same; 1 differences; 2 usage; 3 a list cannot be read.\n",
    .options = diff_options,
    .option_count = sizeof(diff_options) / sizeof(diff_options[0]),
    .repeat = -1,
    .least = 2,
    .most = 2,
    .run = run_diff,
};

/* ---- take
 * ----------------------------------------------------------------------------------------------------- */

enum { T_LISTS, T_AT, T_PART, T_SHRINK, T_STALE, T_ACCEPT, T_BY, T_JSON };
static const struct option take_options[] = {
    [T_LISTS] = {"--lists", 0, "DIR", "the store (default $CORDON_LISTS, else /var/lib/cordon/lists)"},
    [T_AT] = {"--at", 0, "INSTANT", "when the files were fetched (default now)"},
    [T_PART] = {"--part", 0, "PART", "OFAC's flat files are `sdn` or `consolidated`"},
    [T_SHRINK] = {"--shrink", 0, "PERCENT", "share of the entries that may be missing (default 5)"},
    [T_STALE] = {"--stale", 0, NULL, "take a list that its issuer retired, to repeat decisions of its time"},
    [T_ACCEPT] = {"--accept", 0, "DIGEST", "take this content although it was refused; with --by"},
    [T_BY] = {"--by", 0, "WHO", "who looked at it, and why; kept with the list"},
    [T_JSON] = {"--json", 0, NULL, "what came of it as one JSON object"},
};

static int shrink_of(const char *text, uint32_t *ret) {
    char *end = NULL;
    const unsigned long n = text ? strtoul(text, &end, 10) : 0;
    if (text && (*text < '0' || *text > '9' || *end || n > 100))
        return usage_error("lists take", "--shrink takes whole percents from 0 to 100");
    if (text)
        *ret = (uint32_t)n * 10;
    return EXIT_OK;
}

static int offer_files(const struct args *a, cordon_list_offer *offer, struct files *files) {
    struct stat st;
    int status = EXIT_OK;
    if (a->word_count == 2 && stat(a->words[1], &st) == 0 && S_ISDIR(st.st_mode)) {
        status = folder_files(a->words[1], files);
    } else {
        for (size_t i = 1; i < a->word_count; i++)
            files->items[files->count++] = (cordon_list_file){.path = a->words[i]};
    }
    offer->files = files->items;
    offer->file_count = files->count;
    return status;
}

static int take_into(const struct args *a, const cordon_list_offer *offer) {
    cordon_error e = {0};
    cordon_list_store *store = NULL;
    cordon_list_taken taken = {0};
    const char *const folder = lists_folder(a->option[T_LISTS], NULL);
    if (cordon_list_store_open(folder, CORDON_LIST_STORE_WRITE, NULL, &store, &e))
        return say_error(folder, &e);
    int status = EXIT_OK;
    if (cordon_list_store_take(store, offer, &taken, &e)) {
        status =
            e.code == CORDON_E_ARG ? (say_error(a->words[0], &e), EXIT_USAGE) : say_error(a->words[0], &e);
    } else {
        const struct list_news news = {.id = a->words[0], .taken = &taken};
        lists_say_news(&news, store, a->option[T_JSON] != NULL);
        status = taken.outcome == CORDON_LIST_REFUSED ? EXIT_FINDINGS : EXIT_OK;
    }
    cordon_buffer_free(&taken.reasons);
    cordon_list_store_close(store);
    return status;
}

static int run_take(const struct args *a) {
    struct files *const files = calloc(1, sizeof(*files));
    cordon_list_offer offer;
    cordon_error e = {0};
    if (!files)
        return EXIT_TROUBLE;
    cordon_list_offer_init(&offer);
    offer.id = cordon_text(a->words[0]);
    offer.at = now();
    int status = part_of_text("lists take", a->option[T_PART], &offer.part);
    status = status ? status : shrink_of(a->option[T_SHRINK], &offer.rules.shrink_permille);
    if (!status && a->option[T_AT] && cordon_time_parse(cordon_text(a->option[T_AT]), &offer.at, &e)) {
        (void)say_error("--at", &e);
        status = EXIT_USAGE;
    }
    if (a->option[T_STALE])
        offer.rules.flags |= CORDON_LIST_STALE_ALLOWED;
    if (!status && a->option[T_ACCEPT] && !a->option[T_BY])
        status = usage_error("lists take", "--accept needs --by WHO");
    if (a->option[T_ACCEPT] && a->option[T_BY]) {
        offer.accept = cordon_text(a->option[T_ACCEPT]);
        offer.by = cordon_text(a->option[T_BY]);
    }
    status = status ? status : offer_files(a, &offer, files);
    status = status ? status : take_into(a, &offer);
    free(files);
    return status;
}

const struct command cmd_lists_take = {
    .name = "lists take",
    .usage = "LIST FILE… [options]",
    .brief = "Use files that are here as a list, if nothing speaks against it.",
    .text = "For lists of your own, and for machines that fetch nothing themselves. Judged as `lists update` "
            "does.\n"
            "\nExamples:\n"
            "  cordon lists take house/blocked blocked.csv\n"
            "  cordon lists take us/sdn sdn.csv alt.csv add.csv sdn_comments.csv --part sdn\n"
            "\nExit status: 0 in use; 1 refused: the last good one stays; 2 usage; 3 a file or the store "
            "cannot be "
            "used.\n",
    .options = take_options,
    .option_count = sizeof(take_options) / sizeof(take_options[0]),
    .repeat = -1,
    .least = 2,
    .most = 1 + MOST_FILES,
    .run = run_take,
};

/* ---- check
 * ---------------------------------------------------------------------------------------------------- */

enum { C_PART, C_JSON, C_LINES };
static const struct option check_options[] = {
    [C_PART] = {"--part", 0, "PART", "OFAC's flat files are `sdn` or `consolidated`"},
    [C_JSON] = {"--json", 0, NULL, "as one JSON object"},
    [C_LINES] = {"--jsonl", 0, NULL, "print the list in canonical form, JSON Lines, and nothing else"},
};

static void describe(const cordon_list *list, bool json) {
    cordon_buffer out = {0};
    cordon_list_facts f;
    char number[32];
    char names[32];
    if (json) {
        if (!cordon_list_describe_json(list, &out))
            (void)printf("%.*s\n", STR_FMT(out));
        cordon_buffer_free(&out);
        return;
    }
    cordon_list_describe(list, &f);
    (void)printf("%.*s: %.*s, %.*s\n  %s entries, %s names",
                 STR_FMT(f.id),
                 STR_FMT(f.issuer),
                 STR_FMT(f.format),
                 grouped(f.entries, number),
                 grouped(f.names, names));
    if (f.removed)
        (void)printf(", %s no longer listed", grouped(f.removed, number));
    if (f.date[0])
        (void)printf(", dated %s", f.date);
    (void)printf("\n  %s\n", f.digest);
    if (f.stale.n > 0)
        (void)printf("  STALE: %.*s\n", STR_FMT(f.stale));
    (void)printf("  not understood: %s\n", grouped(f.not_understood, number));
    if (!cordon_list_report_text(list, &out) && out.n > 0)
        (void)fwrite(out.p, 1, out.n, stdout);
    cordon_buffer_free(&out);
}

static int judge(const cordon_list *list) {
    cordon_error e = {0};
    cordon_list_rules rules;
    cordon_buffer reasons = {0};
    cordon_list_rules_init(&rules);
    const int err = cordon_list_judge(list, NULL, &rules, &reasons, &e);
    if (reasons.n > 0)
        (void)fprintf(stderr, "not whole:\n%.*s", STR_FMT(reasons));
    cordon_buffer_free(&reasons);
    return err == CORDON_E_STATE ? EXIT_FINDINGS : err ? say_error("lists check", &e) : EXIT_OK;
}

static int run_check(const struct args *a) {
    struct files *const files = calloc(1, sizeof(*files));
    cordon_list_options o;
    cordon_list *list = NULL;
    cordon_error e = {0};
    cordon_buffer out = {0};
    if (!files)
        return EXIT_TROUBLE;
    cordon_list_options_init(&o);
    int status = part_of_text("lists check", a->option[C_PART], &o.part);
    for (size_t i = 0; i < a->word_count; i++)
        files->items[files->count++] = (cordon_list_file){.path = a->words[i]};
    if (!status && cordon_list_read(files->items, files->count, &o, &list, &e))
        status = say_error(NULL, &e);
    if (!status && a->option[C_LINES]) {
        if (cordon_list_to_json(list, &out))
            status = EXIT_TROUBLE;
        else
            (void)fwrite(out.p, 1, out.n, stdout);
    } else if (!status) {
        describe(list, a->option[C_JSON] != NULL);
    }
    status = status ? status : judge(list);
    cordon_buffer_free(&out);
    cordon_list_free(list);
    free(files);
    return status;
}

const struct command cmd_lists_check = {
    .name = "lists check",
    .usage = "FILE… [options]",
    .brief = "Read a list: what it is, whether it is whole, what was not understood.",
    .text =
        "Nothing is kept. Several files are the flat files of OFAC.\n"
        "\nExamples:\n"
        "  cordon lists check UK-Sanctions-List.xml.xz\n"
        "  cordon lists check --jsonl blocked.csv > blocked.jsonl\n"
        "\nExit status: 0 whole; 1 something speaks against its being whole; 2 usage; 3 it cannot be read.\n",
    .options = check_options,
    .option_count = sizeof(check_options) / sizeof(check_options[0]),
    .repeat = -1,
    .least = 1,
    .most = MOST_FILES,
    .run = run_check,
};

/* ---- show
 * ----------------------------------------------------------------------------------------------------- */

enum { S_LISTS, S_JSON, S_HISTORY, S_LINES, S_AT };
static const struct option show_options[] = {
    [S_LISTS] = {"--lists", 0, "DIR", "the store (default $CORDON_LISTS, else /var/lib/cordon/lists)"},
    [S_JSON] = {"--json", 0, NULL, "one JSON object for each list"},
    [S_HISTORY] = {"--history", 0, NULL, "all versions and attempts of LIST"},
    [S_LINES] = {"--jsonl",
                 0,
                 NULL,
                 "print LIST in canonical form, with those who left it, and nothing else"},
    [S_AT] = {"--known-at", 0, "INSTANT", "LIST as it was in use then: a day, or an instant"},
};

/* "3 days", "5 h", "12 min" since an instant. */
static const char *age(cordon_str since, char to[32]) {
    int64_t t = 0;
    cordon_error e = {0};
    if (cordon_time_parse(since, &t, &e)) {
        (void)snprintf(to, 32, "unknown age");
        return to;
    }
    const int64_t seconds = now() - t;
    if (seconds >= 2 * 86400)
        (void)snprintf(to, 32, "%lld days", (long long)(seconds / 86400));
    else if (seconds >= 2 * 3600)
        (void)snprintf(to, 32, "%lld h", (long long)(seconds / 3600));
    else
        (void)snprintf(to, 32, "%lld min", (long long)(seconds < 0 ? 0 : seconds / 60));
    return to;
}

static void show_line(const cordon_list_status *s) {
    const struct paint *p = paint_for(stdout);
    char number[32];
    char old[32];
    if (!s->in_use) {
        (void)printf("%-20.*s %snothing in use%s\n", STR_FMT(s->id), p->red, p->off);
    } else {
        (void)printf("%-20.*s %9s entries  %-10s  confirmed %s ago  sha256:%.*s\n",
                     STR_FMT(s->id),
                     grouped(s->entries, number),
                     s->date[0] ? s->date : "undated",
                     age(s->confirmed, old),
                     STR_FMT(s->digest));
        if (s->stale.n > 0)
            (void)printf("  %sSTALE%s: %.*s\n", p->yellow, p->off, STR_FMT(s->stale));
    }
    if (s->last_attempt.n > 0)
        (void)printf("  %slast attempt, %.*s: %.*s%s\n",
                     p->red,
                     STR_FMT(s->last_attempt),
                     STR_FMT(s->last_reason),
                     p->off);
}

static int show_all(const cordon_list_store *store, bool json) {
    cordon_error e = {0};
    int status = EXIT_OK;
    for (size_t i = 0; i < cordon_list_store_count(store) && !status; i++) {
        cordon_str id;
        cordon_list_status s;
        cordon_buffer out = {0};
        if (cordon_list_store_id(store, i, &id) || cordon_list_store_status(store, id, &s))
            break;
        if (!json)
            show_line(&s);
        else if (cordon_list_store_to_json(store, id, &out, &e))
            status = say_error(NULL, &e);
        else
            (void)printf("%.*s\n", STR_FMT(out));
        cordon_buffer_free(&out);
    }
    return status;
}

static int show_one(const cordon_list_store *store, const struct args *a) {
    cordon_error e = {0};
    cordon_buffer out = {0};
    cordon_list *list = NULL;
    cordon_list_status s;
    int64_t at = CORDON_NEVER;
    const bool json = a->option[S_JSON] != NULL;
    const bool lines = a->option[S_LINES] != NULL;
    const cordon_str id = cordon_text(a->words[0]);
    int status = a->option[S_AT] ? known_at(a->option[S_AT], &at) : EXIT_OK;
    if (status)
        return status;
    if (a->option[S_HISTORY]) {
        if (cordon_list_store_to_json(store, id, &out, &e))
            status = say_error(NULL, &e);
        else
            (void)printf("%.*s\n", STR_FMT(out));
        cordon_buffer_free(&out);
        return status;
    }
    if (cordon_list_store_load(
            store, id, at, lines ? CORDON_LIST_WITH_REMOVED : CORDON_LIST_AS_FETCHED, &list, &e))
        return say_error(NULL, &e);
    if (lines && !cordon_list_to_json(list, &out)) {
        (void)fwrite(out.p, 1, out.n, stdout);
    } else if (!lines) {
        if (!json && !cordon_list_store_status(store, id, &s))
            show_line(&s);
        describe(list, json);
    }
    cordon_buffer_free(&out);
    cordon_list_free(list);
    return status;
}

static int run_show(const struct args *a) {
    cordon_error e = {0};
    cordon_list_store *store = NULL;
    const char *const folder = lists_folder(a->option[S_LISTS], NULL);
    if (a->word_count == 0 && (a->option[S_HISTORY] || a->option[S_LINES] || a->option[S_AT]))
        return usage_error("lists show", "--history, --jsonl and --known-at are about one LIST");
    if (cordon_list_store_open(folder, 0, NULL, &store, &e))
        return say_error(folder, &e);
    const int status = a->word_count == 0 ? show_all(store, a->option[S_JSON] != NULL) : show_one(store, a);
    cordon_list_store_close(store);
    return status;
}

const struct command cmd_lists_show = {
    .name = "lists show",
    .usage = "[LIST] [options]",
    .brief = "The lists in use: age, digest, counts, last trouble, what was not understood.",
    .text = "\nExamples:\n"
            "  cordon lists show\n"
            "  cordon lists show us/sdn\n"
            "  cordon lists show us/sdn --history --json | jq '.versions[-1]'\n"
            "\nExit status: 0 shown; 2 usage; 3 no such list, or the store cannot be read.\n",
    .options = show_options,
    .option_count = sizeof(show_options) / sizeof(show_options[0]),
    .repeat = -1,
    .least = 0,
    .most = 1,
    .run = run_show,
};

static const struct command *const subs[] = {
    &cmd_lists_update, &cmd_lists_take, &cmd_lists_show, &cmd_lists_diff, &cmd_lists_check};
const struct command cmd_lists = {
    .name = "lists",
    .usage = "update|take|show|diff|check …",
    .brief = "Fetch, keep, show and compare lists of listed parties.",
    .text = "\n`cordon lists COMMAND --help` shows options and examples.\n",
    .repeat = -1,
    .subs = subs,
    .sub_count = sizeof(subs) / sizeof(subs[0]),
};
