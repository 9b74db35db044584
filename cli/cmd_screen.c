/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_screen.c: cordon screen: names, or a file of customers, against the lists of a snapshot. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "screen.h"

enum {
    SNAPSHOT,
    LIST,
    MATCH,
    REVIEW,
    AT,
    TYPE,
    ALIAS,
    BIRTH,
    BIRTH_PLACE,
    ADDRESS,
    NATIONALITY,
    COUNTRY,
    GENDER,
    IDENTIFIER,
    EXPLAIN,
    JSON,
    FILE_,
    MAP,
    INPUT,
    OUTPUT,
    FORMAT,
    ALL,
    RESUME,
    THREADS,
    QUIET
};
static const struct option options[] = {
    [SNAPSHOT] = {"--snapshot", 's', "SNAPSHOT", "whose lists (default $CORDON_SNAPSHOT)"},
    [LIST] = {"--list", 0, "LIST", "only this list; repeat for several (default all)"},
    [MATCH] = {"--match", 0, "SCORE", "from this score on a match is sure (default 960)"},
    [REVIEW] = {"--review", 0, "SCORE", "from this score on a person has to look (default 920)"},
    [AT] = {"--at", 0, "INSTANT", "who was on the lists then (default now)"},
    [TYPE] = {"--type", 0, "TYPE", "person, company, ship, aircraft, wallet or bank"},
    [ALIAS] = {"--alias", 0, "NAME", "another name of the party; | between several, here and below"},
    [BIRTH] = {"--birth", 0, "DATE", "1965-12-12, 1965-12, 1965 or ~1965"},
    [BIRTH_PLACE] = {"--birth-place", 0, "PLACE", "where it was born"},
    [ADDRESS] = {"--address", 0, "ADDRESS", "where it is"},
    [NATIONALITY] = {"--nationality", 0, "COUNTRY", "code or name"},
    [COUNTRY] = {"--country", 0, "COUNTRY", "of residence, registration or flag"},
    [GENDER] = {"--gender", 0, "GENDER", "male or female"},
    [IDENTIFIER] = {"--identifier",
                    0,
                    "KIND:VALUE",
                    "imo:9074729, passport:AU:N123; with the country where it has one"},
    [EXPLAIN] = {"--explain", 0, NULL, "how each candidate came about, step by step"},
    [JSON] = {"--json", 0, NULL, "a JSON object for each party"},
    [FILE_] = {"--file", 'f', "FILE", "screen each row of a CSV or JSON Lines file; - is standard input"},
    [MAP] = {"--map", 0, "FIELD=COLUMN,…", "which column is what: name=first+last,birth=dob,tax=INN"},
    [INPUT] = {"--input", 0, "FORMAT", "csv or jsonl (default by content)"},
    [OUTPUT] = {"--output", 'o', "FILE", "where results go, whole or not at all (default standard output)"},
    [FORMAT] = {"--format", 0, "FORMAT", "of the results of a file: jsonl (default) or csv"},
    [ALL] = {"--all", 0, NULL, "also rows without any match"},
    [RESUME] = {"--resume", 0, NULL, "continue an interrupted run with the same output"},
    [THREADS] = {"--threads", 0, "N", "so many at once (default all cores)"},
    [QUIET] = {"--quiet", 'q', NULL, "no progress"},
};

static int score_of(const char *text, const char *name, uint32_t *ret) {
    char *end = NULL;
    if (!text)
        return EXIT_OK;
    const unsigned long n = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || n > 1000)
        return usage_error("screen", "%s takes a number from 0 to 1000", name);
    *ret = (uint32_t)n;
    return EXIT_OK;
}

static int threads_of(const char *text, size_t *ret) {
    char *end = NULL;
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    *ret = cores > 0 && cores < 256 ? (size_t)cores : 1;
    if (!text)
        return EXIT_OK;
    const unsigned long n = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || n < 1 || n > 256)
        return usage_error("screen", "--threads takes a number from 1 to 256");
    *ret = n;
    return EXIT_OK;
}

static int open_snapshot(const struct args *a, cordon_snapshot **ret) {
    cordon_error e = {0};
    const char *const environment = getenv("CORDON_SNAPSHOT");
    const char *const path = a->option[SNAPSHOT] ? a->option[SNAPSHOT] : environment;
    if (!path || !*path)
        return usage_error("screen", "whose lists? give -s SNAPSHOT, or set CORDON_SNAPSHOT");
    return open_verified(path, ret, &e) ? say_error(path, &e) : EXIT_OK;
}

