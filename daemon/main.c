/* SPDX-License-Identifier: Apache-2.0 */
/* main.c: cordond: options, start, signals, stop. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cdn_config.h"
#include "host.h"
#include "log.h"
#include "witness.h"

enum { EXIT_USAGE = 2, EXIT_INPUT = 3 };
#define DEFAULT_CONFIG "/etc/cordon/cordond.conf"
enum { MOST_FILE = 1 << 20, MOST_SETS = 64, WATCH_SECONDS = 2 };

static const char help_text[] =
    "Usage: cordond [options]\n"
    "\n"
    "The service of Cordon: answers, remembers and proves. Without options it reads " DEFAULT_CONFIG "\n"
    "when there is one, listens on 127.0.0.1:8920 and writes its first API key to admin.key in its data "
    "folder.\n"
    "\n"
    "Options:\n"
    "  -c, --config FILE      settings (default: " DEFAULT_CONFIG ")\n"
    "  -s, --set NAME=VALUE   one setting, after those of the file; may be given again\n"
    "  -d, --data DIR         as --set data=DIR\n"
    "  -l, --listen ADDRESS   as --set listen=ADDRESS\n"
    "      --check-config     read the settings, say what is wrong with them, and end\n"
    "      --print-config     the commented default file, to begin one with\n"
    "      --first-key        make the first API key where there is none, and end\n"
    "      --routes           every operation: method, path, name\n"
    "      --version\n"
    "  -h, --help\n"
    "\n"
    "Signals: SIGHUP reads the settings again and reloads rules and lists; SIGTERM and SIGINT answer what is "
    "under way\n"
    "and end. Log: JSON lines on standard error.\n"
    "\n"
    "Examples:\n"
    "  cordond --data ./cordon-data\n"
    "  cordond --print-config > cordond.conf && cordond --config cordond.conf --check-config\n"
    "  curl -H \"Authorization: Bearer $(cat ./cordon-data/admin.key)\" http://127.0.0.1:8920/v1/lists\n"
    "\n"
    "Exit status: 0 ended by a signal; 2 usage; 3 settings, snapshot, rulebook or data that cannot be used.\n"
    "See cordond(8), cordond.conf(5) and docs/http.md.\n";

struct wishes {
    const char *config;
    char sets[MOST_SETS][CONFIG_TEXT + 64];
    size_t set_count;
    bool check, first_key;
};

/* ---- options
 * -------------------------------------------------------------------------------------------------------------
 */

static int usage(const char *what, const char *which) {
    (void)fprintf(stderr, "cordond: %s `%s`; see `cordond --help`\n", what, which);
    return EXIT_USAGE;
}

static void print_routes(void) {
    for (size_t i = 0; i < route_count; i++)
        (void)printf("%s %s %s\n", routes[i].method, routes[i].pattern, routes[i].id);
}

/* 0: go on; below: go on with ending well; above: exit status. */
static int take_plain(const char *word, struct wishes *w) {
    if (strcmp(word, "--check-config") == 0)
        return w->check = true, 0;
    if (strcmp(word, "--first-key") == 0)
        return w->first_key = true, 0;
    if (strcmp(word, "--print-config") == 0)
        return config_print(stdout), -1;
    if (strcmp(word, "--routes") == 0)
        return print_routes(), -1;
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return (void)fputs(help_text, stdout), -1;
    if (strcmp(word, "--version") == 0)
        return (void)printf("cordond %s\n", cordon_version()), -1;
    return usage("there is no option", word);
}

struct valued {
    const char *name, *letter, *prefix; /* prefix NULL: the settings' file */
};
static const struct valued valued[] = {
    {"--config", "-c", NULL}, {"--set", "-s", ""}, {"--data", "-d", "data="}, {"--listen", "-l", "listen="}};

static const struct valued *find_valued(const char *word, const char **ret_value) {
    for (size_t i = 0; i < CDN_ARRAY_LEN(valued); i++) {
        const size_t n = strlen(valued[i].name);
        *ret_value = NULL;
        if (strcmp(word, valued[i].name) == 0 || strcmp(word, valued[i].letter) == 0)
            return &valued[i];
        if (strncmp(word, valued[i].name, n) == 0 && word[n] == '=') {
            *ret_value = word + n + 1;
            return &valued[i];
        }
    }
    return NULL;
}

