/* SPDX-License-Identifier: Apache-2.0 */
/* shared.c: where tests find their files. */
#include "support/shared.h"

#include "support/fault.h"

#include <stdlib.h>
#include <unistd.h>

static void join(char ret[CDN_PATH], const char *root, const char *middle, const char *relative) {
    const int n = snprintf(ret, CDN_PATH, "%s/%s%s", root, middle, relative);
    if (n < 0 || n >= CDN_PATH) {
        fail_msg("path too long: %s/%s%s", root, middle, relative);
    }
}

static const char *root_of(const char *variable) {
    const char *root = getenv(variable);
    return root != NULL && *root != '\0' ? root : ".";
}

void cdn_source_path(char ret[CDN_PATH], const char *relative) {
    join(ret, root_of("CORDON_ROOT"), "", relative);
}

void cdn_build_path(char ret[CDN_PATH], const char *relative) {
    join(ret, root_of("CORDON_BUILD"), "", relative);
}

bool cdn_shared_find(char ret[CDN_PATH], const char *relative) {
    char path[CDN_PATH];
    const char *named = getenv("CORDON_SHARED");
    if (named != NULL && *named != '\0') {
        join(path, named, "", relative);
        if (access(path, R_OK) == 0) {
            join(ret, named, "", relative);
            return true;
        }
    }
    static const char *const places[] = {"../shared/", "../../shared/", "../../../shared/"};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        join(path, root_of("CORDON_ROOT"), places[i], relative);
        if (access(path, R_OK) == 0) {
            join(ret, root_of("CORDON_ROOT"), places[i], relative);
            return true;
        }
    }
    return false;
}

void cdn_shared_or_skip(char ret[CDN_PATH], const char *relative) {
    if (!cdn_shared_find(ret, relative)) {
        printf("# SKIPPED: %s is not here; set CORDON_SHARED to the folder that holds it\n", relative);
        (void)fflush(stdout);
        skip();
    }
}

uint8_t *cdn_read_file(const char *path, size_t *ret_size) {
    FILE *in = fopen(path, "rb");
    if (in == NULL) {
        return NULL;
    }
    uint8_t *bytes = NULL;
    long size = -1;
    if (fseek(in, 0, SEEK_END) == 0) {
        size = ftell(in);
    }
    if (size >= 0 && fseek(in, 0, SEEK_SET) == 0) {
        const size_t n = (size_t)size;
        bytes = malloc(n == 0 ? 1 : n);
        if (bytes != NULL && fread(bytes, 1, n, in) != n) {
            free(bytes);
            bytes = NULL;
        }
        if (bytes != NULL) {
            *ret_size = n;
        }
    }
    (void)fclose(in);
    return bytes;
}
