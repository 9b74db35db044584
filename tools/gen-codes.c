/* SPDX-License-Identifier: Apache-2.0 */
/* gen-codes.c: writes src/places' ISO tables as C from the JSON files of iso-codes. Runs at build time.
 *
 *     gen-codes /usr/share/iso-codes/json OUTPUT.c
 *
 * Every row is checked on the way (form, order, uniqueness, parents that exist); anything unexpected ends the
 * build with its reason, because a table that is quietly short would decide wrongly. Rows are sorted, so
 * that the output depends on the content of the input only. Names are folded here with the same code that
 * folds at run time. Added to ISO: XK (Kosovo), user-assigned; minor units of currencies, which iso-codes
 * lacks (below, from ISO 4217 list one). */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "places/codes_fold.h"
#include "places/codes_tables.h"

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    (void)fputs("gen-codes: ", stderr);
    (void)vfprintf(stderr, fmt, ap);
    (void)fputc('\n', stderr);
    va_end(ap);
    exit(1);
}

static json_t *load(const char *dir, const char *file, const char *key) {
    char path[4096];
    const int n = snprintf(path, sizeof path, "%s/%s", dir, file);
    if (n < 0 || (size_t)n >= sizeof path) {
        die("path too long");
    }
    json_error_t error;
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) {
        die("%s:%d: %s", path, error.line, error.text);
    }
    json_t *rows = json_object_get(root, key);
    if (!json_is_array(rows) || json_array_size(rows) == 0) {
        die("%s: no array \"%s\"", path, key);
    }
    return rows; /* borrowed from root, which lives until exit */
}

/* A member's text; NULL when it is absent. */
static const char *text(const json_t *row, const char *key) {
    return json_string_value(json_object_get(row, key));
}

static const char *need(const json_t *row, const char *key) {
    const char *z = text(row, key);
    if (z == NULL || *z == '\0') {
        die("a row lacks \"%s\"", key);
    }
    return z;
}

static void *zeroed(size_t n, size_t size) {
    void *p = calloc(n, size);
    if (p == NULL) {
        die("out of memory");
    }
    return p;
}

static uint16_t country_code(const char *z) {
    if (strlen(z) != 2 || z[0] < 'A' || z[0] > 'Z' || z[1] < 'A' || z[1] > 'Z') {
        die("\"%s\" is no alpha-2 code", z);
    }
    return CDN_COUNTRY(z[0], z[1]);
}

static uint16_t numeric_code(const char *z) {
    unsigned v = 0;
    if (z == NULL) {
        return 0;
    }
    if (strlen(z) != 3) {
        die("\"%s\" is no numeric code", z);
    }
    for (; *z != '\0'; z++) {
        if (*z < '0' || *z > '9') {
            die("no numeric code");
        }
        v = v * 10 + (unsigned)(*z - '0');
    }
    return (uint16_t)v;
}

static void put_string(FILE *out, const char *z) {
    (void)fputc('"', out);
    for (; *z != '\0'; z++) {
        const unsigned c = (uint8_t)*z;
        if (c == '"' || c == '\\') {
            (void)fprintf(out, "\\%c", (int)c);
        } else if (c < 0x20 || c >= 0x7F) {
            (void)fprintf(out, "\\%03o", c);
        } else {
            (void)fputc((int)c, out);
        }
    }
    (void)fputc('"', out);
}

static void put_pair(FILE *out, uint16_t code) {
    (void)fprintf(out, "0x%04X", (unsigned)code);
}

/* ---- countries ------------------------------------------------------------------------------------ */

static struct cdn_country *countries;
static size_t country_count;

static int by_country(const void *a, const void *b) {
    const struct cdn_country *x = a, *y = b;
    return (x->code > y->code) - (x->code < y->code);
}

static const struct cdn_country *find_country(uint16_t code) {
    const struct cdn_country key = {.code = code};
    return bsearch(&key, countries, country_count, sizeof *countries, by_country);
}

