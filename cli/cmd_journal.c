/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_journal.c: cordon journal verify, prove, search, export, backup, restore, erase. */
#include "cmd_journal.h"

#include <stdlib.h>
#include <string.h>

bool read_number(const char *text, uint64_t *ret) {
    uint64_t v = 0;
    size_t n = 0;
    for (; text[n] >= '0' && text[n] <= '9' && n < 18; n++)
        v = v * 10 + (uint64_t)(text[n] - '0');
    if (n == 0 || text[n])
        return false;
    *ret = v;
    return true;
}

int read_instant(const char *command, const char *option, const char *text, int64_t *ret) {
    char whole[64];
    const size_t n = strlen(text);
    (void)snprintf(whole, sizeof(whole), "%s%s", text, n == 10 ? "T00:00:00Z" : "");
    if (cordon_time_parse(cordon_text(whole), ret, NULL))
        return usage_error(command, "%s takes an instant such as 2026-10-01T09:00:00Z, or a day", option);
    return EXIT_OK;
}

static int open_journal(const char *dir, cordon_journal **ret) {
    cordon_error e = {0};
    return cordon_journal_open(dir, NULL, ret, &e) ? say_error(dir, &e) : EXIT_OK;
}

/* ---- verify
 * ------------------------------------------------------------------------------------------------------- */

enum { V_KEY, V_CHECKPOINT, V_JSON, V_QUIET };
static const struct option verify_options[] = {
    [V_KEY] = {"--key", 'k', "KEY", "a verifier key that is trusted: name+hash+base64, or a file with it"},
    [V_CHECKPOINT] = {"--checkpoint",
                      'c',
                      "FILE",
                      "a checkpoint kept elsewhere, by a witness; may be repeated"},
    [V_JSON] = {"--json", 0, NULL, "findings and result as JSON Lines"},
    [V_QUIET] = {"--quiet", 'q', NULL, "nothing when all is well"},
};

static void tell_text(void *ctx, cordon_str where, uint64_t offset, cordon_str what) {
    (void)ctx;
    progress_end();
    (void)printf("%.*s: byte %llu: %.*s\n", STR_FMT(where), (unsigned long long)offset, STR_FMT(what));
}
static void tell_json(void *ctx, cordon_str where, uint64_t offset, cordon_str what) {
    (void)ctx;
    progress_end();
    (void)printf("{\"offset\":%llu,\"what\":", (unsigned long long)offset);
    print_json_text(stdout, what);
    (void)printf(",\"where\":");
    print_json_text(stdout, where);
    (void)printf("}\n");
}

static void verify_result(const cordon_journal_verified *r, bool json) {
    char root[65];
    for (size_t i = 0; i < 32; i++)
        (void)snprintf(root + 2 * i, 3, "%02x", r->root[i]);
    if (json) {
        (void)printf(
            "{\"checkpoint_size\":%llu,\"checkpoints\":%u,\"decisions\":%llu,\"erased\":%llu,\"events\":%llu,"
            "\"findings\":%llu,\"records\":%llu,\"root\":\"%s\"}\n",
            (unsigned long long)r->checkpoint_size,
            r->checkpoints,
            (unsigned long long)r->decisions,
            (unsigned long long)r->erased,
            (unsigned long long)r->events,
            (unsigned long long)r->findings,
            (unsigned long long)r->records,
            root);
        return;
    }
    (void)printf("%llu records (%llu decisions, %llu events, %llu erased), signed up to %llu, %llu "
                 "findings\nroot %s\n",
                 (unsigned long long)r->records,
                 (unsigned long long)r->decisions,
                 (unsigned long long)r->events,
                 (unsigned long long)r->erased,
                 (unsigned long long)r->checkpoint_size,
                 (unsigned long long)r->findings,
                 root);
}

