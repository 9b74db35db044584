/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_journal_replay.c: cordon journal replay: does the past come out the same, and what would another
 * snapshot have done? */
#include <stdlib.h>
#include <string.h>

#include "cmd_journal.h"

enum { R_SNAPSHOTS, R_WITH, R_SINCE, R_UNTIL, R_FROM, R_TO, R_THREADS, R_SAMPLE, R_JSON };
static const struct option replay_options[] = {
    [R_SNAPSHOTS] = {"--snapshots",
                     0,
                     "DIR",
                     "where HEX.snapshot of each snapshot is (default: snapshots beside the journal)"},
    [R_WITH] = {"--with", 0, "SNAPSHOT", "decide under this snapshot instead: what would it have done?"},
    [R_SINCE] = {"--since", 0, "INSTANT", "decisions for this instant or a later one; a day will do"},
    [R_UNTIL] = {"--until", 0, "INSTANT", "decisions for an instant before this one"},
    [R_FROM] = {"--from", 0, "RECORD", "from this record"},
    [R_TO] = {"--to", 0, "RECORD", "up to the record before this one"},
    [R_THREADS] = {"--threads", 0, "N", "so many at once (default 1)"},
    [R_SAMPLE] = {"--sample", 0, "N", "records shown of each kind of change (default 3)"},
    [R_JSON] = {"--json", 0, NULL, "as a JSON object"},
};

/* One kind of change: by verdict ("allow → deny"), or by measure ("us/x: nothing → deny"). */
struct kind {
    char name[320];
    uint64_t count;
    uint64_t sample[16];
    size_t samples;
};
struct tally {
    struct kind *kinds;
    size_t count, cap, most_samples;
    uint64_t index; /* of the record at hand */
    uint64_t undecided[16];
    char why[16][240];
    size_t undecided_count;
    bool full;
};

static void count(struct tally *t, const char *name) {
    size_t i = 0;
    while (i < t->count && strcmp(t->kinds[i].name, name) != 0)
        i++;
    if (i == t->count && t->count == t->cap) {
        const size_t cap = t->cap ? t->cap * 2 : 64;
        struct kind *p = realloc(t->kinds, cap * sizeof(*p));
        if (!p) {
            t->full = true;
            return;
        }
        t->kinds = p;
        t->cap = cap;
    }
    struct kind *k = &t->kinds[i];
    if (i == t->count) {
        t->count++;
        memset(k, 0, sizeof(*k));
        (void)snprintf(k->name, sizeof(k->name), "%s", name);
    }
    k->count++;
    if (k->samples < t->most_samples)
        k->sample[k->samples++] = t->index;
}

static void by_measure(void *ctx, cordon_str measure, cordon_str was, cordon_str now) {
    char name[320];
    const cordon_str nothing = cordon_text("nothing");
    (void)snprintf(name,
                   sizeof(name),
                   "%.*s: %.*s -> %.*s",
                   STR_FMT(measure),
                   STR_FMT((was.n ? was : nothing)),
                   STR_FMT((now.n ? now : nothing)));
    count(ctx, name);
}

static int difference(void *ctx, const cordon_record *r, cordon_str was, cordon_str now, cordon_str why) {
    struct tally *t = ctx;
    t->index = r->index;
    if (why.n > 0) {
        if (t->undecided_count < 16) {
            t->undecided[t->undecided_count] = r->index;
            (void)snprintf(t->why[t->undecided_count++], sizeof(t->why[0]), "%.*s", STR_FMT(why));
        }
        return 0;
    }
    const size_t before = t->count;
    uint64_t counted = 0;
    for (size_t i = 0; i < before; i++)
        counted += t->kinds[i].count;
    const int err = cordon_decision_compare(was, now, by_measure, t);
    uint64_t after = 0;
    for (size_t i = 0; i < t->count; i++)
        after += t->kinds[i].count;
    if (!err && after == counted) /* no measure asks for anything else: reasons, dates or notices differ */
        count(t, "other bytes");
    return err ? err : t->full ? CORDON_E_NOMEM : 0;
}

static void put_kinds_json(const struct tally *t) {
    (void)printf("\"changes\":[");
    for (size_t i = 0; i < t->count; i++) {
        const struct kind *k = &t->kinds[i];
        (void)printf("%s{\"change\":", i ? "," : "");
        print_json_text(stdout, cordon_text(k->name));
        (void)printf(",\"count\":%llu,\"sample\":[", (unsigned long long)k->count);
        for (size_t s = 0; s < k->samples; s++)
            (void)printf("%s%llu", s ? "," : "", (unsigned long long)k->sample[s]);
        (void)printf("]}");
    }
    (void)printf("]");
}

static void put_verdicts(const cordon_replayed *r, bool json) {
    bool first = true;
    if (json)
        (void)printf("\"verdicts\":[");
    for (int was = 0; was < 6; was++) {
        for (int is = 0; is < 6; is++) {
            const unsigned long long n = r->verdicts[was][is];
            if (n == 0 || (!json && was == is))
                continue;
            if (json)
                (void)printf("%s{\"count\":%llu,\"now\":\"%s\",\"was\":\"%s\"}",
                             first ? "" : ",",
                             n,
                             cordon_verdict_name(is),
                             cordon_verdict_name(was));
            else
                (void)printf("  %-8s -> %-8s %llu\n", cordon_verdict_name(was), cordon_verdict_name(is), n);
            first = false;
        }
    }
    if (json)
        (void)printf("]");
}