static int take_options(int argc, char **argv, struct wishes *w) {
    for (int i = 1; i < argc; i++) {
        const char *value = NULL;
        const struct valued *v = find_valued(argv[i], &value);
        if (!v) {
            const int how = take_plain(argv[i], w);
            if (how)
                return how;
            continue;
        }
        if (!value && ++i >= argc)
            return usage("a value is missing after", argv[argc - 1]);
        value = value ? value : argv[i];
        if (!v->prefix) {
            w->config = value;
            continue;
        }
        if (w->set_count >= MOST_SETS)
            return usage("there are too many options at", argv[i]);
        const int n = snprintf(w->sets[w->set_count++], sizeof(w->sets[0]), "%s%s", v->prefix, value);
        if (n < 0 || (size_t)n >= sizeof(w->sets[0]))
            return usage("too long:", argv[i]);
    }
    return 0;
}

/* ---- settings
 * -------------------------------------------------------------------------------------------------------------
 */

static int read_config_file(const char *path, bool must, struct config *c, cordon_error *e) {
    FILE *f = fopen(path, "rbe");
    if (!f) {
        if (!must && errno == ENOENT)
            return 0;
        const int system = errno;
        (void)cdn_fail(e, CORDON_E_IO, "cannot be read: %s", strerror(system));
        cdn_error_where(e, cdn_str_z(path), 0, 0);
        e->system = system;
        return CORDON_E_IO;
    }
    char *text = malloc(MOST_FILE);
    const size_t n = text ? fread(text, 1, MOST_FILE, f) : 0;
    (void)fclose(f);
    const int err = !text            ? cdn_fail(e, CORDON_E_NOMEM, "no memory")
                    : n == MOST_FILE ? cdn_fail(e, CORDON_E_LIMIT, "the file is too large")
                                     : config_read(c, path, cdn_str(text, n), e);
    free(text);
    return err;
}

/* Where nothing says where: as the service manager wants it, else the system's place for root and the user's
 * own. */
static void default_data(struct config *c) {
    const char *state = getenv("STATE_DIRECTORY");
    const char *xdg = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    int n = 0;
    if (c->data[0])
        return;
    if (state && state[0] == '/')
        n = snprintf(c->data, sizeof(c->data), "%s", state);
    else if (geteuid() == 0)
        n = snprintf(c->data, sizeof(c->data), "/var/lib/cordon");
    else if (xdg && xdg[0] == '/')
        n = snprintf(c->data, sizeof(c->data), "%s/cordon", xdg);
    else if (home && home[0] == '/')
        n = snprintf(c->data, sizeof(c->data), "%s/.local/state/cordon", home);
    if (n < 0 || (size_t)n >= sizeof(c->data))
        c->data[0] = '\0';
}

static int read_config(const struct wishes *w, struct config *c, cordon_error *e) {
    config_defaults(c);
    int err = read_config_file(w->config ? w->config : DEFAULT_CONFIG, w->config != NULL, c, e);
    for (size_t i = 0; !err && i < w->set_count; i++) {
        err = config_set(c, cdn_str_z(w->sets[i]), e);
        if (err)
            cdn_error_where(e, CDN_STR("--set"), 0, 0);
    }
    default_data(c);
    return err ? err : config_check(c, e);
}

static int say_error(const cordon_error *e) {
    (void)fputs("cordond: ", stderr);
    if (e->where[0])
        (void)fprintf(stderr, "%s:", e->where);
    if (e->line)
        (void)fprintf(stderr, "%u:%u:", e->line, e->column);
    (void)fprintf(stderr, "%s%s%s%s\n", e->where[0] ? " " : "", e->message, e->hint[0] ? "; " : "", e->hint);
    return EXIT_INPUT;
}

/* ---- the service's side
 * ------------------------------------------------------------------------------------------------------ */

static void read_clock(void *ctx, struct cdn_service_time *ret) {
    struct timespec wall;
    (void)ctx;
    (void)clock_gettime(CLOCK_REALTIME, &wall);
    *ret = (struct cdn_service_time){
        .wall = (int64_t)wall.tv_sec, .wall_ns = (uint32_t)wall.tv_nsec, .mono = mono_now()};
}

static void on_service(void *ctx, int severity, const char *event, const char *detail) {
    (void)ctx;
    log_say(severity == 1   ? LOG_LEVEL_ERROR
            : severity == 2 ? LOG_LEVEL_WARNING
                            : LOG_LEVEL_INFO,
            event,
            detail ? "detail" : NULL,
            detail);
}

static const char *or_null(const char *text) {
    return text[0] ? text : NULL;
}