/* What an option names: a file's content, or with `literal` the text itself when there is no such file. */
static int text_or_file(const char *text, bool literal, cordon_buffer *ret) {
    cordon_error e = {0};
    if (read_input(text, ret, &e) == CORDON_OK)
        return EXIT_OK;
    if (!literal || !strchr(text, '+'))
        return say_error(text, &e);
    const size_t n = strlen(text);
    ret->p = malloc(n + 1);
    if (!ret->p)
        return EXIT_TROUBLE;
    memcpy(ret->p, text, n);
    ret->n = n;
    ret->cap = n + 1;
    return EXIT_OK;
}

static int run_verify(const struct args *a) {
    const bool json = a->option[V_JSON] != NULL;
    cordon_error e = {0};
    cordon_journal_verified r = {0};
    cordon_journal_verify_options o;
    cordon_buffer key = {0};
    cordon_str key_text;
    cordon_journal_verify_options_init(&o);
    o.finding = json ? tell_json : tell_text;
    o.progress = progress;
    int status = EXIT_OK;
    if (a->option[V_KEY]) {
        status = text_or_file(a->option[V_KEY], true, &key);
        key_text = (cordon_str){key.p, key.n};
        o.keys = &key_text;
        o.key_count = 1;
    }
    cordon_buffer *files = calloc(a->many_count + 1, sizeof(*files));
    cordon_str *notes = calloc(a->many_count + 1, sizeof(*notes));
    if (!files || !notes)
        status = EXIT_TROUBLE;
    for (size_t i = 0; i < a->many_count && !status; i++) {
        status = text_or_file(a->many[i], false, &files[i]);
        notes[i] = (cordon_str){files[i].p, files[i].n};
    }
    o.notes = notes;
    o.note_count = a->many_count;
    if (!status && cordon_journal_verify(a->words[0], &o, &r, &e))
        status = say_error(a->words[0], &e);
    progress_end();
    if (!status && (r.findings || !a->option[V_QUIET]))
        verify_result(&r, json);
    for (size_t i = 0; files && i < a->many_count; i++)
        cordon_buffer_free(&files[i]);
    free(files);
    free(notes);
    cordon_buffer_free(&key);
    return status ? status : r.findings ? EXIT_FINDINGS : EXIT_OK;
}

const struct command cmd_journal_verify = {
    .name = "journal verify",
    .usage = "DIR [options]",
    .brief = "Read every byte of a journal and say what is not as it must be.",
    .text = "Examples:\n"
            "  cordon journal verify data/journal\n"
            "  cordon journal verify data/journal --key trusted.vkey --checkpoint witness/checkpoint\n"
            "\nExit status: 0 nothing found; 1 findings; 2 usage; 3 no journal, or it cannot be read.\n",
    .options = verify_options,
    .option_count = sizeof(verify_options) / sizeof(verify_options[0]),
    .repeat = V_CHECKPOINT,
    .least = 1,
    .most = 1,
    .run = run_verify,
};

/* ---- prove
 * ----------------------------------------------------------------------------------------------------------
 */

enum { P_FROM, P_TO, P_JSON };
static const struct option prove_options[] = {
    [P_FROM] = {"--from",
                0,
                "SIZE",
                "instead: that the tree of SIZE is the beginning of the last one (JSON)"},
    [P_TO] = {"--to", 0, "SIZE", "with --from: of the tree of this size"},
    [P_JSON] = {"--json", 0, NULL, "as JSON; else as C2SP tlog-proof"},
};