static int screen_options(const struct args *a, cordon_str *lists, cordon_screen_options *o) {
    cordon_error e = {0};
    cordon_screen_options_init(o);
    o->at = now();
    if (a->option[AT] && cordon_time_parse(cordon_text(a->option[AT]), &o->at, &e)) {
        (void)say_error("--at", &e);
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < a->many_count; i++)
        lists[i] = cordon_text(a->many[i]);
    o->lists = lists;
    o->list_count = a->many_count;
    int status = score_of(a->option[MATCH], "--match", &o->sure);
    status = status ? status : score_of(a->option[REVIEW], "--review", &o->review);
    if (!status && o->review > o->sure)
        return usage_error("screen", "--review is not above --match");
    return status;
}

/* ---- names
 * ---------------------------------------------------------------------------------------------------- */

static void party_of_options(const struct args *a, const char *name, struct party *p) {
    static const struct {
        int option;
        enum field field;
    } each[] = {{ALIAS, FIELD_ALIAS},
                {TYPE, FIELD_TYPE},
                {BIRTH, FIELD_BIRTH},
                {BIRTH_PLACE, FIELD_BIRTH_PLACE},
                {ADDRESS, FIELD_ADDRESS},
                {NATIONALITY, FIELD_NATIONALITY},
                {COUNTRY, FIELD_COUNTRY},
                {GENDER, FIELD_GENDER},
                {IDENTIFIER, FIELD_IDENTIFIER}};
    party_clear(p);
    if (name)
        party_add(p, FIELD_NAME, NULL, cordon_text(name), '\0');
    for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
        if (a->option[each[i].option])
            party_add(p, each[i].field, NULL, cordon_text(a->option[each[i].option]), '|');
    }
    party_finish(p);
}

static int screen_names(const struct args *a, cordon_snapshot *s, const cordon_screen_options *o) {
    cordon_error e = {0};
    cordon_screener *screener = NULL;
    struct party *const p = calloc(1, sizeof(*p));
    cordon_buffer out = {0}, as_of = {0};
    const bool json = a->option[JSON] != NULL;
    const bool told = (json ? as_of_json : as_of_text)(&as_of, s, o) && append(&as_of, "", 1);
    int status = p && told ? EXIT_OK : EXIT_TROUBLE;
    int worst = EXIT_OK;
    if (!status && cordon_screener_new(s, NULL, &screener, &e))
        status = say_error("screen", &e);
    const size_t count = a->word_count ? a->word_count : 1; /* none: an identifier alone */
    for (size_t i = 0; i < count && !status; i++) {
        struct answer_of answer = {
            .all = true, .explain = a->option[EXPLAIN] != NULL, .as_of = json ? as_of.p : NULL};
        const char *const name = a->word_count ? a->words[i] : NULL;
        party_of_options(a, name, p);
        answer.name = name ? p->name : cordon_text(a->option[IDENTIFIER]);
        out.n = 0;
        memset(&e, 0, sizeof(e));
        if (p->too_many)
            status = usage_error("screen", "more values than one party may have");
        else if (cordon_screen(screener, &p->party, o, &answer.result, &e))
            status = say_error(name ? name : "screen", &e);
        else if (!answer_write(&out, json ? OUT_JSON : OUT_TEXT, screener, &answer))
            status = EXIT_TROUBLE;
        else
            (void)fwrite(out.p, 1, out.n, stdout);
        worst = !status && (answer.result.verdict != CORDON_SCREEN_NO || answer.result.partial)
                    ? EXIT_FINDINGS
                    : worst;
    }
    if (!status && !json)
        (void)fwrite(as_of.p, 1, as_of.n - 1, stdout);
    cordon_buffer_free(&out);
    cordon_buffer_free(&as_of);
    if (p)
        party_free(p);
    free(p);
    cordon_screener_free(screener);
    return status ? status : worst;
}

/* ---- a file
 * --------------------------------------------------------------------------------------------------- */

static uint64_t hash_text(uint64_t h, const char *text) {
    for (const char *p = text ? text : "\1"; *p; p++)
        h = (h ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
    return (h ^ 0xff) * UINT64_C(0x100000001b3);
}

/* What the bytes of the output depend on besides snapshot, instant and input. */
static uint64_t hash_options(const struct args *a) {
    static const int which[] = {MATCH, REVIEW, MAP, INPUT, FORMAT, ALL, EXPLAIN};
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < sizeof(which) / sizeof(which[0]); i++)
        h = hash_text(h, a->option[which[i]]);
    for (size_t i = 0; i < a->many_count; i++)
        h = hash_text(h, a->many[i]);
    return h;
}