static void put_undecided(const struct tally *t, bool json) {
    if (json)
        (void)printf("\"undecided_records\":[");
    for (size_t i = 0; i < t->undecided_count; i++) {
        if (json) {
            (void)printf("%s{\"index\":%llu,\"why\":", i ? "," : "", (unsigned long long)t->undecided[i]);
            print_json_text(stdout, cordon_text(t->why[i]));
            (void)printf("}");
        } else {
            (void)printf(
                "  record %llu could not be decided: %s\n", (unsigned long long)t->undecided[i], t->why[i]);
        }
    }
    if (json)
        (void)printf("],");
}

static void report(const cordon_replayed *r, const struct tally *t, bool json) {
    if (json) {
        (void)printf("{");
        put_kinds_json(t);
        (void)printf(
            ",\"decisions\":%llu,\"different\":%llu,\"erased\":%llu,\"same\":%llu,\"undecided\":%llu,",
            (unsigned long long)r->decisions,
            (unsigned long long)r->different,
            (unsigned long long)r->erased,
            (unsigned long long)r->same,
            (unsigned long long)r->undecided);
        put_undecided(t, true);
        put_verdicts(r, true);
        (void)printf("}\n");
        return;
    }
    (void)printf("%llu decisions: %llu the same, %llu different, %llu undecided; %llu erased\n",
                 (unsigned long long)r->decisions,
                 (unsigned long long)r->same,
                 (unsigned long long)r->different,
                 (unsigned long long)r->undecided,
                 (unsigned long long)r->erased);
    put_verdicts(r, false);
    for (size_t i = 0; i < t->count; i++) {
        (void)printf("  %llu  %s  (", (unsigned long long)t->kinds[i].count, t->kinds[i].name);
        for (size_t s = 0; s < t->kinds[i].samples; s++)
            (void)printf("%s%llu", s ? ", " : "records ", (unsigned long long)t->kinds[i].sample[s]);
        (void)printf(")\n");
    }
    put_undecided(t, false);
}

static int settings(const struct args *a, cordon_replay_options *o, struct tally *t) {
    uint64_t threads = 1, sample = 3;
    if ((a->option[R_FROM] && !read_number(a->option[R_FROM], &o->which.from)) ||
        (a->option[R_TO] && !read_number(a->option[R_TO], &o->which.to)) ||
        (a->option[R_THREADS] &&
         (!read_number(a->option[R_THREADS], &threads) || threads == 0 || threads > 64)) ||
        (a->option[R_SAMPLE] && (!read_number(a->option[R_SAMPLE], &sample) || sample > 16)))
        return usage_error("journal replay",
                           "--from and --to take records, --threads 1 to 64, --sample 0 to 16");
    o->threads = (unsigned)threads;
    t->most_samples = (size_t)sample;
    int status = EXIT_OK;
    if (a->option[R_SINCE])
        status = read_instant("journal replay", "--since", a->option[R_SINCE], &o->which.since);
    if (!status && a->option[R_UNTIL])
        status = read_instant("journal replay", "--until", a->option[R_UNTIL], &o->which.until);
    return status;
}

static int run_replay(const struct args *a) {
    char beside[4200];
    struct tally t = {.most_samples = 3};
    cordon_error e = {0};
    cordon_journal *j = NULL;
    cordon_replayed r = {0};
    cordon_replay_options o;
    cordon_replay_options_init(&o);
    int status = settings(a, &o, &t);
    if (status)
        return status;
    (void)snprintf(beside, sizeof(beside), "%s/../snapshots", a->words[0]);
    o.snapshots = a->option[R_SNAPSHOTS] ? a->option[R_SNAPSHOTS] : beside;
    o.with = a->option[R_WITH];
    o.difference = difference;
    o.progress = progress;
    o.ctx = &t;
    if (cordon_journal_open(a->words[0], NULL, &j, &e) || cordon_journal_replay(j, &o, &r, &e))
        status = say_error(a->words[0], &e);
    progress_end();
    if (!status)
        report(&r, &t, a->option[R_JSON] != NULL);
    free(t.kinds);
    cordon_journal_close(j);
    if (status)
        return status;
    return r.undecided || (r.different && !o.with) ? EXIT_FINDINGS : EXIT_OK;
}

const struct command cmd_journal_replay = {
    .name = "journal replay",
    .usage = "DIR [options]",
    .brief = "Decide every record again: under its own snapshot, or under another one.",
    .text = "Examples:\n"
            "  cordon journal replay data/journal\n"
            "  cordon journal replay data/journal --with next-week.snapshot --since 2026-10-01\n"
            "\nExit status: 0 no difference (with --with: done); 1 differences, or records that could not be "
            "decided;\n"
            "2 usage; 3 no journal, or it cannot be read.\n",
    .options = replay_options,
    .option_count = sizeof(replay_options) / sizeof(replay_options[0]),
    .repeat = -1,
    .least = 1,
    .most = 1,
    .run = run_replay,
};