static int run_prove(const struct args *a) {
    uint64_t index = 0, from = 0, to = 0;
    if ((a->option[P_FROM] != NULL) == (a->word_count == 2))
        return usage_error("journal prove", "name a record, or --from SIZE");
    if ((a->word_count == 2 && !read_number(a->words[1], &index)) ||
        (a->option[P_FROM] && !read_number(a->option[P_FROM], &from)) ||
        (a->option[P_TO] && !read_number(a->option[P_TO], &to)))
        return usage_error("journal prove", "records and sizes are whole numbers");
    cordon_journal *j = NULL;
    int status = open_journal(a->words[0], &j);
    if (status)
        return status;
    cordon_error e = {0};
    cordon_buffer out = {0};
    const int form = a->option[P_JSON] ? CORDON_PROOF_JSON : CORDON_PROOF_TEXT;
    const int err = a->option[P_FROM] ? cordon_journal_prove_consistency(j, from, to, &out, &e)
                                      : cordon_journal_prove(j, index, form, &out, &e);
    if (err)
        status = say_error(a->words[0], &e);
    else
        (void)printf("%.*s%s", STR_FMT(out), out.n > 0 && out.p[out.n - 1] == '\n' ? "" : "\n");
    cordon_buffer_free(&out);
    cordon_journal_close(j);
    return status;
}

const struct command cmd_journal_prove = {
    .name = "journal prove",
    .usage = "DIR RECORD | DIR --from SIZE [--to SIZE]",
    .brief = "Prove that a record is in the tree that the last checkpoint signs.",
    .text = "Examples:\n"
            "  cordon journal prove data/journal 1234 > 1234.tlog-proof\n"
            "  cordon journal prove data/journal --from 1000 --json\n",
    .options = prove_options,
    .option_count = sizeof(prove_options) / sizeof(prove_options[0]),
    .repeat = -1,
    .least = 1,
    .most = 2,
    .run = run_prove,
};

/* ---- search, export
 * ----------------------------------------------------------------------------------------------------- */

enum {
    S_PARTY,
    S_MEASURE,
    S_VERDICT,
    S_SINCE,
    S_UNTIL,
    S_EVENT,
    S_KIND,
    S_KEY,
    S_TRACE,
    S_IDEMPOTENCY,
    S_FROM,
    S_TO,
    S_LIMIT,
    S_JSON
};
static const struct option search_options[] = {
    [S_PARTY] = {"--party", 0, "TEXT", "a name or identifier of a party, any part of it"},
    [S_MEASURE] = {"--measure", 0, "ID", "decisions to which this measure contributed"},
    [S_VERDICT] = {"--verdict", 0, "VERDICT", "allow, limit, hold, deny or freeze"},
    [S_SINCE] = {"--since", 0, "INSTANT", "decided for this instant or a later one; a day will do"},
    [S_UNTIL] = {"--until", 0, "INSTANT", "decided for an instant before this one"},
    [S_EVENT] = {"--event", 0, "NAME", "events of this name; `case.` for all that begin so"},
    [S_KIND] = {"--kind", 0, "KIND", "decision or event"},
    [S_KEY] = {"--key", 0, "ID", "decided for this API key"},
    [S_TRACE] = {"--trace", 0, "ID", "with this trace id"},
    [S_IDEMPOTENCY] = {"--idempotency-key", 0, "KEY", "asked with this Idempotency-Key"},
    [S_FROM] = {"--from", 0, "RECORD", "from this record"},
    [S_TO] = {"--to", 0, "RECORD", "up to the record before this one"},
    [S_LIMIT] = {"--limit", 0, "N", "ends after so many"},
    [S_JSON] = {"--json", 0, NULL, "whole records as JSON Lines (always so for export)"},
};

static cordon_str opt(const struct args *a, int i) {
    return cordon_text(a->option[i]);
}

static int fill_query(const char *command, const struct args *a, cordon_journal_query *q) {
    cordon_journal_query_init(q);
    q->party = opt(a, S_PARTY);
    q->measure = opt(a, S_MEASURE);
    q->verdict = opt(a, S_VERDICT);
    q->event = opt(a, S_EVENT);
    q->kind = opt(a, S_KIND);
    q->key = opt(a, S_KEY);
    q->trace = opt(a, S_TRACE);
    q->idempotency_key = opt(a, S_IDEMPOTENCY);
    if ((a->option[S_FROM] && !read_number(a->option[S_FROM], &q->from)) ||
        (a->option[S_TO] && !read_number(a->option[S_TO], &q->to)) ||
        (a->option[S_LIMIT] && !read_number(a->option[S_LIMIT], &q->limit)))
        return usage_error(command, "--from, --to and --limit take whole numbers");
    int status = EXIT_OK;
    if (a->option[S_SINCE])
        status = read_instant(command, "--since", a->option[S_SINCE], &q->since);
    if (!status && a->option[S_UNTIL])
        status = read_instant(command, "--until", a->option[S_UNTIL], &q->until);
    return status;
}

