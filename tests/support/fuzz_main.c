/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_main.c: replays a corpus through a fuzz target, for builds without a fuzzing engine.
 *
 *     fuzz-base-utf8 FILE-OR-FOLDER…
 *
 * Each input is handed over in a heap block of exactly its size, so that a sanitizer or valgrind sees a read
 * past its end. Every prefix of a short input is an input, too: truncation is the commonest damage. A folder
 * that is absent or empty is an error, so that a target cannot lose its corpus unnoticed. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PREFIXES_BELOW 512

static size_t replayed;

static void run_copy(const uint8_t *data, size_t size) {
    uint8_t *copy = malloc(size == 0 ? 1 : size);
    if (copy == NULL) {
        perror("malloc");
        exit(2);
    }
    if (size != 0) {
        memcpy(copy, data, size);
    }
    /* An empty input has no readable byte at all. */
    (void)LLVMFuzzerTestOneInput(size == 0 ? copy + 1 : copy, size);
    free(copy);
    replayed++;
}

static int run_file(const char *path) {
    FILE *in = fopen(path, "rb");
    if (in == NULL) {
        (void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return 1;
    }
    struct stat st = {0}; /* MSan of clang 14 does not see that fstat fills it */
    uint8_t *bytes = NULL;
    int failed = 1;
    if (fstat(fileno(in), &st) == 0 && st.st_size >= 0) {
        const size_t n = (size_t)st.st_size;
        bytes = malloc(n == 0 ? 1 : n);
        if (bytes != NULL && fread(bytes, 1, n, in) == n) {
            run_copy(bytes, n);
            for (size_t cut = 0; n < PREFIXES_BELOW && cut < n; cut++) {
                run_copy(bytes, cut);
            }
            failed = 0;
        }
    }
    free(bytes);
    (void)fclose(in);
    if (failed) {
        (void)fprintf(stderr, "%s: cannot be read\n", path);
    }
    return failed;
}

static int run_path(const char *path) {
    DIR *dir = opendir(path);
    if (dir == NULL) {
        return errno == ENOTDIR ? run_file(path) : (perror(path), 1);
    }
    int failed = 0;
    size_t files = 0;
    for (const struct dirent *entry = readdir(dir); entry != NULL;
         entry = readdir(dir)) { // NOLINT(concurrency-mt-unsafe)
        if (entry->d_name[0] == '.') {
            continue;
        }
        char file[4096];
        const int n = snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        if (n < 0 || (size_t)n >= sizeof file) {
            failed = 1;
            continue;
        }
        failed |= run_file(file);
        files++;
    }
    (void)closedir(dir);
    if (files == 0) {
        (void)fprintf(stderr, "%s: no inputs\n", path);
        return 1;
    }
    return failed;
}

int main(int argc, char **argv) {
    int failed = argc < 2;
    for (int i = 1; i < argc; i++) {
        failed |= run_path(argv[i]);
    }
    printf("%zu inputs\n", replayed);
    return failed;
}
