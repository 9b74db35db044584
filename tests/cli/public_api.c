/* SPDX-License-Identifier: Apache-2.0 */
/* public_api.c: decides JSON Lines through the public interface in threads of its own, for comparison with
 * the program.
 *
 *     public_api jsonl SNAPSHOT IN OUT
 *
 * One slot holds the snapshot; while threads decide, the main thread puts the same snapshot in again and
 * again, as a service does that loads new ones. Every thread decides every line, and all must agree byte by
 * byte. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cordon/json.h>

enum { THREADS = 3, MOST = 1 << 22 };

static struct {
    cordon_slot *slot;
    char *text;
    size_t size;
    atomic_int done;
} shared;

static int all_lines(cordon_buffer *out) {
    cordon_error e;
    cordon_request *r = NULL;
    int err = cordon_request_new(NULL, &r, &e);
    size_t at = 0;
    while (!err && at < shared.size) {
        const char *from = shared.text + at;
        const char *end = memchr(from, '\n', shared.size - at);
        const size_t n = end ? (size_t)(end - from) : shared.size - at;
        cordon_snapshot *s = cordon_slot_get(shared.slot);
        cordon_decider *d = NULL;
        const cordon_decision *decision = NULL;
        int64_t instant = 0;
        err = cordon_decider_new(s, NULL, &d, &e);
        err = err ? err : cordon_request_read_json(r, (cordon_str){from, n}, &e);
        err = err ? err : cordon_request_at(r, &instant);
        err = err ? err : cordon_decide(d, r, instant, &decision, &e);
        err = err ? err : cordon_decision_to_json(decision, cordon_text(""), out, &e);
        cordon_buffer line = *out;
        if (!err && line.n + 1 > line.cap)
            err = CORDON_E_LIMIT; /* room was made before */
        if (!err)
            out->p[out->n++] = '\n';
        cordon_decider_free(d);
        cordon_snapshot_unref(s);
        at += n + 1;
    }
    cordon_request_free(r);
    return err;
}

static void *run(void *arg) {
    cordon_buffer *out = arg;
    out->p = malloc(MOST * 4);
    out->cap = out->p ? MOST * 4 : 0;
    const int err = out->p ? all_lines(out) : CORDON_E_NOMEM;
    if (err) {
        (void)fprintf(stderr, "%s\n", cordon_strerror(err));
        out->n = 0;
    }
    atomic_fetch_add(&shared.done, 1);
    return NULL;
}

static int compare_and_write(cordon_buffer *outs, const char *path) {
    for (int i = 1; i < THREADS; i++) {
        if (outs[i].n != outs[0].n || memcmp(outs[i].p, outs[0].p, outs[0].n) != 0) {
            (void)fprintf(stderr, "thread %d decided otherwise\n", i);
            return EXIT_FAILURE;
        }
    }
    FILE *out = fopen(path, "wb");
    if (!out || outs[0].n == 0)
        return EXIT_FAILURE;
    const size_t n = fwrite(outs[0].p, 1, outs[0].n, out);
    return fclose(out) == 0 && n == outs[0].n ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv) {
    cordon_error e;
    cordon_snapshot *s = NULL;
    if (argc != 5 || cordon_snapshot_open(argv[2], NULL, &s, &e) || cordon_slot_new(NULL, &shared.slot, &e) ||
        cordon_slot_set(shared.slot, s, &e))
        return EXIT_FAILURE;
    shared.text = malloc(MOST);
    FILE *in = fopen(argv[3], "rb");
    if (!in || !shared.text)
        return EXIT_FAILURE;
    shared.size = fread(shared.text, 1, MOST, in);
    (void)fclose(in);
    cordon_buffer outs[THREADS] = {0};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        if (pthread_create(&threads[i], NULL, run, &outs[i]) != 0)
            return EXIT_FAILURE;
    }
    while (atomic_load(&shared.done) < THREADS) {
        if (cordon_slot_set(shared.slot, s, &e))
            return EXIT_FAILURE;
    }
    for (int i = 0; i < THREADS; i++)
        (void)pthread_join(threads[i], NULL);
    const int status = compare_and_write(outs, argv[4]);
    for (int i = 0; i < THREADS; i++)
        free(outs[i].p);
    cordon_slot_free(shared.slot);
    cordon_snapshot_unref(s);
    free(shared.text);
    return status;
}