static int open_service(struct daemon *d, cordon_error *e) {
    const struct config *c = cfg(d);
    struct cdn_service_options o;
    const char *geodata[] = {c->geodata};
    cdn_service_options_init(&o);
    o.clock = (struct cdn_service_clock){.read = read_clock};
    o.data = c->data;
    o.snapshot = or_null(c->snapshot);
    o.rulebook = o.snapshot ? NULL : c->rulebooks[0] ? c->rulebooks : CDN_DATADIR "/rulebooks";
    o.lists = or_null(c->lists);
    o.owners = or_null(c->owners);
    o.geodata = geodata;
    o.geodata_count = c->geodata[0] ? 1 : 0;
    o.name = or_null(c->origin);
    o.no_journal = !c->journal;
    o.no_sync = !c->durable;
    o.idempotency_seconds = (int64_t)(c->idempotency_time / 1000);
    o.log = on_service;
    return cdn_service_open(&o, &d->service, e);
}

/* What clients call the service, where the settings do not say. */
static void set_public_url(struct config *c, unsigned port) {
    const char *colon = strrchr(c->listen, ':');
    const bool named = colon && colon != c->listen;
    if (!c->public_url[0])
        (void)snprintf(c->public_url,
                       sizeof(c->public_url),
                       "%s://%.*s:%u",
                       c->tls_certificate[0] ? "https" : "http",
                       named ? (int)CDN_MIN(colon - c->listen, 64) : 9,
                       named ? c->listen : "127.0.0.1",
                       port);
}

static bool use_config(struct daemon *d, const struct config *c) {
    struct config *own = d->config_count < CDN_ARRAY_LEN(d->configs) ? malloc(sizeof(*own)) : NULL;
    if (!own)
        return false;
    *own = *c;
    d->configs[d->config_count++] = own;
    atomic_store_explicit(&d->config, own, memory_order_release);
    return true;
}

/* Beyond this machine only with a key; on it, the first key is made. */
static int see_to_keys(struct daemon *d, cordon_error *e) {
    struct sockaddr_storage a;
    bool made = false;
    int err = config_address(cfg(d)->listen, &a, e);
    if (err)
        return err;
    err = host_first_key(d, &made, e);
    if (!err && made) {
        struct log_line l;
        char path[CONFIG_TEXT + 16];
        (void)snprintf(path, sizeof(path), "%s/admin.key", cfg(d)->data);
        log_begin(&l, LOG_LEVEL_INFO, "first_key");
        log_text(&l, "file", cdn_str_z(path));
        log_end(&l);
    }
    return err;
}

static bool has_credentials(const struct config *c) {
    struct sockaddr_storage a;
    char path[CONFIG_TEXT + 32];
    if (config_address(c->listen, &a, NULL) || config_is_loopback(&a))
        return true;
    (void)snprintf(path, sizeof(path), "%s/admin.key", c->data);
    return access(path, F_OK) ==
           0; /* made by --first-key or a start on loopback; may have been emptied since */
}

/* ---- running
 * ----------------------------------------------------------------------------------------------------------------
 */

static void log_failure(const char *event, const cordon_error *e) {
    struct log_line l;
    log_begin(&l, LOG_LEVEL_ERROR, event);
    log_error(&l, e);
    log_end(&l);
}

/* Nothing is reloaded when the settings are wrong: what the operator wants is not known. */
static void reload(struct daemon *d, const struct wishes *w) {
    struct config next;
    struct config merged = *cfg(d);
    cordon_error e = {0};
    unsigned fixed = 0;
    if (read_config(w, &next, &e)) {
        log_failure("settings_refused", &e);
        return;
    }
    set_public_url(&next, d->port);
    config_reload(&merged, &next, &fixed);
    if (memcmp(&merged, cfg(d), sizeof(merged)) != 0 && !use_config(d, &merged))
        log_say(LOG_LEVEL_ERROR,
                "settings_refused",
                "why",
                "too many changes of settings since the start: restart");
    if (fixed > 0)
        log_say(LOG_LEVEL_WARNING, "settings", "why", "some settings that changed need a restart");
    cdn_service_reload(d->service);
}

static uint64_t watched(const struct daemon *d) {
    const char *paths[] = {
        cfg(d)->snapshot[0] ? NULL : cfg(d)->rulebooks, cfg(d)->lists, cfg(d)->owners, cfg(d)->snapshot};
    return host_signature(paths, CDN_ARRAY_LEN(paths));
}

/* Until SIGTERM or SIGINT. A change on disk counts when it was the same at two looks: not in the middle of a
 * copy. */
