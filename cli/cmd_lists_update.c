/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_lists_update.c: cordon lists update: fetch, judge, activate; the last good list stays whatever comes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd_lists.h"
#include "fetch.h"
#include "lists_config.h"

enum { CONFIG, LISTS, ACCEPT, BY, JSON, QUIET, PRINT };
static const struct option options[] = {
    [CONFIG] = {"--config",
                'c',
                "FILE",
                "what to fetch (default /etc/cordon/lists.conf, else the one installed)"},
    [LISTS] = {"--lists", 0, "DIR", "the store (default $CORDON_LISTS, else that of the configuration)"},
    [ACCEPT] = {"--accept",
                0,
                "DIGEST",
                "take this content although it was refused; with --by, and one list"},
    [BY] = {"--by", 0, "WHO", "who looked at it, and why; kept with the list"},
    [JSON] = {"--json", 0, NULL, "one JSON object for each list"},
    [QUIET] = {"--quiet", 'q', NULL, "no progress"},
    [PRINT] = {"--print-config", 0, NULL, "print the configuration in use, and fetch nothing"},
};

/* One list on its way. */
struct update {
    const struct list_source *source;
    const struct args *args;
    const char *folder;
    cordon_list_store *store;
    char urls[LIST_URLS][FETCH_URL];
    char paths[LIST_URLS][4096];
    struct fetched fetched[LIST_URLS];
    cordon_list_file files[LIST_URLS];
    cordon_list_taken taken;
    char reason[FETCH_TEXT + 128]; /* of a failure */
    bool skipped;
    int64_t at;
};

/* FOLDER/partial/us+sdn.0 */
static int part_path(struct update *u, size_t i) {
    char id[160];
    (void)snprintf(id, sizeof(id), "%s", u->source->id);
    for (char *p = id; *p; p++)
        *p = *p == '/' ? '+' : *p;
    const int n = snprintf(u->paths[i], sizeof(u->paths[i]), "%s/partial/%s.%zu", u->folder, id, i);
    return n > 0 && (size_t)n < sizeof(u->paths[i]) ? 0 : -1;
}

static void drop_parts(const struct update *u) {
    for (size_t i = 0; i < u->source->url_count; i++) {
        char meta[4096 + 8];
        (void)snprintf(meta, sizeof(meta), "%s.meta", u->paths[i]);
        (void)unlink(u->paths[i]);
        (void)unlink(meta);
    }
}

/* What stands behind the last slash, without the question. */
static cordon_str last_name(const char *url) {
    const size_t n = strcspn(url, "?");
    size_t from = n;
    while (from > 0 && url[from - 1] != '/')
        from--;
    return (cordon_str){url + from, n - from};
}