static void read_countries(const char *dir) {
    json_t *rows = load(dir, "iso_3166-1.json", "3166-1");
    const size_t n = json_array_size(rows);
    countries = zeroed(n + 1, sizeof *countries);
    for (size_t i = 0; i < n; i++) {
        const json_t *row = json_array_get(rows, i);
        struct cdn_country *c = &countries[country_count++];
        const char *alpha3 = need(row, "alpha_3");
        if (strlen(alpha3) != 3) {
            die("\"%s\" is no alpha-3 code", alpha3);
        }
        c->code = country_code(need(row, "alpha_2"));
        memcpy(c->alpha3, alpha3, 3);
        c->numeric = numeric_code(need(row, "numeric"));
        c->name = need(row, "name");
        c->common = text(row, "common_name");
        c->official = text(row, "official_name");
        if (c->code == CDN_COUNTRY('R', 'U') && c->common == NULL) {
            c->common = "Russia"; /* ISO's short name is the long one here */
        }
    }
    countries[country_count++] =
        (struct cdn_country){CDN_COUNTRY('X', 'K'), 0, "XKX", "Kosovo", NULL, "Republic of Kosovo"};
    qsort(countries, country_count, sizeof *countries, by_country);
    for (size_t i = 0; i < country_count; i++) {
        if (i > 0 && countries[i - 1].code == countries[i].code) {
            die("country %s twice", countries[i].alpha3);
        }
    }
}

static void write_countries(FILE *out) {
    (void)fputs("const struct cdn_country cdn_places_countries[] = {\n", out);
    for (size_t i = 0; i < country_count; i++) {
        const struct cdn_country *c = &countries[i];
        (void)fputs("    {", out);
        put_pair(out, c->code);
        (void)fprintf(out, ", %u, \"%s\", ", (unsigned)c->numeric, c->alpha3);
        put_string(out, c->name);
        (void)fputs(", ", out);
        put_string(out, c->common != NULL ? c->common : c->name);
        (void)fputs(", ", out);
        put_string(out, c->official != NULL ? c->official : c->name);
        (void)fputs("},\n", out);
    }
    (void)fprintf(out, "};\nconst size_t cdn_places_country_count = %zu;\n\n", country_count);
}

/* ---- former countries ------------------------------------------------------------------------------ */

static struct cdn_former_country *formers;
static size_t former_count;

static int by_alpha4(const void *a, const void *b) {
    const struct cdn_former_country *x = a, *y = b;
    return memcmp(x->alpha4, y->alpha4, 4);
}

static void read_formers(const char *dir) {
    json_t *rows = load(dir, "iso_3166-3.json", "3166-3");
    const size_t n = json_array_size(rows);
    formers = zeroed(n, sizeof *formers);
    for (size_t i = 0; i < n; i++) {
        const json_t *row = json_array_get(rows, i);
        struct cdn_former_country *f = &formers[former_count++];
        const char *alpha4 = need(row, "alpha_4");
        const char *alpha3 = need(row, "alpha_3");
        if (strlen(alpha4) != 4 || strlen(alpha3) != 3) {
            die("\"%s\" is no former country", alpha4);
        }
        memcpy(f->alpha4, alpha4, 4);
        memcpy(f->alpha3, alpha3, 3);
        f->code = country_code(need(row, "alpha_2"));
        f->numeric = numeric_code(text(row, "numeric"));
        f->name = need(row, "name");
        f->withdrawn = need(row, "withdrawal_date");
    }
    qsort(formers, former_count, sizeof *formers, by_alpha4);
}

