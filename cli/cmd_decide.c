/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_decide.c: cordon decide: one request, or JSON Lines in blocks that threads share.
 *
 * Threads take lines of a block one after the other and put each answer where its line stood; the block is
 * printed when all of it is done, so that the output is the same for any number of threads. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { BLOCK = 4096, MOST_THREADS = 256 };
enum { AT, JSONL, ENVELOPE, THREADS };
static const struct option options[] = {
    [AT] = {"--at", 0, "INSTANT", "decide for it, whatever the request asks for"},
    [JSONL] = {"--jsonl", 0, NULL, "one request a line, one answer a line"},
    [ENVELOPE] = {"--envelope", 0, NULL, "add when it was decided (then runs differ)"},
    [THREADS] = {"--threads", 0, "N", "with --jsonl: so many at once (default 1)"},
};

struct settings {
    cordon_snapshot *snapshot;
    bool has_at, envelope;
    int64_t at;
};

struct answer {
    cordon_buffer json;
    cordon_verdict verdict;
    int err;
};

/* What one thread needs to decide. */
struct worker {
    const struct settings *settings;
    cordon_decider *decider;
    cordon_request *request;
    struct block *block;
    pthread_t thread;
    bool running;
};

struct block {
    cordon_str lines[BLOCK];
    struct answer answers[BLOCK];
    size_t count;
    atomic_size_t next;
};

static int worker_open(struct worker *w, const struct settings *s, cordon_error *e) {
    w->settings = s;
    int err = cordon_decider_new(s->snapshot, NULL, &w->decider, e);
    if (!err)
        err = cordon_request_new(NULL, &w->request, e);
    return err;
}

static void worker_close(struct worker *w) {
    cordon_request_free(w->request);
    cordon_decider_free(w->decider);
}

static void decide_one(struct worker *w, cordon_str text, struct answer *to, cordon_error *e) {
    const cordon_decision *decision = NULL;
    char envelope[80] = "";
    int64_t at = now();
    to->json.n = 0;
    to->verdict = CORDON_VERDICT_NONE;
    to->err = cordon_request_read_json(w->request, text, e);
    if (to->err)
        return;
    if (w->settings->envelope) {
        char text_now[CORDON_TIME_TEXT];
        (void)cordon_time_format(at, text_now);
        (void)snprintf(envelope, sizeof(envelope), "{\"decided_at\":\"%s\"}", text_now);
    }
    int64_t asked = 0;
    if (w->settings->has_at)
        at = w->settings->at;
    else if (cordon_request_at(w->request, &asked) == CORDON_OK)
        at = asked;
    to->err = cordon_decide(w->decider, w->request, at, &decision, e);
    if (to->err)
        return;
    to->err = cordon_decision_to_json(decision, cordon_text(envelope), &to->json, e);
    to->verdict = to->err ? CORDON_VERDICT_NONE : cordon_decision_verdict(decision);
}

/* ---- JSON Lines
 * --------------------------------------------------------------------------------------------------- */

/* The problem stands where the answer would, so that line n answers line n. */
static void write_problem(const cordon_error *e, cordon_buffer *to) {
    static const char head[] = "{\"error\":";
    const size_t n = sizeof(head) - 1;
    cordon_buffer wrapped = {0};
    to->n = 0;
    if (cordon_error_to_json(e, to) != CORDON_OK || !(wrapped.p = malloc(to->n + n + 1)))
        return;
    wrapped.n = wrapped.cap = to->n + n + 1;
    memcpy(wrapped.p, head, n);
    memcpy(wrapped.p + n, to->p, to->n);
    wrapped.p[wrapped.n - 1] = '}';
    cordon_buffer_free(to);
    *to = wrapped;
}

static void *work(void *arg) {
    struct worker *w = arg;
    for (;;) {
        const size_t i = atomic_fetch_add(&w->block->next, 1);
        if (i >= w->block->count)
            return NULL;
        cordon_error e = {0};
        struct answer *to = &w->block->answers[i];
        if (w->block->lines[i].n == 0) { /* nothing asked: an empty line answers it */
            to->json.n = 0;
            to->err = CORDON_OK;
            continue;
        }
        decide_one(w, w->block->lines[i], to, &e);
        if (to->err) {
            e.code = to->err;
            write_problem(&e, &to->json);
        }
    }
}

static void run_block(struct block *b, struct worker *workers, size_t count) {
    atomic_store(&b->next, 0);
    for (size_t i = 0; i < count; i++) {
        workers[i].block = b;
        workers[i].running =
            i + 1 < count && pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
    }
    (void)work(
        &workers[count - 1]); /* this thread takes part, and does everything if none could be started */
    for (size_t i = 0; i < count; i++) {
        if (workers[i].running)
            (void)pthread_join(workers[i].thread, NULL);
    }
}

