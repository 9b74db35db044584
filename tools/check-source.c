/* SPDX-License-Identifier: Apache-2.0 */
/* check-source: what no compiler warns of.
 *
 *     check-source banned FILE…       functions that this project does not call
 *     check-source functions FILE…    length, nesting and parameters of each function
 *
 * Comments, strings and character constants are blanked first, line ends kept. `banned` has two lists: what
 * no file may call, and what library code (src/, tests excepted) may not, because a library does not log,
 * exit, read the clock or the environment. A line with the comment `allowed: REASON`, or after one, is
 * exempt. `functions` relies on clang-format: a function begins at column 0 with a line (or lines) ending in
 * `{` and ends with
 * `}` at column 0. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_WARN 800
#define LENGTH_WARN 60
#define LENGTH_FAIL 100
#define NESTING_WARN 4
#define PARAMETERS_WARN 6

static const char *const banned_everywhere[] = {
    "assert", "strcpy", "strcat", "sprintf", "vsprintf", "strtok", "strtok_r", "atoi",   "atol", "atoll",
    "atof",   "strtol", "gets",   "alloca",  "scanf",    "sscanf", "fscanf",   "system", NULL,
};
static const char *const banned_in_library[] = {
    "exit",    "_exit",  "abort",         "printf",       "puts",        "putchar",   "perror",
    "syslog",  "time",   "clock",         "getenv",       "setenv",      "setlocale", "localtime",
    "gmtime",  "mktime", "clock_gettime", "gettimeofday", "localtime_r", "socket",    "connect",
    "rand",    "random", "srand",         "qsort_r",      "strtod",      "malloc",    "calloc",
    "realloc", "free",   "strdup",        "fprintf",      NULL,
};

static unsigned failures, warnings;

static char *read_text(const char *path) {
    FILE *in = fopen(path, "rb");
    if (in == NULL) {
        perror(path);
        return NULL;
    }
    size_t n = 0, cap = 65536;
    char *text = malloc(cap);
    while (text != NULL) {
        const size_t got = fread(text + n, 1, cap - n - 1, in);
        n += got;
        if (got == 0) {
            text[n] = '\0';
            break;
        }
        if (n + 1 == cap) {
            char *larger = realloc(text, cap * 2);
            if (larger == NULL) {
                free(text);
            }
            text = larger;
            cap *= 2;
        }
    }
    (void)fclose(in);
    return text;
}

static void blank(char *from, const char *to) {
    for (; from < to; from++) {
        if (*from != '\n') {
            *from = ' ';
        }
    }
}

/* The end of the comment, string or character constant that begins at p; p itself when none does. */
static char *end_of_opaque(char *p) {
    if (p[0] == '/' && p[1] == '*') {
        char *end = strstr(p + 2, "*/");
        return end != NULL ? end + 2 : p + strlen(p);
    }
    if (p[0] == '/' && p[1] == '/') {
        return p + strcspn(p, "\n");
    }
    if (p[0] == '"' || p[0] == '\'') {
        char *q = p + 1;
        while (*q != '\0' && *q != *p && *q != '\n') {
            q += q[0] == '\\' && q[1] != '\0' ? 2 : 1;
        }
        return *q == *p ? q + 1 : q;
    }
    return p;
}

static void blank_opaque(char *text) {
    for (char *p = text; *p != '\0';) {
        char *end = end_of_opaque(p);
        if (end == p) {
            p++;
        } else {
            blank(p, end);
            p = end;
        }
    }
}