static void write_formers(FILE *out) {
    (void)fputs("const struct cdn_former_country cdn_places_formers[] = {\n", out);
    for (size_t i = 0; i < former_count; i++) {
        const struct cdn_former_country *f = &formers[i];
        (void)fprintf(out, "    {\"%s\", \"%s\", ", f->alpha4, f->alpha3);
        put_pair(out, f->code);
        (void)fprintf(out, ", %u, ", (unsigned)f->numeric);
        put_string(out, f->name);
        (void)fputs(", ", out);
        put_string(out, f->withdrawn);
        (void)fputs("},\n", out);
    }
    (void)fprintf(out, "};\nconst size_t cdn_places_former_count = %zu;\n\n", former_count);
}

/* ---- names ---------------------------------------------------------------------------------------- */

enum rank { FROM_ISO, FROM_ALIAS, FROM_AMBIGUOUS };
static struct name {
    struct cdn_places_name row;
    enum rank rank;
} * names;
static size_t name_count;
#define NAMES_MAX 4096

static void add_name(const char *name, uint16_t a, uint16_t b, uint16_t former, enum rank rank) {
    char folded[CDN_PLACES_FOLD_MAX];
    const size_t n = cdn_places_fold(cdn_str_z(name), folded);
    if (n == SIZE_MAX || n == 0) {
        die("\"%s\" cannot be folded", name);
    }
    for (size_t i = 0; i < name_count; i++) {
        struct name *old = &names[i];
        if (strcmp(old->row.folded, folded) != 0) {
            continue;
        }
        if (rank == FROM_AMBIGUOUS) {
            old->row = (struct cdn_places_name){old->row.folded, a, b, 0};
            old->rank = rank;
        } else if (old->rank != FROM_AMBIGUOUS &&
                   (old->row.a != a || old->row.b != b || old->row.former != former)) {
            die("\"%s\" is two countries; say so with AMBIGUOUS", name);
        }
        return;
    }
    if (name_count == NAMES_MAX) {
        die("too many names");
    }
    char *copy = zeroed(n + 1, 1);
    memcpy(copy, folded, n);
    names[name_count++] = (struct name){{copy, a, b, former}, rank};
}

/* "Korea, Republic of" is also "Republic of Korea" and, as an index word, not "Korea" alone. */
static void add_inverted(const char *name, uint16_t code) {
    const char *comma = strstr(name, ", ");
    char turned[CDN_PLACES_FOLD_MAX];
    if (comma == NULL || strstr(comma + 2, ", ") != NULL || strstr(comma, " and ") != NULL) {
        return;
    }
    const int n = snprintf(turned, sizeof turned, "%s %.*s", comma + 2, (int)(comma - name), name);
    if (n > 0 && (size_t)n < sizeof turned) {
        add_name(turned, code, 0, 0, FROM_ISO);
    }
}

static uint16_t known(const char *z) {
    const uint16_t code = country_code(z);
    if (find_country(code) == NULL) {
        die("country_names.def: %s is no country", z);
    }
    return code;
}

static uint16_t known_former(const char *alpha4) {
    for (size_t i = 0; i < former_count; i++) {
        if (strcmp(formers[i].alpha4, alpha4) == 0) {
            return (uint16_t)i;
        }
    }
    die("country_names.def: %s is no former country", alpha4);
}

static int by_folded(const void *a, const void *b) {
    const struct name *x = a, *y = b;
    return strcmp(x->row.folded, y->row.folded);
}

static void make_names(void) {
    names = zeroed(NAMES_MAX, sizeof *names);
#define NAME(name, code) add_name(name, known(code), 0, 0, FROM_ALIAS);
#define AMBIGUOUS(name, one, other) add_name(name, known(one), known(other), 0, FROM_AMBIGUOUS);
#define FORMER(name, alpha4) add_name(name, 0, 0, known_former(alpha4), FROM_ALIAS);
#include "places/country_names.def"
    for (size_t i = 0; i < country_count; i++) {
        const struct cdn_country *c = &countries[i];
        add_name(c->name, c->code, 0, 0, FROM_ISO);
        add_inverted(c->name, c->code);
        if (c->common != NULL) {
            add_name(c->common, c->code, 0, 0, FROM_ISO);
        }
        if (c->official != NULL) {
            add_name(c->official, c->code, 0, 0, FROM_ISO);
        }
    }
    qsort(names, name_count, sizeof *names, by_folded);
}

