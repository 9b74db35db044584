/* SPDX-License-Identifier: Apache-2.0 */
/* screen_job.c: a whole file: blocks of rows go round a ring; threads screen them, one thread reads and
 * writes, in order.
 *
 * With an output file the work can be interrupted at any moment: FILE.part holds what is done and
 * FILE.checkpoint says how far it is. It is written after FILE.part was synced, so what it says is there is
 * there; what is beyond is cut off by the run that resumes. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "screen.h"

#define BLOCK_ROWS 64
#define CHECKPOINT_MS 1000

enum state { FREE, READ, BUSY, DONE };

struct counts {
    uint64_t rows, sure, possible, bad, partial;
};
struct block {
    struct row rows[BLOCK_ROWS];
    size_t count;
    cordon_buffer text, out;
    struct counts counts;
    struct position end;
    enum state state;
    bool failed; /* no memory */
};
struct work {
    struct screen_job *job;
    struct reader *reader;
    struct block *ring;
    size_t size;                   /* of the ring */
    uint64_t read, taken, written; /* blocks */
    bool closed;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* the output */
    char part[4096], checkpoint[4096 + 8];
    FILE *out;
    uint64_t length;
    struct counts counts;
    int64_t begun, shown, saved; /* milliseconds */
    uint64_t resumed_rows, resumed_bytes;
    char digest[CORDON_DIGEST_TEXT];
};