/* A wrong list or threshold is to be said once, and not of every row. */
static int try_options(cordon_snapshot *s, const cordon_screen_options *o) {
    cordon_error e = {0};
    cordon_screener *screener = NULL;
    cordon_screen_party party;
    cordon_screen_result result;
    const cordon_str name = cordon_text("nobody in particular");
    cordon_screen_party_init(&party);
    party.names = &name;
    party.name_count = 1;
    int status = EXIT_OK;
    if (cordon_screener_new(s, NULL, &screener, &e) || cordon_screen(screener, &party, o, &result, &e))
        status = say_error("screen", &e);
    cordon_screener_free(screener);
    return status;
}

static int screen_file(const struct args *a, cordon_snapshot *s, const cordon_screen_options *o) {
    static const int single[] = {
        TYPE, ALIAS, BIRTH, BIRTH_PLACE, ADDRESS, NATIONALITY, COUNTRY, GENDER, IDENTIFIER};
    struct columns columns = {.count = 0};
    struct screen_job job = {.snapshot = s,
                             .options = *o,
                             .columns = &columns,
                             .input = a->option[FILE_],
                             .input_format = a->option[INPUT],
                             .output = a->option[OUTPUT],
                             .format = OUT_JSON,
                             .resume = a->option[RESUME] != NULL,
                             .all = a->option[ALL] != NULL,
                             .explain = a->option[EXPLAIN] != NULL,
                             .quiet = a->option[QUIET] != NULL,
                             .has_at = a->option[AT] != NULL,
                             .options_hash = hash_options(a)};
    for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++) {
        if (a->option[single[i]])
            return usage_error("screen",
                               "%s is of a name; of a file, --map says which column it is",
                               options[single[i]].name);
    }
    if (a->word_count > 0)
        return usage_error("screen", "names, or --file, not both");
    if (job.resume && !job.output)
        return usage_error("screen", "--resume needs the -o FILE of the interrupted run");
    if (a->option[FORMAT] && strcmp(a->option[FORMAT], "csv") == 0)
        job.format = OUT_CSV;
    else if (a->option[FORMAT] && strcmp(a->option[FORMAT], "jsonl") != 0)
        return usage_error("screen", "--format is jsonl or csv");
    int status = threads_of(a->option[THREADS], &job.threads);
    status = status ? status : try_options(s, o);
    status = status ? status : columns_of_map(a->option[MAP], &columns);
    status = status ? status : screen_job_run(&job);
    columns_free(&columns);
    return status;
}

static int run(const struct args *a) {
    cordon_snapshot *s = NULL;
    cordon_screen_options o;
    cordon_str *const lists = calloc(a->many_count + 1, sizeof(*lists));
    if (!lists)
        return EXIT_TROUBLE;
    int status = a->word_count || a->option[FILE_] || a->option[IDENTIFIER]
                     ? EXIT_OK
                     : usage_error("screen", "whom? give a NAME, or --file FILE");
    status = status ? status : screen_options(a, lists, &o);
    status = status ? status : open_snapshot(a, &s);
    status = status ? status : a->option[FILE_] ? screen_file(a, s, &o) : screen_names(a, s, &o);
    cordon_snapshot_unref(s);
    free(lists);
    return status;
}

const struct command cmd_screen = {
    .name = "screen",
    .usage = "NAME… [options] | --file FILE [options]",
    .brief = "Who on the lists of a snapshot a party may be.",
    .text = "Each NAME is a party of its own; the options tell more about it. Of a file every row is one: "
            "its columns are\n"
            "called name, birth, nationality … or --map says what they are. Results come in the order of the "
            "rows, and are\n"
            "the same bytes whatever the number of threads. With -o, an interrupted run is continued by "
            "--resume.\n"
            "\nExamples:\n"
            "  cordon screen -s rules.snapshot 'Yevgeny Prigozhin' --birth 1961 --nationality RU\n"
            "  cordon screen -s rules.snapshot --identifier imo:9074729\n"
            "  cordon screen -s rules.snapshot -f customers.csv --map name=first+last,birth=dob,id=no -o "
            "hits.jsonl\n"
            "\nExit status: 0 nobody; 1 a sure or possible match; 2 usage; 3 a file or row that cannot be "
            "screened.\n",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .repeat = LIST,
    .least = 0,
    .most = 4096,
    .run = run,
};