static void write_names(FILE *out) {
    (void)fputs("const struct cdn_places_name cdn_places_names[] = {\n", out);
    for (size_t i = 0; i < name_count; i++) {
        const struct cdn_places_name *r = &names[i].row;
        (void)fputs("    {", out);
        put_string(out, r->folded);
        (void)fprintf(out, ", 0x%04X, 0x%04X, %u},\n", (unsigned)r->a, (unsigned)r->b, (unsigned)r->former);
    }
    (void)fprintf(out, "};\nconst size_t cdn_places_name_count = %zu;\n\n", name_count);
}

/* ---- regions -------------------------------------------------------------------------------------- */

static struct cdn_region *regions;
static size_t region_count;

static int by_region(const void *a, const void *b) {
    const struct cdn_region *x = a, *y = b;
    return (x->code > y->code) - (x->code < y->code);
}

static uint32_t region_code(const char *z) {
    const uint32_t code = cdn_places_pack_region(cdn_str_z(z));
    if (code == 0 || find_country((uint16_t)(code >> 16)) == NULL) {
        die("\"%s\" is no region code", z);
    }
    return code;
}

static void read_regions(const char *dir) {
    json_t *rows = load(dir, "iso_3166-2.json", "3166-2");
    const size_t n = json_array_size(rows);
    regions = zeroed(n, sizeof *regions);
    for (size_t i = 0; i < n; i++) {
        const json_t *row = json_array_get(rows, i);
        struct cdn_region *r = &regions[region_count++];
        const char *code = need(row, "code");
        const char *parent = text(row, "parent");
        r->code = region_code(code);
        if (parent != NULL) { /* written "NX" or "AZ-NX" */
            char whole[8];
            const bool is_whole = strlen(parent) > 3 && parent[2] == '-';
            (void)snprintf(whole, sizeof whole, "%.3s%.3s", code, is_whole ? parent + 3 : parent);
            r->parent = region_code(whole);
        }
        r->name = need(row, "name");
        r->type = need(row, "type");
    }
    qsort(regions, region_count, sizeof *regions, by_region);
    for (size_t i = 0; i < region_count; i++) {
        const struct cdn_region key = {.code = regions[i].parent};
        if (i > 0 && regions[i - 1].code == regions[i].code) {
            die("region \"%s\" twice", regions[i].name);
        }
        if (key.code != 0 && bsearch(&key, regions, region_count, sizeof *regions, by_region) == NULL) {
            die("the parent of \"%s\" is not there", regions[i].name);
        }
    }
}

static void write_regions(FILE *out) {
    (void)fputs("const struct cdn_region cdn_places_regions[] = {\n", out);
    for (size_t i = 0; i < region_count; i++) {
        const struct cdn_region *r = &regions[i];
        (void)fprintf(out, "    {0x%08XU, 0x%08XU, ", (unsigned)r->code, (unsigned)r->parent);
        put_string(out, r->name);
        (void)fputs(", ", out);
        put_string(out, r->type);
        (void)fputs("},\n", out);
    }
    (void)fprintf(out, "};\nconst size_t cdn_places_region_count = %zu;\n\n", region_count);
}

/* ---- currencies ----------------------------------------------------------------------------------- */

