/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_explain_match.c: cordon explain-match: two names, or two records, step by step. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cordon/lists.h>

#include "screen.h"

enum { SNAPSHOT, TYPE, MATCH, REVIEW, JSON };
static const struct option options[] = {
    [SNAPSHOT] = {"--snapshot",
                  's',
                  "SNAPSHOT",
                  "words weigh as rare as they are on its lists (default $CORDON_SNAPSHOT)"},
    [TYPE] = {"--type", 0, "TYPE", "what both are: person, company, ship …"},
    [MATCH] = {"--match", 0, "SCORE", "from this score on a match is sure (default 960)"},
    [REVIEW] = {"--review", 0, "SCORE", "from this score on a person has to look (default 920)"},
    [JSON] = {"--json", 0, NULL, "as one JSON object, each step an object of its own (docs/screening.md)"},
};

/* Without a snapshot: the tables that come with Cordon, and words that are all equally rare. */
static int bare_snapshot(cordon_snapshot **ret) {
    static const char list[] = "id,type,name\n1,other,\"-, nobody\"\n";
    static const char rules[] = "list nobody/at-all \"Nobody\"\n";
    char folder[] = "/tmp/cordon-explain-XXXXXX";
    char path[64];
    cordon_error e = {0};
    cordon_rulebook *rb = NULL;
    cordon_compile_options o;
    cordon_compile_options_init(&o);
    if (!mkdtemp(folder))
        return EXIT_INPUT;
    (void)snprintf(path, sizeof(path), "%s/list.csv", folder);
    const char *paths[] = {path};
    const cordon_compile_list one = {
        .id = cordon_text("nobody/at-all"), .paths = paths, .path_count = 1, .retrieved = CORDON_NEVER};
    const cordon_rulebook_text text = {cordon_text("nobody.measure"), cordon_text(rules)};
    o.lists = &one;
    o.list_count = 1;
    o.flags = CORDON_BUILD_NO_GEODATA | CORDON_BUILD_NO_SOURCE | CORDON_BUILD_ANY_LISTS;
    char snapshot[64];
    (void)snprintf(snapshot, sizeof(snapshot), "%s/snapshot", folder);
    int err = write_output(path, cordon_text(list), &e);
    err = err ? err : cordon_rulebook_load_texts(&text, 1, &o, &rb, &e);
    err = err ? err : cordon_rulebook_build(rb, snapshot, &o, NULL, &e);
    err = err ? err : cordon_snapshot_open(snapshot, NULL, ret, &e);
    cordon_rulebook_free(rb);
    (void)unlink(snapshot);
    (void)unlink(path);
    (void)rmdir(folder);
    return err ? say_error("explain-match", &e) : EXIT_OK;
}

static int score_of(const char *text, const char *name, uint32_t *ret) {
    char *end = NULL;
    const unsigned long n = text ? strtoul(text, &end, 10) : 0;
    if (text && (*text < '0' || *text > '9' || *end || n > 1000))
        return usage_error("explain-match", "%s takes a number from 0 to 1000", name);
    if (text)
        *ret = (uint32_t)n;
    return EXIT_OK;
}

/* A name, or a record that begins with a brace. */
static int party_of_word(const struct args *a, const char *word, struct party *p, cordon_buffer *storage) {
    if (word[strspn(word, " \t\n")] == '{') {
        const char *const why = party_of_json(p, cordon_text(word), storage);
        if (why)
            return usage_error("explain-match", "%s: %s", word, why);
    } else {
        party_clear(p);
        party_add(p, FIELD_NAME, NULL, cordon_text(word), '\0');
    }
    if (a->option[TYPE] && p->counts[FIELD_TYPE] == 0)
        party_add(p, FIELD_TYPE, NULL, cordon_text(a->option[TYPE]), '\0');
    party_finish(p);
    return p->too_many ? usage_error("explain-match", "more values than one party may have") : EXIT_OK;
}

static bool append_number(cordon_buffer *out, const char *name, long value) {
    char text[96];
    (void)snprintf(text, sizeof(text), "\"%s\":%ld", name, value);
    return append_z(out, text);
}

static bool append_pair(cordon_buffer *out, const char *name, const cordon_step *s) {
    bool good = append_z(out, "\"") && append_z(out, name) && append_z(out, "\":{");
    if (good && s->a.n > 0)
        good = append_z(out, "\"a\":") && put_json(out, s->a) && (s->b.n == 0 || append_z(out, ","));
    if (good && s->b.n > 0)
        good = append_z(out, "\"b\":") && put_json(out, s->b);
    return good && append_z(out, "},");
}

/* Members in the order of their names, those that do not apply left out. */
static bool append_step(cordon_buffer *out, const cordon_step *s) {
    static const char *const kinds[] = {
        "", "words", "first-only", "second-only", "evidence", "note", "result"};
    const bool words = s->kind == CORDON_STEP_WORDS;
    const bool either = s->kind == CORDON_STEP_FIRST || s->kind == CORDON_STEP_SECOND;
    const bool evidence = s->kind == CORDON_STEP_EVIDENCE;
    bool good = append_z(out, "{");
    if (words)
        good = good && append_number(out, "alike", (long)s->alike) && append_z(out, ",");
    if (s->decides)
        good = good && append_z(out, "\"decides\":true,");
    if (words)
        good = good && append_z(out, "\"how\":") && put_json(out, cordon_text(s->how)) && append_z(out, ",");
    if ((words || evidence || s->kind == CORDON_STEP_RESULT) && !s->decides)
        good = good && append_number(out, "points", (long)s->points) && append_z(out, ",");
    good = good && append_z(out, "\"step\":") && put_json(out, cordon_text(kinds[s->kind])) &&
           append_z(out, ",");
    if (words || either)
        good = good && append_pair(out, "tokens", s);
    if (evidence)
        good = good && append_pair(out, "values", s);
    if (words || either)
        good = good && append_number(out, "weight", (long)s->weight) && append_z(out, ",");
    if (s->what[0] != '\0')
        good =
            good && append_z(out, "\"what\":") && put_json(out, cordon_text(s->what)) && append_z(out, ",");
    return good && append_z(out, "\"why\":") && put_json(out, s->why) && append_z(out, "}");
}