static int put_record(void *ctx, const cordon_record *r) {
    (void)ctx;
    char until[CORDON_TIME_TEXT] = "never";
    (void)printf("{\"index\":%llu,\"leaf\":\"", (unsigned long long)r->index);
    for (size_t i = 0; i < sizeof(r->leaf); i++)
        (void)printf("%02x", r->leaf[i]);
    if (r->retain_until != CORDON_NEVER)
        (void)cordon_time_format(r->retain_until, until);
    if (r->erased) {
        (void)printf("\",\"record\":null,\"retain_until\":\"%s\",\"salt\":null}\n", until);
    } else {
        (void)printf("\",\"record\":%.*s,\"retain_until\":\"%s\",\"salt\":\"", STR_FMT(r->payload), until);
        for (size_t i = 0; i < sizeof(r->salt); i++)
            (void)printf("%02x", r->salt[i]);
        (void)printf("\"}\n");
    }
    return ferror(stdout);
}

/* The text of a member at the top of canonical JSON, or of its decision: for a line that people read. */
static cordon_str text_after(cordon_str in, const char *mark) {
    const size_t n = strlen(mark);
    for (size_t i = 0; i + n < in.n; i++) {
        if (memcmp(in.p + i, mark, n) == 0) {
            const char *end = memchr(in.p + i + n, '"', in.n - i - n);
            return (cordon_str){in.p + i + n, end ? (size_t)(end - in.p) - i - n : 0};
        }
    }
    return (cordon_str){"", 0};
}
static cordon_str last_text_after(cordon_str in, const char *mark) {
    cordon_str found = {"", 0};
    for (;;) {
        const cordon_str next = text_after(in, mark);
        if (next.n == 0)
            return found;
        found = next;
        in = (cordon_str){next.p + next.n, (size_t)(in.p + in.n - next.p) - next.n};
    }
}

static int put_line(void *ctx, const cordon_record *r) {
    (void)ctx;
    if (r->erased) {
        (void)printf("%10llu  erased\n", (unsigned long long)r->index);
        return 0;
    }
    const cordon_str event = text_after(r->payload, "\"event\":\"");
    const cordon_str at = text_after(r->payload, "{\"at\":\"");
    const bool decision = memcmp(r->payload.p, "{", 1) == 0 &&
                          text_after(r->payload, "\"kind\":\"decision").p != NULL && event.n == 0;
    const cordon_str verdict = last_text_after(r->payload, "\"verdict\":\"");
    (void)printf("%10llu  %.*s  %.*s",
                 (unsigned long long)r->index,
                 STR_FMT(at),
                 STR_FMT((decision ? verdict : event)));
    const cordon_str action = text_after(r->payload, "\"action\":\"");
    if (decision && action.n > 0)
        (void)printf("  %.*s", STR_FMT(action));
    (void)printf("\n");
    return ferror(stdout);
}

static int search(const char *command, const struct args *a, bool lines) {
    cordon_journal_query q;
    cordon_error e = {0};
    cordon_journal *j = NULL;
    uint64_t found = 0;
    int status = fill_query(command, a, &q);
    if (!status)
        status = open_journal(a->words[0], &j);
    if (!status && cordon_journal_search(j, &q, lines ? put_record : put_line, NULL, &found, &e))
        status = say_error(a->words[0], &e);
    if (!status && !lines)
        (void)fprintf(stderr,
                      "%llu of %llu records\n",
                      (unsigned long long)found,
                      (unsigned long long)cordon_journal_size(j));
    cordon_journal_close(j);
    return status;
}