static bool fetch_one(struct update *u, size_t i) {
    const struct list_source *const s = u->source;
    char missing[64];
    char etag[FETCH_TEXT] = "";
    char modified[FETCH_TEXT] = "";
    char step[64];
    cordon_str known_etag = {"", 0};
    cordon_str known_modified = {"", 0};
    if (!lists_expand(s->urls[i], u->urls[i], sizeof(u->urls[i]), missing) || part_path(u, i) != 0) {
        u->skipped = missing[0] != '\0';
        (void)snprintf(u->reason,
                       sizeof(u->reason),
                       "%s%s",
                       missing[0] ? missing : "its address is too long",
                       missing[0] ? " is not in the environment" : "");
        return false;
    }
    const bool stored =
        cordon_list_store_validators(
            u->store, cordon_text(s->id), cordon_text(s->urls[i]), &known_etag, &known_modified) == CORDON_OK;
    if (stored && known_etag.n < sizeof(etag) && known_modified.n < sizeof(modified)) {
        (void)snprintf(etag, sizeof(etag), "%.*s", STR_FMT(known_etag));
        (void)snprintf(modified, sizeof(modified), "%.*s", STR_FMT(known_modified));
    }
    (void)snprintf(step, sizeof(step), "%.40s %zu/%zu", s->id, i + 1, s->url_count);
    const struct fetch f = {.url = u->urls[i],
                            .path = u->paths[i],
                            .etag = etag,
                            .last_modified = modified,
                            .most = s->most,
                            .seconds = s->seconds,
                            .stall = s->stall,
                            .tries = s->tries,
                            .pause = s->pause,
                            .progress = progress,
                            .step = step};
    fetch_file(&f, &u->fetched[i]);
    progress_end();
    const struct fetched *const got = &u->fetched[i];
    if (got->outcome == FETCH_FAILED) {
        (void)snprintf(u->reason, sizeof(u->reason), "%.100s: %.400s", s->urls[i], got->reason);
        return false;
    }
    u->files[i] = (cordon_list_file){.name = last_name(s->urls[i]), .url = cordon_text(s->urls[i])};
    if (got->outcome == FETCH_NOT_MODIFIED) {
        u->files[i].kept = 1;
        return true;
    }
    u->files[i].path = u->paths[i];
    u->files[i].etag = cordon_text(got->etag);
    u->files[i].last_modified = cordon_text(got->last_modified);
    return true;
}

static int take(struct update *u, cordon_error *e) {
    cordon_list_offer offer;
    cordon_list_offer_init(&offer);
    offer.id = cordon_text(u->source->id);
    offer.files = u->files;
    offer.file_count = u->source->url_count;
    offer.part = u->source->part;
    offer.rules = u->source->rules;
    offer.at = u->at;
    if (u->args->option[ACCEPT]) {
        offer.accept = cordon_text(u->args->option[ACCEPT]);
        offer.by = cordon_text(u->args->option[BY]);
    }
    const int err = cordon_list_store_take(u->store, &offer, &u->taken, e);
    if (!err)
        drop_parts(u);
    return err;
}

/* An exit status: 0, 1 refused, 3 could not be fetched or kept. */
static int one_list(struct update *u) {
    cordon_error e = {0};
    bool whole = true;
    for (size_t i = 0; i < u->source->url_count && whole; i++)
        whole = fetch_one(u, i);
    u->at = now();
    if (!whole) {
        u->taken.outcome = CORDON_LIST_FAILED;
        if (u->skipped)
            return EXIT_OK;
        if (cordon_list_store_note(
                u->store, cordon_text(u->source->id), u->at, CORDON_LIST_FAILED, cordon_text(u->reason), &e))
            return say_error(u->source->id, &e);
        return EXIT_INPUT;
    }
    if (take(u, &e)) {
        u->taken.outcome = CORDON_LIST_FAILED;
        (void)snprintf(u->reason, sizeof(u->reason), "%.300s", e.message);
        return say_error(u->source->id, &e);
    }
    return u->taken.outcome == CORDON_LIST_REFUSED ? EXIT_FINDINGS : EXIT_OK;
}

static void resumed_note(const struct update *u) {
    for (size_t i = 0; i < u->source->url_count; i++) {
        if (u->fetched[i].outcome == FETCH_DONE && u->fetched[i].resumed > 0)
            (void)fprintf(stderr,
                          "%s: continued %s after %llu of %llu bytes\n",
                          u->source->id,
                          u->source->urls[i],
                          (unsigned long long)u->fetched[i].resumed,
                          (unsigned long long)u->fetched[i].bytes);
    }
}