static bool append_steps(cordon_buffer *out, const cordon_screener *screener) {
    cordon_step step;
    bool good = append_z(out, ",\"steps\":[");
    for (uint32_t i = 0; good && cordon_screen_compare_step(screener, i, &step) == CORDON_OK; i++)
        good = (i == 0 || append_z(out, ",")) && append_step(out, &step);
    return good && append_z(out, "]");
}

static void say(const cordon_screener *screener, const cordon_comparison *c, bool json) {
    cordon_buffer out = {0};
    if (!json) {
        (void)printf(
            "%.*s%s", STR_FMT(c->text), c->text.n > 0 && c->text.p[c->text.n - 1] == '\n' ? "" : "\n");
        return;
    }
    bool good = append_z(&out, "{\"a\":") && put_json(&out, c->a) && append_z(&out, ",\"b\":") &&
                put_json(&out, c->b);
    if (c->by_identifier)
        good = good && append_z(&out, ",\"by_identifier\":true");
    good = good && append_z(&out, ",") && append_number(&out, "name_score", (long)c->name_score) &&
           append_z(&out, ",") && append_number(&out, "score", (long)c->score) &&
           append_steps(&out, screener) && append_z(&out, ",\"strength\":") &&
           put_json(&out, cordon_text(c->strength)) && append_z(&out, ",\"verdict\":") &&
           put_json(&out, cordon_text(screen_verdict_name(c->verdict))) && append_z(&out, "}\n");
    if (good)
        (void)fwrite(out.p, 1, out.n, stdout);
    cordon_buffer_free(&out);
}

static int compare(const struct args *a, cordon_snapshot *s, const cordon_screen_options *o) {
    cordon_error e = {0};
    cordon_screener *screener = NULL;
    cordon_comparison c;
    cordon_buffer storage[2] = {{0}, {0}};
    struct party *const p = calloc(2, sizeof(*p));
    if (!p)
        return EXIT_TROUBLE;
    int status = party_of_word(a, a->words[0], &p[0], &storage[0]);
    status = status ? status : party_of_word(a, a->words[1], &p[1], &storage[1]);
    if (!status && cordon_screener_new(s, NULL, &screener, &e))
        status = say_error("explain-match", &e);
    if (!status && cordon_screen_compare(screener, &p[0].party, &p[1].party, o, &c, &e))
        status = say_error("explain-match", &e);
    if (!status) {
        say(screener, &c, a->option[JSON] != NULL);
        status = c.verdict == CORDON_SCREEN_NO ? EXIT_OK : EXIT_FINDINGS;
    }
    cordon_screener_free(screener);
    for (int i = 0; i < 2; i++) {
        party_free(&p[i]);
        cordon_buffer_free(&storage[i]);
    }
    free(p);
    return status;
}

static int run(const struct args *a) {
    cordon_error e = {0};
    cordon_snapshot *s = NULL;
    cordon_screen_options o;
    cordon_screen_options_init(&o);
    o.at = now();
    int status = score_of(a->option[MATCH], "--match", &o.sure);
    status = status ? status : score_of(a->option[REVIEW], "--review", &o.review);
    const char *const environment = getenv("CORDON_SNAPSHOT");
    const char *const path = a->option[SNAPSHOT] ? a->option[SNAPSHOT] : environment;
    if (!status && path && *path)
        status = open_verified(path, &s, &e) ? say_error(path, &e) : EXIT_OK;
    else if (!status)
        status = bare_snapshot(&s);
    status = status ? status : compare(a, s, &o);
    cordon_snapshot_unref(s);
    return status;
}

const struct command cmd_explain_match = {
    .name = "explain-match",
    .usage = "A B [options]",
    .brief = "Compare two names, or two records, step by step.",
    .text = "A and B are names, or JSON objects with the fields of `cordon screen --map`: name, alias, type, "
            "birth,\n"
            "birth_place, address, nationality, country, gender, identifier. Each step tells which words "
            "were held\n"
            "against each other, how alike they are and what they weigh, and what is left over; then other\n"
            "evidence, and what it comes to.\n"
            "\nExamples:\n"
            "  cordon explain-match 'Yevgeny Prigozhin' 'Евгений Викторович ПРИГОЖИН'\n"
            "  cordon explain-match -s rules.snapshot '{\"name\":\"A. Ivanov\",\"birth\":\"1961\"}' "
            "'{\"name\":\"Alexei Ivanov\"}'\n"
            "\nExit status: 0 no match; 1 a sure or possible match; 2 usage; 3 they cannot be compared.\n",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .repeat = -1,
    .least = 2,
    .most = 2,
    .run = run,
};