static bool listed(const char *const *list, const char *word, size_t n) {
    for (; *list != NULL; list++) {
        if (strlen(*list) == n && memcmp(*list, word, n) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_library(const char *path) {
    const char *base = strrchr(path, '/');
    base = base != NULL ? base + 1 : path;
    return strncmp(path, "src/", 4) == 0 && strncmp(base, "test_", 5) != 0 &&
           strncmp(base, "fuzz_", 5) != 0 && strncmp(base, "twin_", 5) != 0 && strncmp(base, "gen_", 4) != 0;
}

static bool is_word(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

/* Whether the line of `original` that holds offset `at`, or the one before it, says `allowed:`. */
static bool exempt(const char *original, size_t at) {
    size_t from = at;
    for (unsigned lines = 0; from > 0; from--) {
        lines += original[from - 1] == '\n';
        if (lines == 2) {
            break;
        }
    }
    const char *mark = strstr(original + from, "allowed:");
    return mark != NULL && (size_t)(mark - original) < at + strcspn(original + at, "\n");
}

static void check_banned(const char *path, const char *original, const char *text) {
    const bool library = is_library(path);
    unsigned line = 1;
    for (const char *p = text; *p != '\0'; p++) {
        line += *p == '\n';
        if (!is_word(*p) || (p > text && is_word(p[-1]))) {
            continue;
        }
        size_t n = 0;
        while (is_word(p[n])) {
            n++;
        }
        const char *after = p + n + strspn(p + n, " ");
        const bool member = p > text && (p[-1] == '.' || (p > text + 1 && p[-1] == '>' && p[-2] == '-'));
        if (*after == '(' && !member && !exempt(original, (size_t)(p - text)) &&
            (listed(banned_everywhere, p, n) || (library && listed(banned_in_library, p, n)))) {
            printf("%s:%u: %.*s() is banned%s\n",
                   path,
                   line,
                   (int)n,
                   p,
                   listed(banned_everywhere, p, n) ? "" : " in library code");
            failures++;
        }
        p += n - 1;
    }
}

static unsigned parameters_of(const char *from, const char *to) {
    const char *open = memchr(from, '(', (size_t)(to - from));
    unsigned depth = 0, commas = 0;
    for (const char *p = open; p != NULL && p < to; p++) {
        depth += *p == '(';
        commas += *p == ',' && depth == 1;
        if (*p == ')' && --depth == 0) {
            return commas + 1;
        }
    }
    return 0;
}

/* Of the name before the first parenthesis. */
static const char *name_of(const char *from, const char *to, size_t *ret_n) {
    const char *open = memchr(from, '(', (size_t)(to - from));
    const char *name = open != NULL ? open : to;
    while (name > from && is_word(name[-1])) {
        name--;
    }
    *ret_n = open != NULL ? (size_t)(open - name) : 0;
    return name;
}

struct function {
    const char *name;
    size_t name_n;
    unsigned first, parameters, depth, deepest;
};

static void report(const char *path, const struct function *f, unsigned last) {
    const unsigned length = last - f->first + 1;
    const int n = (int)f->name_n;
    if (length > LENGTH_WARN) {
        const bool hard = length > LENGTH_FAIL;
        printf("%s:%u: %s: %.*s() has %u lines (aim at %d, at most %d)\n",
               path,
               f->first,
               hard ? "error" : "warning",
               n,
               f->name,
               length,
               LENGTH_WARN,
               LENGTH_FAIL);
        failures += hard;
        warnings += !hard;
    }
    if (f->deepest > NESTING_WARN) {
        printf("%s:%u: warning: %.*s() nests %u deep (at most %d)\n",
               path,
               f->first,
               n,
               f->name,
               f->deepest,
               NESTING_WARN);
        warnings++;
    }
    if (f->parameters > PARAMETERS_WARN) {
        printf("%s:%u: warning: %.*s() has %u parameters (at most %d)\n",
               path,
               f->first,
               n,
               f->name,
               f->parameters,
               PARAMETERS_WARN);
        warnings++;
    }
}

static void check_functions(const char *path, const char *text) {
    struct function f = {0};
    bool inside = false;
    unsigned line = 0, head_line = 0;
    const char *head = NULL; /* start of the declaration at column 0 */
    for (const char *p = text; *p != '\0';) {
        const size_t n = strcspn(p, "\n");
        size_t end = n;
        while (end > 0 && p[end - 1] == ' ') {
            end--;
        }
        line++;
        if (!inside) {
            if (end > 0 && (isalpha((unsigned char)p[0]) || p[0] == '_')) {
                head = p;
                head_line = line;
            }
            if (head != NULL && end > 0 && p[end - 1] == '{' &&
                memchr(head, '(', (size_t)(p + end - head)) != NULL &&
                memchr(head, '=', (size_t)(p + end - head)) == NULL) {
                f = (struct function){.first = head_line, .parameters = parameters_of(head, p + end)};
                f.name = name_of(head, p + end, &f.name_n);
                inside = true;
            } else if (end > 0 && (p[end - 1] == ';' || p[end - 1] == '}')) {
                head = NULL;
            }
        } else if (p[0] == '}') {
            report(path, &f, line);
            inside = false;
            head = NULL;
        } else {
            const size_t indent = strspn(p, " ");
            if (indent < end && p[indent] == '}' && f.depth > 0) {
                f.depth--;
            }
            if (end > 0 && p[end - 1] == '{') {
                f.depth++;
                f.deepest = f.depth > f.deepest ? f.depth : f.deepest;
            }
        }
        p += n + (p[n] == '\n');
    }
    if (line > FILE_WARN) {
        printf("%s: warning: %u lines (aim at %d)\n", path, line, FILE_WARN);
        warnings++;
    }
}

int main(int argc, char **argv) {
    const bool banned = argc > 1 && strcmp(argv[1], "banned") == 0;
    if (argc < 2 || (!banned && strcmp(argv[1], "functions") != 0)) {
        (void)fprintf(stderr, "usage: check-source banned|functions FILE…\n");
        return 2;
    }
    for (int i = 2; i < argc; i++) {
        char *original = read_text(argv[i]);
        char *text = read_text(argv[i]);
        if (original == NULL || text == NULL) {
            failures++;
        } else {
            blank_opaque(text);
            if (banned) {
                check_banned(argv[i], original, text);
            } else {
                check_functions(argv[i], text);
            }
        }
        free(original);
        free(text);
    }
    printf("%s: %d files, %u errors, %u warnings\n", argv[1], argc - 2, failures, warnings);
    return failures != 0;
}