static void wait_for_signals(struct daemon *d, const struct wishes *w, const sigset_t *set) {
    const struct timespec tick = {.tv_sec = WATCH_SECONDS};
    uint64_t used = watched(d);
    uint64_t last = used;
    for (;;) {
        const int signal = sigtimedwait(set, NULL, &tick);
        if (signal == SIGTERM || signal == SIGINT)
            return;
        if (signal == SIGHUP) {
            log_say(LOG_LEVEL_INFO, "reload", "why", "SIGHUP");
            reload(d, w);
            used = last = watched(d);
            continue;
        }
        host_notify("WATCHDOG=1");
        const uint64_t now = cfg(d)->watch ? watched(d) : used;
        if (now != used && now == last) {
            used = now;
            log_say(LOG_LEVEL_INFO, "reload", "why", "files changed");
            cdn_service_reload(d->service);
        }
        last = now;
    }
}

static void log_listening(const struct daemon *d) {
    struct log_line l;
    log_begin(&l, LOG_LEVEL_INFO, "listening");
    log_text(&l, "url", cdn_str_z(cfg(d)->public_url));
    log_number(&l, "port", d->port);
    log_text(&l, "version", cdn_str_z(cordon_version()));
    log_end(&l);
}

/* The first records need an instant. Until the clock is set, nothing is begun; false: told to end meanwhile.
 */
static bool clock_is_set(const sigset_t *set) {
    const struct timespec tick = {.tv_sec = 1};
    struct cdn_service_options o;
    cdn_service_options_init(&o);
    while ((int64_t)time(NULL) < o.not_before) {
        host_notify("EXTEND_TIMEOUT_USEC=30000000\nWATCHDOG=1\nSTATUS=waiting for the clock to be set");
        const int signal = sigtimedwait(set, NULL, &tick);
        if (signal == SIGTERM || signal == SIGINT)
            return false;
    }
    return true;
}

/* A service that never had a snapshot cannot be opened while the clock is unset; one that had refuses by
 * itself. */
static int open_when_possible(struct daemon *d, const sigset_t *set, cordon_error *e) {
    struct cdn_service_options o;
    cdn_service_options_init(&o);
    const bool unset = (int64_t)time(NULL) < o.not_before;
    const int err = open_service(d, e);
    if (!err || !unset)
        return err;
    log_failure("waiting", e);
    if (!clock_is_set(set))
        return err;
    *e = (cordon_error){0};
    return open_service(d, e);
}

static int run(struct daemon *d, const struct wishes *w, cordon_error *e) {
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL); /* before any thread */
    (void)signal(SIGPIPE, SIG_IGN);
    if (!w->first_key && !has_credentials(cfg(d))) {
        (void)cdn_fail(e,
                       CORDON_E_STATE,
                       "`listen = %s` is beyond this machine, and there is no API key yet",
                       cfg(d)->listen);
        cdn_error_hint(e, "run `cordond --first-key` with the same settings, or start once on loopback");
        return CORDON_E_STATE;
    }
    int err = open_when_possible(d, &set, e);
    if (!err)
        err = see_to_keys(d, e);
    if (!err && !w->first_key)
        err = server_start(d, e);
    if (!err && !w->first_key) {
        struct config c = *cfg(d);
        set_public_url(&c, d->port);
        if (!use_config(d, &c))
            err = CORDON_E_NOMEM;
    }
    if (!err && !w->first_key) {
        d->started = (int64_t)time(NULL);
        d->witness = witness_start(d);
        log_listening(d);
        host_notify("READY=1");
        wait_for_signals(d, w, &set);
        log_say(LOG_LEVEL_INFO, "stopping", NULL, NULL);
        host_notify("STOPPING=1");
        witness_stop(d->witness);
        server_stop(d);
        log_say(LOG_LEVEL_INFO, "stopped", NULL, NULL);
    }
    cdn_service_close(d->service);
    server_free(d);
    return err;
}

int main(int argc, char **argv) {
    struct wishes *w = calloc(1, sizeof(*w));
    struct daemon *d = calloc(1, sizeof(*d));
    cordon_error e = {0};
    int status = w && d ? take_options(argc, argv, w) : 70;
    if (status == 0) {
        struct config c;
        int err = read_config(w, &c, &e);
        if (!err && !use_config(d, &c))
            err = CORDON_E_NOMEM;
        if (!err && w->check)
            (void)puts("the settings are right");
        else if (!err)
            err = run(d, w, &e);
        if (err) {
            if (e.message[0] == '\0')
                (void)cdn_fail(&e, err, "%s", cdn_status_text(err));
            status = say_error(&e);
        }
    }
    for (unsigned i = 0; d && i < d->config_count; i++)
        free(d->configs[i]);
    free(d);
    free(w);
    return status < 0 ? 0 : status;
}
