/* SPDX-License-Identifier: Apache-2.0 */
/* file.c: the machine's own files behind the table of file.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/file.h"

struct cdn_file_dir {
    int fd, lock;
};

static int answer(int r) {
    return r < 0 ? -errno : r;
}

static int real_root(void *ctx, const char *path, bool create, struct cdn_file_dir **ret) {
    (void)ctx;
    if (create && mkdir(path, 0700) != 0 && errno != EEXIST)
        return -errno;
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    struct cdn_file_dir *dir = cdn_alloc(&cdn_alloc_libc, sizeof(*dir));
    if (!dir) {
        (void)close(fd);
        return -ENOMEM;
    }
    *dir = (struct cdn_file_dir){.fd = fd, .lock = -1};
    *ret = dir;
    return 0;
}

static void real_leave(void *ctx, struct cdn_file_dir *dir) {
    (void)ctx;
    if (dir->lock >= 0)
        (void)close(dir->lock);
    (void)close(dir->fd);
    cdn_free(&cdn_alloc_libc, dir, sizeof(*dir));
}

static int real_lock(void *ctx, struct cdn_file_dir *dir, const char *path) {
    (void)ctx;
    const int fd = openat(dir->fd, path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const int err = -errno;
        (void)close(fd);
        return err;
    }
    dir->lock = fd;
    return 0;
}

static int real_open(void *ctx, struct cdn_file_dir *dir, const char *path, unsigned flags) {
    (void)ctx;
    int how = O_CLOEXEC | ((flags & (CDN_FILE_WRITE | CDN_FILE_CREATE)) ? O_RDWR : O_RDONLY);
    if (flags & CDN_FILE_CREATE)
        how |= O_CREAT | ((flags & CDN_FILE_EXCLUSIVE) ? O_EXCL : O_TRUNC);
    int fd;
    do {
        fd = openat(dir->fd, path, how, 0600);
    } while (fd < 0 && errno == EINTR);
    return answer(fd);
}

static void real_close(void *ctx, int file) {
    (void)ctx;
    (void)close(file);
}

static int64_t real_size(void *ctx, int file) {
    (void)ctx;
    struct stat st;
    return fstat(file, &st) != 0 ? -errno : (int64_t)st.st_size;
}

static int64_t real_read(void *ctx, int file, void *p, size_t n, uint64_t at) {
    (void)ctx;
    ssize_t got;
    do {
        got = pread(file, p, n, (off_t)at);
    } while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : (int64_t)got;
}

static int64_t real_write(void *ctx, int file, const void *p, size_t n, uint64_t at) {
    (void)ctx;
    ssize_t put;
    do {
        put = pwrite(file, p, n, (off_t)at);
    } while (put < 0 && errno == EINTR);
    return put < 0 ? -errno : (int64_t)put;
}

static int real_cut(void *ctx, int file, uint64_t size) {
    (void)ctx;
    return answer(ftruncate(file, (off_t)size));
}

static int real_sync(void *ctx, int file) {
    (void)ctx;
    return answer(fdatasync(file)); /* never repeated after a failure: the second one would succeed falsely */
}

static int real_sync_dir(void *ctx, struct cdn_file_dir *dir, const char *path) {
    (void)ctx;
    const int fd = openat(dir->fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    const int err = answer(fsync(fd));
    (void)close(fd);
    return err;
}

static int real_sync_all(void *ctx, struct cdn_file_dir *dir) {
    (void)ctx;
    return answer(syncfs(dir->fd));
}

static int real_make_dir(void *ctx, struct cdn_file_dir *dir, const char *path) {
    (void)ctx;
    return mkdirat(dir->fd, path, 0700) != 0 && errno != EEXIST ? -errno : 0;
}

static int real_rename(void *ctx, struct cdn_file_dir *dir, const char *from, const char *to) {
    (void)ctx;
    return answer(renameat(dir->fd, from, dir->fd, to));
}

static int real_link(void *ctx, struct cdn_file_dir *dir, const char *from, const char *to) {
    (void)ctx;
    return answer(linkat(dir->fd, from, dir->fd, to, 0));
}

static int real_remove(void *ctx, struct cdn_file_dir *dir, const char *path) {
    (void)ctx;
    if (unlinkat(dir->fd, path, 0) == 0)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        return -errno;
    return answer(unlinkat(dir->fd, path, AT_REMOVEDIR));
}

static int real_list(void *ctx,
                     struct cdn_file_dir *dir,
                     const char *path,
                     int (*each)(void *each_ctx, const char *name),
                     void *each_ctx) {
    (void)ctx;
    const int fd = openat(dir->fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    DIR *d = fdopendir(fd);
    if (!d) {
        const int err = -errno;
        (void)close(fd);
        return err;
    }
    int err = 0;
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(d);
        if (!entry) {
            err = -errno;
            break;
        }
        if (entry->d_name[0] != '.' && (err = each(each_ctx, entry->d_name)) != 0)
            break;
    }
    (void)closedir(d);
    return err;
}

const struct cdn_file_ops cdn_file_real = {
    .root = real_root,
    .leave = real_leave,
    .lock = real_lock,
    .open = real_open,
    .close = real_close,
    .size = real_size,
    .read = real_read,
    .write = real_write,
    .cut = real_cut,
    .sync = real_sync,
    .sync_dir = real_sync_dir,
    .sync_all = real_sync_all,
    .make_dir = real_make_dir,
    .rename = real_rename,
    .link = real_link,
    .remove = real_remove,
    .list = real_list,
};