/* Minor units other than two digits. '-' stands for "not applicable". */
static const struct {
    const char *code;
    char minor;
} minor_units[] = {{"BHD", '3'}, {"BIF", '0'}, {"CLF", '4'}, {"CLP", '0'}, {"DJF", '0'}, {"GNF", '0'},
                   {"IQD", '3'}, {"ISK", '0'}, {"JOD", '3'}, {"JPY", '0'}, {"KMF", '0'}, {"KRW", '0'},
                   {"KWD", '3'}, {"LYD", '3'}, {"OMR", '3'}, {"PYG", '0'}, {"RWF", '0'}, {"TND", '3'},
                   {"UGX", '0'}, {"UYI", '0'}, {"UYW", '4'}, {"VND", '0'}, {"VUV", '0'}, {"XAF", '0'},
                   {"XAG", '-'}, {"XAU", '-'}, {"XBA", '-'}, {"XBB", '-'}, {"XBC", '-'}, {"XBD", '-'},
                   {"XDR", '-'}, {"XOF", '0'}, {"XPD", '-'}, {"XPF", '0'}, {"XPT", '-'}, {"XSU", '-'},
                   {"XTS", '-'}, {"XUA", '-'}, {"XXX", '-'}};

static struct cdn_currency *currencies;
static size_t currency_count;

static int by_currency(const void *a, const void *b) {
    const struct cdn_currency *x = a, *y = b;
    return (x->code > y->code) - (x->code < y->code);
}

static void read_currencies(const char *dir) {
    json_t *rows = load(dir, "iso_4217.json", "4217");
    const size_t n = json_array_size(rows);
    size_t with_minor = 0;
    currencies = zeroed(n, sizeof *currencies);
    for (size_t i = 0; i < n; i++) {
        const json_t *row = json_array_get(rows, i);
        struct cdn_currency *c = &currencies[currency_count++];
        const char *z = need(row, "alpha_3");
        if (strlen(z) != 3 || z[0] < 'A' || z[0] > 'Z' || z[1] < 'A' || z[1] > 'Z' || z[2] < 'A' ||
            z[2] > 'Z') {
            die("\"%s\" is no currency code", z);
        }
        c->code = CDN_CURRENCY(z[0], z[1], z[2]);
        c->numeric = numeric_code(need(row, "numeric"));
        c->name = need(row, "name");
        c->minor = 2;
        for (size_t m = 0; m < CDN_ARRAY_LEN(minor_units); m++) {
            if (strcmp(minor_units[m].code, z) == 0) {
                c->minor = (int8_t)(minor_units[m].minor == '-' ? -1 : minor_units[m].minor - '0');
                with_minor++;
            }
        }
    }
    if (with_minor != CDN_ARRAY_LEN(minor_units)) {
        die("a currency of the table of minor units is not in iso-codes");
    }
    qsort(currencies, currency_count, sizeof *currencies, by_currency);
}

static void write_currencies(FILE *out) {
    (void)fputs("const struct cdn_currency cdn_places_currencies[] = {\n", out);
    for (size_t i = 0; i < currency_count; i++) {
        const struct cdn_currency *c = &currencies[i];
        (void)fprintf(out, "    {0x%04X, %u, %d, ", (unsigned)c->code, (unsigned)c->numeric, c->minor);
        put_string(out, c->name);
        (void)fputs("},\n", out);
    }
    (void)fprintf(out, "};\nconst size_t cdn_places_currency_count = %zu;\n", currency_count);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        die("usage: gen-codes JSON-DIRECTORY OUTPUT");
    }
    read_countries(argv[1]);
    read_formers(argv[1]);
    make_names();
    read_regions(argv[1]);
    read_currencies(argv[1]);
    FILE *out = fopen(argv[2], "wb");
    if (out == NULL) {
        die("%s: cannot be written", argv[2]);
    }
    (void)fputs("/* Made by tools/gen-codes.c from iso-codes. Do not edit. */\n"
                "#include \"places/codes_tables.h\"\n\n",
                out);
    write_countries(out);
    write_formers(out);
    write_names(out);
    write_regions(out);
    write_currencies(out);
    if (ferror(out) != 0 || fclose(out) != 0) {
        die("%s: cannot be written", argv[2]);
    }
    return 0;
}