/* Splits off the next lines. Empty ones stay, so that line n of the output answers line n of the input. */
static void next_block(struct block *b, cordon_str *rest) {
    b->count = 0;
    while (rest->n > 0 && b->count < BLOCK) {
        const char *end = memchr(rest->p, '\n', rest->n);
        const size_t n = end ? (size_t)(end - rest->p) : rest->n;
        cordon_str line = {rest->p, n};
        const size_t used = end ? n + 1 : n;
        rest->p += used;
        rest->n -= used;
        while (line.n > 0 && (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == ' '))
            line.n--;
        b->lines[b->count++] = line;
    }
}

static int decide_lines(const struct settings *s, cordon_str text, size_t threads) {
    struct block *b = calloc(1, sizeof(*b));
    struct worker *workers = calloc(threads, sizeof(*workers));
    cordon_error e = {0};
    int status = b && workers ? EXIT_OK : EXIT_TROUBLE;
    size_t bad = 0;
    for (size_t i = 0; !status && i < threads; i++) {
        if (worker_open(&workers[i], s, &e))
            status = say_error("decide", &e);
    }
    while (!status && text.n > 0) {
        next_block(b, &text);
        run_block(b, workers, threads);
        for (size_t i = 0; i < b->count; i++) {
            (void)fwrite(b->answers[i].json.p ? b->answers[i].json.p : "", 1, b->answers[i].json.n, stdout);
            (void)putchar('\n');
            bad += b->answers[i].err != 0;
        }
    }
    if (bad > 0)
        (void)fprintf(stderr,
                      "cordon decide: %zu request%s could not be decided; their lines say why\n",
                      bad,
                      bad == 1 ? "" : "s");
    for (size_t i = 0; b && i < BLOCK; i++)
        cordon_buffer_free(&b->answers[i].json);
    for (size_t i = 0; workers && i < threads; i++)
        worker_close(&workers[i]);
    free(b);
    free(workers);
    return status ? status : bad ? EXIT_INPUT : EXIT_OK;
}

/* ---- one request
 * ---------------------------------------------------------------------------------------------------- */

static int decide_single(const struct settings *s, const char *name, cordon_str text) {
    struct worker w = {0};
    struct answer answer = {0};
    cordon_error e = {0};
    int status = EXIT_OK;
    if (worker_open(&w, s, &e)) {
        status = say_error("decide", &e);
    } else {
        decide_one(&w, text, &answer, &e);
        if (answer.err) {
            status = say_error(name, &e);
        } else {
            (void)fwrite(answer.json.p, 1, answer.json.n, stdout);
            (void)putchar('\n');
            status = exit_of_verdict(answer.verdict);
        }
    }
    cordon_buffer_free(&answer.json);
    worker_close(&w);
    return status;
}

static int threads_of(const char *text, size_t *ret) {
    char *end = NULL;
    const unsigned long n = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || n < 1 || n > MOST_THREADS)
        return usage_error("decide", "--threads takes a number from 1 to %d", MOST_THREADS);
    *ret = n;
    return EXIT_OK;
}

static int run(const struct args *a) {
    struct settings s = {.has_at = a->option[AT] != NULL, .envelope = a->option[ENVELOPE] != NULL};
    const char *input = a->word_count > 1 ? a->words[1] : "-";
    cordon_error e = {0};
    cordon_buffer text = {0};
    size_t threads = 1;
    int status = a->option[THREADS] ? threads_of(a->option[THREADS], &threads) : EXIT_OK;
    if (status)
        return status;
    if (s.has_at && cordon_time_parse(cordon_text(a->option[AT]), &s.at, &e)) {
        (void)say_error("--at", &e);
        return EXIT_USAGE;
    }
    if (open_verified(a->words[0], &s.snapshot, &e))
        return say_error(a->words[0], &e);
    if (read_input(input, &text, &e))
        status = say_error(NULL, &e);
    else if (a->option[JSONL])
        status = decide_lines(&s, (cordon_str){text.p, text.n}, threads);
    else
        status = decide_single(&s, input, (cordon_str){text.p, text.n});
    cordon_buffer_free(&text);
    cordon_snapshot_unref(s.snapshot);
    return status;
}

const struct command cmd_decide = {
    .name = "decide",
    .usage = "SNAPSHOT [REQUEST.json] [options]",
    .brief = "Decide a request (or JSON Lines of them): the decision as canonical JSON.",
    .text =
        "Without a file, or with `-`, standard input is read. The instant is that of --at, else the "
        "request's `at`,\n"
        "else now. An error of a line is answered in its place as {\"error\":…}.\n"
        "\nExamples:\n"
        "  cordon decide rules.snapshot request.json\n"
        "  cordon decide rules.snapshot --jsonl --threads 4 < requests.jsonl > decisions.jsonl\n"
        "  cordon decide rules.snapshot request.json --at 2022-03-06T07:00:00Z\n"
        "\nExit status, one request: 0 allow, 10 limit, 11 hold, 12 deny, 13 freeze; 2 usage, 3 bad input,\n"
        "70 no decision. With --jsonl: 0 all were decided, 3 some could not be.\n",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .repeat = -1,
    .least = 1,
    .most = 2,
    .run = run,
};