static int64_t milliseconds(void) {
    struct timespec t;
    return clock_gettime(CLOCK_MONOTONIC, &t) == 0 ? (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 : 0;
}

/* ---- the threads
 * ---------------------------------------------------------------------------------------------- */

static bool screen_row(
    struct work *w, cordon_screener *s, struct party *p, struct block *b, struct row *row) {
    cordon_error e = {0};
    struct answer_of a = {
        .row = row->number, .explain = w->job->explain, .all = w->job->all, .snapshot = w->digest};
    b->counts.rows++;
    party_of_row(p, w->job->columns, row, b->text.p ? b->text.p : "");
    party_finish(p);
    a.id = p->id;
    a.name = p->name;
    if (row->error[0])
        a.error = row->error;
    else if (p->too_many)
        a.error = "more values than one party may have";
    else if (p->party.name_count == 0 && p->party.identifier_count == 0)
        a.error = "neither a name nor an identifier";
    else if (cordon_screen(s, &p->party, &w->job->options, &a.result, &e))
        a.error = e.message[0] ? e.message : cordon_strerror(e.code);
    b->counts.bad += a.error != NULL;
    b->counts.sure += !a.error && a.result.verdict == CORDON_SCREEN_SURE;
    b->counts.possible += !a.error && a.result.verdict == CORDON_SCREEN_POSSIBLE;
    b->counts.partial += !a.error && a.result.partial;
    return answer_write(&b->out, w->job->format, s, &a);
}

static void screen_block(struct work *w, cordon_screener *s, struct party *p, struct block *b) {
    b->out.n = 0;
    memset(&b->counts, 0, sizeof(b->counts));
    for (size_t i = 0; i < b->count && !b->failed; i++)
        b->failed = !screen_row(w, s, p, b, &b->rows[i]);
}

struct worker {
    struct work *w;
    cordon_screener *screener;
    struct party *party;
    pthread_t thread;
    bool running;
};

static void *work(void *arg) {
    struct worker *const me = arg;
    struct work *const w = me->w;
    (void)pthread_mutex_lock(&w->lock);
    for (;;) {
        while (w->taken == w->read && !w->closed)
            (void)pthread_cond_wait(&w->changed, &w->lock);
        if (w->taken == w->read)
            break;
        struct block *const b = &w->ring[w->taken++ % w->size];
        b->state = BUSY;
        (void)pthread_mutex_unlock(&w->lock);
        screen_block(w, me->screener, me->party, b);
        (void)pthread_mutex_lock(&w->lock);
        b->state = DONE;
        (void)pthread_cond_broadcast(&w->changed);
    }
    (void)pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* ---- progress
 * ------------------------------------------------------------------------------------------------- */

static void show(struct work *w, bool last) {
    const bool terminal = isatty(STDERR_FILENO) != 0;
    const int64_t t = milliseconds();
    if (w->job->quiet || (!last && t - w->shown < (terminal ? 100 : 5000)) ||
        (last && !terminal && t - w->begun < 1000))
        return;
    w->shown = t;
    const uint64_t spent = (uint64_t)(t - w->begun) + 1;
    const uint64_t done = w->counts.rows - w->resumed_rows;
    const uint64_t bytes = reader_position(w->reader).offset;
    const uint64_t size = reader_size(w->reader);
    const uint64_t rate = done * 1000 / spent;
    if (terminal) {
        enum { WIDTH = 30 };
        char cells[WIDTH + 1];
        const uint64_t filled = size ? bytes * WIDTH / size : 0;
        for (uint64_t i = 0; i < WIDTH; i++)
            cells[i] = i < filled ? '#' : '.';
        cells[WIDTH] = '\0';
        (void)fprintf(stderr, "\r\033[K[%s] ", size ? cells : "streaming");
    }
    (void)fprintf(stderr,
                  "%llu rows, %llu sure, %llu possible, %llu/s",
                  (unsigned long long)w->counts.rows,
                  (unsigned long long)w->counts.sure,
                  (unsigned long long)w->counts.possible,
                  (unsigned long long)rate);
    if (!last && size > bytes && bytes > w->resumed_bytes)
        (void)fprintf(stderr,
                      ", %llu s left",
                      (unsigned long long)((size - bytes) * (spent / 1000 + 1) / (bytes - w->resumed_bytes)));
    (void)fputs(last || !terminal ? "\n" : "", stderr);
    (void)fflush(stderr);
}

/* ---- checkpoints
 * ---------------------------------------------------------------------------------------------- */

static int io_error(const char *path) {
    (void)fprintf(stderr, "cordon screen: %s: %s\n", path, strerror(errno));
    return EXIT_INPUT;
}

static int save(struct work *w, const struct position *at) {
    char fresh[4096 + 16];
    if (!w->job->output)
        return EXIT_OK;
    if (fflush(w->out) != 0 || fdatasync(fileno(w->out)) != 0)
        return io_error(w->part);
    (void)snprintf(fresh, sizeof(fresh), "%s.new", w->checkpoint);
    FILE *const f = fopen(fresh, "we");
    if (!f)
        return io_error(fresh);
    (void)fprintf(
        f,
        "cordon-screen 1\n%s\n%016llx %llu\n%llu %016llx %llu\n%llu\n%llu %llu %llu %llu %llu\nend\n",
        w->digest,
        (unsigned long long)w->job->options_hash,
        (unsigned long long)w->job->options.at,
        (unsigned long long)at->offset,
        (unsigned long long)at->hash,
        (unsigned long long)at->number,
        (unsigned long long)w->length,
        (unsigned long long)w->counts.rows,
        (unsigned long long)w->counts.sure,
        (unsigned long long)w->counts.possible,
        (unsigned long long)w->counts.bad,
        (unsigned long long)w->counts.partial);
    const bool good = fflush(f) == 0 && fsync(fileno(f)) == 0;
    if (fclose(f) != 0 || !good || rename(fresh, w->checkpoint) != 0)
        return io_error(w->checkpoint);
    w->saved = milliseconds();
    return EXIT_OK;
}

static int not_the_same(const struct work *w, const char *what) {
    (void)fprintf(
        stderr,
        "cordon screen: %s is of another %s\n  run it as it was, or without --resume to begin anew\n",
        w->checkpoint,
        what);
    return EXIT_INPUT;
}

struct saved {
    char digest[CORDON_DIGEST_TEXT];
    uint64_t options, at, offset, hash, number, length, counts[5];
    bool there;
};

/* The next word of a text without line ends in it; "" at its end. */
static const char *next_word(char **at) {
    char *const word = *at + strspn(*at, " \n");
    char *const end = word + strcspn(word, " \n");
    *at = *end ? end + 1 : end;
    *end = '\0';
    return word;
}

static bool next_number(char **at, uint64_t base, uint64_t *ret) {
    const char *const word = next_word(at);
    uint64_t v = 0;
    for (const char *p = word; *p; p++) {
        const uint64_t d = *p >= '0' && *p <= '9'   ? (uint64_t)(*p - '0')
                           : *p >= 'a' && *p <= 'f' ? (uint64_t)(*p - 'a') + 10
                                                    : base;
        if (d >= base || v > (UINT64_MAX - d) / base)
            return false;
        v = v * base + d;
    }
    *ret = v;
    return *word != '\0';
}

static bool parse_saved(char *text, struct saved *s) {
    char *at = text;
    bool good = strcmp(next_word(&at), "cordon-screen") == 0 && strcmp(next_word(&at), "1") == 0;
    const char *const digest = next_word(&at);
    good = good && strlen(digest) < sizeof(s->digest);
    if (good)
        memcpy(s->digest, digest, strlen(digest) + 1);
    good = good && next_number(&at, 16, &s->options) && next_number(&at, 10, &s->at) &&
           next_number(&at, 10, &s->offset) && next_number(&at, 16, &s->hash) &&
           next_number(&at, 10, &s->number) && next_number(&at, 10, &s->length);
    for (size_t i = 0; i < 5; i++)
        good = good && next_number(&at, 10, &s->counts[i]);
    return good && strcmp(next_word(&at), "end") == 0;
}

static int recall(const struct work *w, struct saved *ret) {
    char text[1024];
    FILE *const f = fopen(w->checkpoint, "re");
    if (!f && errno == ENOENT)
        return EXIT_OK;
    if (!f)
        return io_error(w->checkpoint);
    const size_t n = fread(text, 1, sizeof(text) - 1, f);
    (void)fclose(f);
    text[n] = '\0';
    if (!parse_saved(text, ret))
        return not_the_same(w, "form, or damaged");
    ret->there = true;
    return EXIT_OK;
}

static int resume(struct work *w) {
    struct saved s = {.there = false};
    struct stat st;
    const int status = recall(w, &s);
    if (status || !s.there)
        return status;
    if (strcmp(s.digest, w->digest) != 0)
        return not_the_same(w, "snapshot");
    if (s.options != w->job->options_hash || (w->job->has_at && (int64_t)s.at != w->job->options.at))
        return not_the_same(w, "command");
    const struct position to = {s.offset, s.hash, s.number};
    if (!reader_skip(w->reader, &to))
        return not_the_same(w, "input: the file changed");
    if (stat(w->part, &st) != 0 || (uint64_t)st.st_size < s.length || truncate(w->part, (off_t)s.length) != 0)
        return not_the_same(w, "output: the part that was written is not there");
    w->job->options.at = (int64_t)s.at;
    w->length = s.length;
    w->counts = (struct counts){s.counts[0], s.counts[1], s.counts[2], s.counts[3], s.counts[4]};
    w->resumed_rows = w->counts.rows;
    w->resumed_bytes = s.offset;
    if (!w->job->quiet)
        (void)fprintf(stderr, "continued after %llu rows\n", (unsigned long long)s.counts[0]);
    return EXIT_OK;
}

/* ---- the output
 * ------------------------------------------------------------------------------------------------- */

static int open_output(struct work *w) {
    struct stat st;
    cordon_snapshot_digest(w->job->snapshot, w->digest);
    w->out = stdout;
    if (w->job->output) {
        const int n = snprintf(w->part, sizeof(w->part), "%s.part", w->job->output);
        if (n <= 0 || (size_t)n >= sizeof(w->part))
            return usage_error("screen", "the name of the output is too long");
        (void)snprintf(w->checkpoint, sizeof(w->checkpoint), "%s.checkpoint", w->job->output);
        if (stat(w->job->output, &st) == 0 && !S_ISREG(st.st_mode))
            return usage_error("screen", "%s is not a file", w->job->output);
        if (w->job->resume) {
            const int status = resume(w);
            if (status)
                return status;
        }
        w->out = fopen(w->part, w->length > 0 ? "abe" : "wbe");
        if (!w->out)
            return io_error(w->part);
    }
    if (w->job->format == OUT_CSV && w->length == 0) {
        (void)fputs(answer_csv_head, w->out);
        w->length += strlen(answer_csv_head);
    }
    return EXIT_OK;
}

static int close_output(struct work *w, int status) {
    if (!w->job->output || !w->out)
        return status;
    const bool written = fflush(w->out) == 0 && fsync(fileno(w->out)) == 0;
    if ((fclose(w->out) != 0 || !written) && status == EXIT_OK)
        status = io_error(w->part);
    if (status == EXIT_OK && rename(w->part, w->job->output) != 0)
        status = io_error(w->job->output);
    if (status == EXIT_OK)
        (void)unlink(w->checkpoint);
    return status;
}

static int write_block(struct work *w, struct block *b) {
    if (b->failed)
        return EXIT_TROUBLE;
    if (b->out.n > 0 && fwrite(b->out.p, 1, b->out.n, w->out) != b->out.n)
        return io_error(w->job->output ? w->part : "standard output");
    w->length += b->out.n;
    w->counts.rows += b->counts.rows;
    w->counts.sure += b->counts.sure;
    w->counts.possible += b->counts.possible;
    w->counts.bad += b->counts.bad;
    w->counts.partial += b->counts.partial;
    show(w, false);
    if (w->saved == 0 || milliseconds() - w->saved >= CHECKPOINT_MS)
        return save(w, &b->end);
    return EXIT_OK;
}

/* ---- the loop
 * --------------------------------------------------------------------------------------------------- */

/* 1: a block was read; 0: the file is at its end; -1: an error was said. */
static int read_block(struct work *w, struct block *b) {
    cordon_error e = {0};
    int got = 1;
    b->text.n = 0;
    b->count = 0;
    b->failed = false;
    while (b->count < BLOCK_ROWS && b->text.n < ROW_BYTES &&
           (got = reader_next(w->reader, &b->rows[b->count], &b->text, &e)) > 0)
        b->count++;
    b->end = reader_position(w->reader);
    if (got < 0)
        return (void)say_error("screen", &e), -1;
    return b->count > 0;
}

static int drive(struct work *w) {
    int status = EXIT_OK;
    bool more = true;
    (void)pthread_mutex_lock(&w->lock);
    while (!status && (more || w->written < w->read)) {
        struct block *const next = &w->ring[w->written % w->size];
        if (w->written < w->read && next->state == DONE) {
            (void)pthread_mutex_unlock(&w->lock);
            status = write_block(w, next);
            (void)pthread_mutex_lock(&w->lock);
            next->state = FREE;
            w->written++;
        } else if (more && w->read - w->written < w->size) {
            struct block *const b = &w->ring[w->read % w->size];
            (void)pthread_mutex_unlock(&w->lock);
            const int got = read_block(w, b);
            (void)pthread_mutex_lock(&w->lock);
            more = got > 0;
            status = got < 0 ? EXIT_INPUT : status;
            if (got > 0) {
                b->state = READ;
                w->read++;
                (void)pthread_cond_broadcast(&w->changed);
            }
        } else {
            (void)pthread_cond_wait(&w->changed, &w->lock);
        }
    }
    w->closed = true;
    w->taken = status ? w->read : w->taken; /* nothing further is begun after an error */
    (void)pthread_cond_broadcast(&w->changed);
    (void)pthread_mutex_unlock(&w->lock);
    return status;
}

static int start(struct work *w, struct worker *workers, size_t count) {
    cordon_error e = {0};
    for (size_t i = 0; i < count; i++) {
        workers[i].w = w;
        workers[i].party = calloc(1, sizeof(*workers[i].party));
        if (!workers[i].party)
            return EXIT_TROUBLE;
        if (cordon_screener_new(w->job->snapshot, NULL, &workers[i].screener, &e))
            return say_error("screen", &e);
    }
    for (size_t i = 0; i < count; i++) {
        workers[i].running = pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
        if (!workers[0].running)
            return EXIT_TROUBLE;
    }
    return EXIT_OK;
}

static int run_workers(struct work *w) {
    const size_t count = w->job->threads;
    struct worker *const workers = calloc(count, sizeof(*workers));
    w->size = count * 4 + 2;
    w->ring = calloc(w->size, sizeof(*w->ring));
    int status = workers && w->ring ? EXIT_OK : EXIT_TROUBLE;
    status = status ? status : start(w, workers, count);
    status = status ? status : drive(w);
    (void)pthread_mutex_lock(&w->lock);
    w->closed = true;
    (void)pthread_cond_broadcast(&w->changed);
    (void)pthread_mutex_unlock(&w->lock);
    for (size_t i = 0; workers && i < count; i++) {
        if (workers[i].running)
            (void)pthread_join(workers[i].thread, NULL);
        cordon_screener_free(workers[i].screener);
        if (workers[i].party)
            party_free(workers[i].party);
        free(workers[i].party);
    }
    for (size_t i = 0; w->ring && i < w->size; i++) {
        cordon_buffer_free(&w->ring[i].text);
        cordon_buffer_free(&w->ring[i].out);
    }
    free(w->ring);
    free(workers);
    return status;
}

int screen_job_run(struct screen_job *job) {
    struct work *const w = calloc(1, sizeof(*w));
    if (!w)
        return EXIT_TROUBLE;
    w->job = job;
    (void)pthread_mutex_init(&w->lock, NULL);
    (void)pthread_cond_init(&w->changed, NULL);
    int status = reader_open(job->input, job->input_format, job->columns, &w->reader);
    status = status ? status : open_output(w);
    w->begun = w->shown = milliseconds();
    status = status ? status : run_workers(w);
    status = close_output(w, status);
    if (!status) {
        show(w, true);
        if (w->counts.bad > 0)
            (void)fprintf(stderr,
                          "cordon screen: %llu of %llu rows could not be screened; their lines say why\n",
                          (unsigned long long)w->counts.bad,
                          (unsigned long long)w->counts.rows);
        status = w->counts.bad > 0                                             ? EXIT_INPUT
                 : w->counts.sure + w->counts.possible + w->counts.partial > 0 ? EXIT_FINDINGS
                                                                               : EXIT_OK;
    }
    reader_close(w->reader);
    (void)pthread_cond_destroy(&w->changed);
    (void)pthread_mutex_destroy(&w->lock);
    free(w);
    return status;
}