static int run_lists(const struct args *a,
                     const struct lists_config *c,
                     const char *folder,
                     cordon_list_store *store) {
    int status = EXIT_OK;
    for (size_t i = 0; i < c->count; i++) {
        bool wanted = a->word_count == 0 && !c->lists[i].off;
        for (size_t w = 0; w < a->word_count; w++)
            wanted = wanted || strcmp(a->words[w], c->lists[i].id) == 0;
        if (!wanted)
            continue;
        struct update *const u = calloc(1, sizeof(*u));
        if (!u)
            return EXIT_TROUBLE;
        u->source = &c->lists[i];
        u->args = a;
        u->folder = folder;
        u->store = store;
        int one = one_list(u);
        one = u->skipped && a->word_count > 0 ? EXIT_INPUT : one;
        resumed_note(u);
        const struct list_news news = {
            .id = u->source->id, .taken = &u->taken, .reason = u->reason, .skipped = u->skipped};
        lists_say_news(&news, store, a->option[JSON] != NULL);
        status = one > status ? one : status;
        cordon_buffer_free(&u->taken.reasons);
        free(u);
    }
    return status;
}

static int check_words(const struct args *a, const struct lists_config *c) {
    for (size_t w = 0; w < a->word_count; w++) {
        if (!lists_config_find(c, a->words[w]))
            return usage_error("lists update", "%s has no list `%s`", c->path, a->words[w]);
    }
    if (a->option[ACCEPT] && (a->word_count != 1 || !a->option[BY]))
        return usage_error("lists update", "--accept needs --by WHO, and one list");
    return EXIT_OK;
}

static int open_and_run(const struct args *a, const struct lists_config *c) {
    cordon_error e = {0};
    cordon_list_store *store = NULL;
    char partial[4096];
    const char *const folder = lists_folder(a->option[LISTS], c);
    if (cordon_list_store_open(folder, CORDON_LIST_STORE_WRITE, NULL, &store, &e))
        return say_error(folder, &e);
    const int n = snprintf(partial, sizeof(partial), "%s/partial", folder);
    if (n <= 0 || (size_t)n >= sizeof(partial) || (mkdir(partial, 0755) != 0 && errno != EEXIST)) {
        (void)fprintf(stderr, "cordon: %s: %s\n", partial, strerror(errno));
        cordon_list_store_close(store);
        return EXIT_INPUT;
    }
    fetch_begin();
    const int status = run_lists(a, c, folder, store);
    fetch_end();
    cordon_list_store_close(store);
    return status;
}

static int run(const struct args *a) {
    struct lists_config *const c = calloc(1, sizeof(*c));
    if (!c)
        return EXIT_TROUBLE;
    if (a->option[QUIET])
        progress_off();
    int status = EXIT_OK;
    if (a->option[PRINT]) {
        cordon_error e = {0};
        status = lists_config_load(a->option[CONFIG], c);
        cordon_buffer text = {0};
        if (!status && read_input(c->path, &text, &e))
            status = say_error(NULL, &e);
        if (!status)
            (void)fwrite(text.p, 1, text.n, stdout);
        cordon_buffer_free(&text);
    } else {
        status = lists_config_load(a->option[CONFIG], c);
        status = status ? status : check_words(a, c);
        status = status ? status : open_and_run(a, c);
    }
    lists_config_free(c);
    free(c);
    return status;
}

const struct command cmd_lists_update = {
    .name = "lists update",
    .usage = "[LIST…] [options]",
    .brief = "Fetch lists, judge whether they are whole, and use them.",
    .text =
        "Without names, every list of the configuration that is not `off`. A file that its server calls "
        "unchanged\n"
        "is not fetched again; an interrupted download is continued. A list that is empty, cut off, shrunk "
        "or\n"
        "otherwise not whole is refused: the last good one stays in use, and the reasons are told.\n"
        "\nExamples:\n"
        "  cordon lists update\n"
        "  cordon lists update us/sdn un/consolidated --json\n"
        "  cordon lists update ch/seco --accept sha256:8c1f… --by 'A. Officer: 400 were de-listed on 7 May'\n"
        "\nExit status: 0 all are current; 1 a list was refused; 2 usage; 3 a list could not be fetched or "
        "kept.\n",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .repeat = -1,
    .least = 0,
    .most = MOST_LISTS,
    .run = run,
};
