/* SPDX-License-Identifier: Apache-2.0 */
/* host.c: first key, watched files, the service manager's socket. */
#include "host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/limits.h"

/* ---- first key
 * ----------------------------------------------------------------------------------------------------------
 */

static const char first_key[] =
    "{\"label\":\"first administrator\",\"roles\":[\"decide\",\"read\",\"author\",\"approve\","
    "\"audit\",\"replay\",\"admin\"]}";

/* The value of a text member of the service's own canonical JSON; secrets have no escapes. */
static cordon_str text_member(cordon_str json, const char *name) {
    char wanted[64];
    const int n = snprintf(wanted, sizeof(wanted), "\"%s\":\"", name);
    const char *at = n > 0 ? memmem(json.p, json.n, wanted, (size_t)n) : NULL;
    if (!at)
        return (cordon_str){0};
    const cordon_str rest = cdn_str(at + n, json.n - (size_t)(at + n - json.p));
    return cdn_str_split(rest, '"', &(cordon_str){0});
}

static int write_key(const char *path, cordon_str secret, cordon_error *e) {
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok = fd >= 0 && fchmod(fd, 0600) == 0;
    ok =
        ok && write(fd, secret.p, secret.n) == (ssize_t)secret.n && write(fd, "\n", 1) == 1 && fsync(fd) == 0;
    const int system = errno;
    if (fd >= 0)
        (void)close(fd);
    if (ok)
        return 0;
    (void)cdn_fail(e, CORDON_E_IO, "the first key could not be written to %s", path);
    e->system = system;
    return CORDON_E_IO;
}

int host_first_key(struct daemon *d, bool *ret_made, cordon_error *e) {
    struct cdn_service_caller local;
    const struct cdn_service_query all = {0};
    char path[CONFIG_TEXT + 16];
    struct cdn_buf out;
    uint8_t refusal = 0;
    cdn_buf_init(&out, &cdn_alloc_libc, CDN_MIB(16));
    cdn_service_local(&local);
    (void)snprintf(path, sizeof(path), "%s/admin.key", cfg(d)->data);
    int err = cdn_service_look(d->service, &local, CDN_VIEW_KEYS, &all, &out, &refusal, e);
    const bool some = !err && text_member(cdn_buf_get(&out), "key").n > 0;
    if (!err && !some) {
        cdn_buf_clear(&out);
        err = write_key(path, CDN_STR(""), e); /* before the key exists: its secret is shown once */
        if (!err)
            err = cdn_service_do(
                d->service, &local, CDN_ACT_KEY_CREATE, CDN_STR(""), CDN_STR(first_key), &out, &refusal, e);
        cordon_str secret = {0};
        if (!err)
            secret = text_member(cdn_buf_get(&out), "secret");
        if (!err && secret.n == 0)
            err = cdn_fail(e, CORDON_E_INTERNAL, "the first key has no secret");
        if (!err)
            err = write_key(path, secret, e);
        if (out.p)
            explicit_bzero(out.p, out.cap);
    }
    cdn_buf_free(&out);
    if (!err)
        *ret_made = !some;
    return err;
}

/* ---- watched files
 * ---------------------------------------------------------------------------------------------------------
 */

enum { MOST_DEPTH = 16 };

static uint64_t signature_of(const char *path, unsigned depth) {
    struct stat st;
    uint64_t sum = 0;
    if (lstat(path, &st) != 0)
        return 0;
    const uint64_t parts[] = {
        (uint64_t)st.st_ino, (uint64_t)st.st_size, (uint64_t)st.st_mtim.tv_sec, (uint64_t)st.st_mtim.tv_nsec};
    sum = cdn_hash(cdn_str((const char *)parts, sizeof(parts)), cdn_hash(cdn_str_z(path), 1));
    DIR *folder = S_ISDIR(st.st_mode) && depth < MOST_DEPTH ? opendir(path) : NULL;
    for (const struct dirent *entry = NULL;
         folder && (entry = readdir(folder)) != NULL;) { // NOLINT(concurrency-mt-unsafe)
        char name[CDN_MAX_PATH_BYTES + 1];
        if (entry->d_name[0] == '.')
            continue; /* the folder itself, the one above, an editor's */
        const int n = snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        if (n > 0 && (size_t)n < sizeof(name))
            sum += signature_of(name, depth + 1); /* a sum: the order of entries does not matter */
    }
    if (folder)
        (void)closedir(folder);
    return sum;
}

uint64_t host_signature(const char *const *paths, size_t count) {
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (paths[i] && paths[i][0])
            sum += signature_of(paths[i], 0);
    }
    return sum;
}

/* ---- the service manager
 * ------------------------------------------------------------------------------------------------------ */

void host_notify(const char *text) {
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    const size_t n = path ? strlen(path) : 0;
    if (n < 2 || n >= sizeof(to.sun_path) || (path[0] != '/' && path[0] != '@'))
        return;
    memcpy(to.sun_path, path, n);
    if (path[0] == '@')
        to.sun_path[0] = '\0';
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    const ssize_t sent = sendto(fd,
                                text,
                                strlen(text),
                                MSG_NOSIGNAL,
                                (const struct sockaddr *)&to,
                                (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
    (void)sent; /* the manager will notice by itself */
    (void)close(fd);
}