static int run_search(const struct args *a) {
    return search("journal search", a, a->option[S_JSON] != NULL);
}
static int run_export(const struct args *a) {
    return search("journal export", a, true);
}

const struct command cmd_journal_search = {
    .name = "journal search",
    .usage = "DIR [options]",
    .brief = "Find records by party, measure, verdict, time and more.",
    .text = "Examples:\n"
            "  cordon journal search data/journal --verdict deny --since 2026-10-01\n"
            "  cordon journal search data/journal --party 'ACME' --json | jq .record.decision.verdict\n",
    .options = search_options,
    .option_count = sizeof(search_options) / sizeof(search_options[0]),
    .repeat = -1,
    .least = 1,
    .most = 1,
    .run = run_search,
};

const struct command cmd_journal_export = {
    .name = "journal export",
    .usage = "DIR [options]",
    .brief = "Print records as JSON Lines, with index, salt and leaf.",
    .text = "Examples:\n  cordon journal export data/journal --since 2026-10-01 --until 2026-11-01 > "
            "october.jsonl\n",
    .options = search_options,
    .option_count = sizeof(search_options) / sizeof(search_options[0]),
    .repeat = -1,
    .least = 1,
    .most = 1,
    .run = run_export,
};

/* ---- backup, restore
 * ------------------------------------------------------------------------------------------------------- */

enum { B_JSON };
static const struct option backup_options[] = {
    [B_JSON] = {"--json", 0, NULL, "the result as a JSON object"},
};

static int copy(const struct args *a, const char *what) {
    uint64_t size = 0;
    cordon_error e = {0};
    if (cordon_journal_backup(a->words[0], a->words[1], NULL, &size, &e))
        return say_error(a->words[0], &e);
    if (a->option[B_JSON])
        (void)printf("{\"records\":%llu}\n", (unsigned long long)size);
    else
        (void)printf("%s: %llu %s\n", a->words[1], (unsigned long long)size, what);
    return EXIT_OK;
}

static int run_backup(const struct args *a) {
    return copy(a, "records copied, with the root that their checkpoint signs");
}

const struct command cmd_journal_backup = {
    .name = "journal backup",
    .usage = "DIR TO",
    .brief = "Copy a journal up to its last checkpoint, also while it is being written.",
    .text = "TO must not be a journal yet. The copy is checked as it is made, and is itself a journal.\n",
    .options = backup_options,
    .option_count = 1,
    .repeat = -1,
    .least = 2,
    .most = 2,
    .run = run_backup,
};

/* A backup is verified whole before anything is made of it. */
static int run_restore(const struct args *a) {
    cordon_journal_verify_options o;
    cordon_journal_verified r = {0};
    cordon_error e = {0};
    cordon_journal_verify_options_init(&o);
    o.finding = tell_text;
    o.progress = progress;
    if (cordon_journal_verify(a->words[0], &o, &r, &e))
        return say_error(a->words[0], &e);
    progress_end();
    if (r.findings) {
        (void)fprintf(
            stderr, "cordon: %s: not restored: %llu findings\n", a->words[0], (unsigned long long)r.findings);
        return EXIT_FINDINGS;
    }
    return copy(a, "records restored");
}

const struct command cmd_journal_restore = {
    .name = "journal restore",
    .usage = "BACKUP DIR",
    .brief = "Verify a backup and make a journal of it.",
    .text = "DIR must not be a journal yet.\n",
    .options = backup_options,
    .option_count = 1,
    .repeat = -1,
    .least = 2,
    .most = 2,
    .run = run_restore,
};

/* ---- erase
 * --------------------------------------------------------------------------------------------------------------------
 */

enum { E_SECRET, E_FROM, E_TO, E_BY, E_REASON, E_DRY, E_JSON };
static const struct option erase_options[] = {
    [E_SECRET] = {"--secret-key", 's', "FILE", "the journal's key (a minisign secret key file); needed"},
    [E_FROM] = {"--from", 0, "RECORD", "from this record (default: the first)"},
    [E_TO] = {"--to", 0, "RECORD", "up to the record before this one (default: all)"},
    [E_BY] = {"--by", 0, "WHO", "who erases; needed"},
    [E_REASON] = {"--reason", 0, "TEXT", "why; needed"},
    [E_DRY] = {"--dry-run", 'n', NULL, "only say what would be erased"},
    [E_JSON] = {"--json", 0, NULL, "the result as a JSON object"},
};

static int run_erase(const struct args *a) {
    uint64_t to = UINT64_MAX;
    cordon_erase_options o;
    cordon_erased r = {0};
    cordon_error e = {0};
    cordon_buffer key = {0};
    cordon_erase_options_init(&o);
    if (!a->option[E_SECRET] || !a->option[E_BY] || !a->option[E_REASON])
        return usage_error("journal erase", "--secret-key, --by and --reason are needed");
    if ((a->option[E_FROM] && !read_number(a->option[E_FROM], &o.first)) ||
        (a->option[E_TO] && (!read_number(a->option[E_TO], &to) || to == 0)))
        return usage_error("journal erase", "--from and --to take whole numbers");
    int status = text_or_file(a->option[E_SECRET], false, &key);
    if (status)
        return status;
    o.secret_key = (cordon_str){key.p, key.n};
    o.password = cordon_text(getenv("CORDON_KEY_PASSWORD"));
    o.last = to - 1;
    o.now = now();
    o.by = cordon_text(a->option[E_BY]);
    o.reason = cordon_text(a->option[E_REASON]);
    o.dry_run = a->option[E_DRY] != NULL;
    if (cordon_journal_erase(a->words[0], &o, &r, &e))
        status = say_error(a->words[0], &e);
    else if (a->option[E_JSON])
        (void)printf("{\"already\":%llu,\"erased\":%llu,\"held\":%llu,\"retained\":%llu}\n",
                     (unsigned long long)r.already,
                     (unsigned long long)r.erased,
                     (unsigned long long)r.held,
                     (unsigned long long)r.retained);
    else
        (void)printf("%llu %s; %llu under a legal hold, %llu still to be retained, %llu erased before\n",
                     (unsigned long long)r.erased,
                     o.dry_run ? "would be erased" : "erased",
                     (unsigned long long)r.held,
                     (unsigned long long)r.retained,
                     (unsigned long long)r.already);
    cordon_buffer_free(&key);
    return status;
}

const struct command cmd_journal_erase = {
    .name = "journal erase",
    .usage = "DIR --secret-key FILE --by WHO --reason TEXT [options]",
    .brief = "Erase decisions whose retention is over and that no legal hold covers.",
    .text = "Their leaves stay, so that every proof keeps its worth; an event says what was erased, when "
            "and by whom.\n"
            "cordond must not be running on this journal. CORDON_KEY_PASSWORD holds the key's password, if "
            "it has one.\n",
    .options = erase_options,
    .option_count = sizeof(erase_options) / sizeof(erase_options[0]),
    .repeat = -1,
    .least = 1,
    .most = 1,
    .run = run_erase,
};

static const struct command *const subs[] = {&cmd_journal_verify,
                                             &cmd_journal_prove,
                                             &cmd_journal_search,
                                             &cmd_journal_export,
                                             &cmd_journal_replay,
                                             &cmd_journal_backup,
                                             &cmd_journal_restore,
                                             &cmd_journal_erase,
                                             &cmd_journal_rotate};
const struct command cmd_journal = {
    .name = "journal",
    .usage = "verify|prove|search|export|replay|backup|restore|erase|rotate …",
    .brief = "Verify, prove, search, replay and keep the record of decisions.",
    .text = "\n`cordon journal COMMAND --help` shows options and examples.\n",
    .repeat = -1,
    .subs = subs,
    .sub_count = sizeof(subs) / sizeof(subs[0]),
};
