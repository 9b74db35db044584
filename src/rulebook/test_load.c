/* SPDX-License-Identifier: Apache-2.0 */
/* test_load.c: the examples of docs/measure-language.md load, and mean what the page says. */
#include "support/rulebook_case.h"

#include <stdio.h>

/* All blocks of one kind ("measure", "condition", "outcome") of the page, one after the other. */
static void blocks(cordon_str page, const char *kind, struct cdn_buf *out) {
    char fence[40];
    (void)snprintf(fence, sizeof(fence), "```%s", kind);
    bool inside = false;
    while (page.n > 0) {
        const cordon_str line = cdn_str_split(page, '\n', &page);
        if (cdn_str_eq(line, cdn_str_z(fence))) {
            inside = true;
        } else if (inside && cdn_str_eq(line, CDN_STR("```"))) {
            inside = false;
            cdn_buf_char(out, '\n');
        } else if (inside) {
            cdn_buf_str(out, line);
            cdn_buf_char(out, '\n');
        }
    }
}

/* Each line of a block as the clause of a measure of its own. */
static unsigned wrap(cordon_str lines, const char *prefix, const char *keyword, struct cdn_buf *out) {
    unsigned n = 0;
    while (lines.n > 0) {
        const cordon_str line = cdn_str_split(lines, '\n', &lines);
        if (line.n == 0)
            continue;
        cdn_buf_printf(out,
                       "measure doc/%s-%u\n    basis policy of amazon\n    effective 2022-03-05 UTC\n",
                       prefix,
                       n++);
        if (keyword[0])
            cdn_buf_z(out, "    deny doc.any on aws\n");
        cdn_buf_printf(out, "    %s %.*s\n", keyword, CDN_FMT(line));
    }
    return n;
}

struct page {
    cordon_str text;
    struct cdn_buf book, single, lines;
    struct loaded l;
    unsigned conditions, outcomes;
};

static void open_page(struct page *pg, const struct cordon_alloc *alloc) {
    pg->text = source_file("docs/measure-language.md");
    cdn_buf_init(&pg->book, &cdn_alloc_libc, 1 << 20);
    cdn_buf_init(&pg->single, &cdn_alloc_libc, 1 << 20);
    cdn_buf_init(&pg->lines, &cdn_alloc_libc, 1 << 20);
    blocks(pg->text, "measure", &pg->book);
    cdn_buf_z(&pg->single,
              "action doc.any needs customer may owner, shareholder, viewer, recipient, issuing_bank, "
              "merchant, goods, payment, booking, content, debt\n");
    blocks(pg->text, "condition", &pg->lines);
    pg->conditions = wrap(cdn_buf_get(&pg->lines), "condition", "when", &pg->single);
    cdn_buf_clear(&pg->lines);
    blocks(pg->text, "outcome", &pg->lines);
    pg->outcomes = wrap(cdn_buf_get(&pg->lines), "outcome", "", &pg->single);
    load_with(alloc, &pg->l, cdn_buf_get(&pg->book), cdn_buf_get(&pg->single));
}

static void close_page(struct page *pg) {
    free((void *)(uintptr_t)pg->text.p);
    cdn_buf_free(&pg->book);
    cdn_buf_free(&pg->single);
    cdn_buf_free(&pg->lines);
    loaded_free(&pg->l);
}

static const struct cdn_measure *measure(const struct cdn_rulebook *rb, const char *id) {
    for (uint32_t i = 0; i < rb->measure_count; i++) {
        if (cdn_str_eq(rb->measures[i].id, cdn_str_z(id)))
            return &rb->measures[i];
    }
    fail_msg("no measure %s", id);
    return &rb->measures[0];
}

static int the_page_loads(const struct cordon_alloc *alloc) {
    struct page pg;
    open_page(&pg, alloc);
    const int err = pg.l.err;
    if (err != 0 && err != CORDON_E_NOMEM) {
        struct cdn_buf b;
        cdn_buf_init(&b, &cdn_alloc_libc, 1 << 20);
        show(&pg.l, &b);
        fail_msg("%.*s", CDN_FMT(cdn_buf_get(&b)));
    }
    if (err == 0) {
        assert_true(pg.conditions >= 15 && pg.outcomes >= 5);
        assert_int_equal(pg.l.rb->measure_count, 7 + pg.conditions + pg.outcomes);
        assert_int_equal(pg.l.rb->scenario_count, 2);
        assert_int_equal(pg.l.rb->territory_count, 4);
        assert_int_equal(pg.l.diags.count, 0);
    }
    close_page(&pg);
    return err;
}

static void a_measure_means_what_it_says(void **state) {
    (void)state;
    struct page pg;
    open_page(&pg, &cdn_alloc_libc);
    assert_int_equal(pg.l.err, 0);
    const struct cdn_measure *m = measure(pg.l.rb, "amazon/aws-new-customers");
    assert_int_equal(m->effective.at, 1646456400); /* 2022-03-05T05:00:00Z */
    assert_true(cdn_str_eq(m->effective.zone, CDN_STR("America/New_York")));
    assert_true(cdn_str_eq(m->effective.written, CDN_STR("2022-03-05T00:00")));
    assert_int_equal(m->announced.zone.n, 0);
    assert_int_equal(m->basis, CDN_BASIS_POLICY);
    assert_int_equal(m->standard, CDN_STANDARD_TWO_KINDS);
    assert_int_equal(m->if_unknown, CORDON_VERDICT_HOLD);
    assert_int_equal(m->if_contradictory, CORDON_VERDICT_HOLD);
    assert_int_equal(m->except_count, 2);
    assert_int_equal(m->release_count, 2);
    assert_int_equal(m->keeps[0].action_count, 2);
    assert_true(cdn_str_eq(m->sources[0].accessed, CDN_STR("2026-09-01")));
    const struct cdn_outcome *o = &m->outcomes[0];
    assert_int_equal(o->scope, CDN_SCOPE_ACCOUNT);
    assert_int_equal(o->form, CDN_FORM_REFUSE);
    assert_int_equal(o->subject.kind, CDN_SUBJECT_ROLE);
    assert_int_equal(o->subject.index, CDN_ROLE_CUSTOMER);
    assert_int_equal(m->when->op, CDN_EXPR_AND);
    const struct cdn_test *new_one = m->when->children[0]->test, *based = m->when->children[1]->test;
    assert_int_equal(new_one->kind, CDN_TEST_NEW);
    assert_int_equal(new_one->service, -1);
    assert_int_equal(new_one->when.first, m->effective.at); /* the default instant */
    assert_int_equal(based->kind, CDN_TEST_FINDING);
    assert_int_equal(based->finding, CDN_FINDING_BASED);
    assert_int_equal(based->standard, CDN_STANDARD_TWO_KINDS);
    assert_int_equal(based->places.count, 2);
    assert_int_equal(based->places.items[1].country, 'B' << 8 | 'Y');
    assert_false(m->presumes[0].value);
    assert_ptr_equal(m->presumes[0].targets[0], m->excepts[1].when->test);
    close_page(&pg);
}

static void licences_and_statutes(void **state) {
    (void)state;
    struct page pg;
    open_page(&pg, &cdn_alloc_libc);
    assert_int_equal(pg.l.err, 0);
    const struct cdn_rulebook *rb = pg.l.rb;
    const struct cdn_measure *g = measure(rb, "us/gl-25g"), *f = measure(rb, "us/gl-25f");
    assert_int_equal(g->lift_count, 1);
    assert_int_equal(f->lift_count, 1); /* by pattern */
    assert_true(cdn_str_eq(rb->measures[f->lifts[0]].id, CDN_STR("us/internet-hosting")));
    assert_true(cdn_str_eq(rb->measures[g->supersedes[0]].id, CDN_STR("us/gl-25f")));
    assert_true(g->duties[0].condition && g->duties[0].has_span);
    assert_int_equal(g->duties[0].span.unit, CDN_UNIT_BUSINESS_DAYS);
    assert_int_equal(g->duties[0].span.calendar, 0);
    assert_int_equal(g->until.at, 1775016060); /* 2026-04-01T04:01:00Z */
    const struct cdn_measure *s = measure(rb, "eu/blocking-2271-96");
    assert_int_equal(s->bound_country_count, 27); /* the United Kingdom has left */
    assert_int_equal(s->bound_places.count, 1);
    assert_int_equal(measure(rb, "us/internet-hosting")->standard, CDN_STANDARD_ANY);
    const struct cdn_expr *owned = measure(rb, "us/internet-hosting")->when->children[1];
    assert_int_equal(owned->test->kind, CDN_TEST_OWNED);
    assert_true(owned->test->aggregate && !owned->test->percent_strict && !owned->test->or_controlled);
    close_page(&pg);
}

static void territories_and_their_marks(void **state) {
    (void)state;
    struct page pg;
    open_page(&pg, &cdn_alloc_libc);
    assert_int_equal(pg.l.err, 0);
    const struct cdn_territory *t = &pg.l.rb->territories[1];
    unsigned kinds[CDN_MARK_AREA + 1] = {0};
    for (uint32_t i = 0; i < t->mark_count; i++)
        kinds[t->marks[i].kind]++;
    assert_int_equal(kinds[CDN_MARK_NAME], 9);
    assert_int_equal(kinds[CDN_MARK_AMBIGUOUS], 5);
    assert_int_equal(kinds[CDN_MARK_PHONE], 5);
    assert_int_equal(kinds[CDN_MARK_PREFIX], 2);
    assert_int_equal(t->parts[0].from, 1395100800); /* 2014-03-18 */
    for (uint32_t i = 0; i < t->mark_count; i++) {
        const struct cdn_mark *m = &t->marks[i];
        if (m->kind == CDN_MARK_PHONE && m->until != CDN_TIME_MAX) {
            assert_true(cdn_str_eq(m->text, CDN_STR("+38065")) || cdn_str_eq(m->text, CDN_STR("+380692")));
            assert_int_equal(m->until, 1420070400);
        }
        if (m->kind == CDN_MARK_AREA) {
            assert_int_equal(m->point_count, 4);
            assert_int_equal(m->points[0], 46230000);
        }
    }
    assert_int_equal(pg.l.rb->territories[2].part_of_count, 1);
    assert_true(pg.l.rb->territories[3].parts[2].exclude);
    close_page(&pg);
}

/* A scenario's request is the one that the JSON reader would make of the same words. */
static void a_scenario_is_a_request(void **state) {
    (void)state;
    struct page pg;
    open_page(&pg, &cdn_alloc_libc);
    assert_int_equal(pg.l.err, 0);
    const struct cdn_scenario *s = &pg.l.rb->scenarios[0];
    assert_int_equal(s->at.at, 1646550000);
    assert_int_equal(s->request.at, s->at.at);
    assert_int_equal(s->verdict, CORDON_VERDICT_DENY);
    assert_int_equal(s->request.party_count, 1);
    const struct cdn_party *p = &s->request.parties[0];
    assert_int_equal(p->relations_have, CDN_HAVE_VALUE);
    assert_int_equal(p->relation_count, 0);
    assert_int_equal(p->listed_have, CDN_HAVE_VALUE);
    assert_int_equal(p->evidence_count, 3);
    assert_int_equal(p->evidence[0].country, 'R' << 8 | 'U');
    assert_true(cdn_str_eq(p->evidence[0].address.city, CDN_STR("Москва")));
    assert_true(p->evidence[1].has_seen && p->evidence[1].ip_parsed);
    assert_true(cdn_str_eq(p->given[0].name, CDN_STR("tier")));
    assert_int_equal(s->evidence_count, 2);
    assert_int_equal(s->measures[1].standing, CDN_EXPECT_ABSENT);
    const struct cdn_scenario *t = &pg.l.rb->scenarios[1];
    assert_int_equal(t->request.party_count, 2);
    assert_int_equal(t->request.object_count, 1);
    assert_int_equal(t->request.parties[0].owners[0].party, 1);
    assert_int_equal(t->request.parties[0].relations[0].since.kind, CDN_WHEN_DAY);
    assert_true(cdn_str_eq(t->request.parties[0].relations[0].service, CDN_STR("wise")));
    assert_int_equal(t->request.parties[1].listed[0].score, 1000);
    assert_int_equal(t->request.state[0].party, 0);
    assert_int_equal(t->request.objects[0].facts[CDN_SLOT_METHOD]->have, CDN_HAVE_NOT_APPLICABLE);
    assert_true(t->has_missing && t->missing_count == 0 && t->changes_never);
    close_page(&pg);
}

/* The order of declarations and files does not matter. */
static void order_does_not_matter(void **state) {
    (void)state;
    struct loaded l;
    load_with(&cdn_alloc_libc,
              &l,
              CDN_STR("measure a/b\n basis policy of o\n effective 2022-01-01 UTC\n deny x on c\n when "
                      "customer.t is y\n"),
              CDN_STR("service s of o is c\naction x needs customer\nfact customer.t code\noperator o\n"));
    assert_int_equal(l.err, 0);
    assert_int_equal(l.rb->measures[0].outcomes[0].service_count, 1);
    loaded_free(&l);
}

/* `or` < `xor` < `and` < `not`; lines may begin with the word that joins them. */
static void precedence(void **state) {
    (void)state;
    struct loaded l;
    load_with(&cdn_alloc_libc,
              &l,
              CDN_STR("operator o\nservice s\naction x needs customer\nmeasure m\n basis policy of o\n "
                      "effective 2022-01-01 UTC\n"
                      " deny x on s\n when customer.kind is a or customer.kind is b\n   xor customer.kind is "
                      "c and\n"
                      "   # why\n   not customer.kind is d\n"),
              CDN_STR(""));
    assert_int_equal(l.err, 0);
    const struct cdn_expr *e = l.rb->measures[0].when;
    assert_int_equal(e->op, CDN_EXPR_OR);
    assert_int_equal(e->count, 2);
    assert_int_equal(e->children[1]->op, CDN_EXPR_XOR);
    assert_int_equal(e->children[1]->children[1]->op, CDN_EXPR_AND);
    assert_int_equal(e->children[1]->children[1]->children[1]->op, CDN_EXPR_NOT);
    loaded_free(&l);
}

/* What is nested too deep, or too large, is refused, not followed. */
static void limits_hold(void **state) {
    (void)state;
    struct cdn_buf b;
    struct loaded l;
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 20);
    cdn_buf_z(&b,
              "operator o\nservice s\naction x needs customer\nmeasure m\n basis policy of o\n effective "
              "2022-01-01 UTC\n"
              " deny x on s\n when ");
    for (int i = 0; i < 100; i++)
        cdn_buf_char(&b, '(');
    cdn_buf_z(&b, "customer is new");
    for (int i = 0; i < 100; i++)
        cdn_buf_char(&b, ')');
    cdn_buf_char(&b, '\n');
    load_with(&cdn_alloc_libc, &l, cdn_buf_get(&b), CDN_STR(""));
    assert_int_equal(l.diags.count, 1);
    assert_true(cdn_str_eq(l.diags.items[0].code, CDN_STR("too-deep")));
    loaded_free(&l);
    cdn_buf_free(&b);
}

/* Ten thousand measures load, check and stay within a second or so; the test only counts them. */
static void many_measures(void **state) {
    (void)state;
    struct cdn_buf b;
    struct loaded l;
    cdn_buf_init(&b, &cdn_alloc_libc, 64 << 20);
    cdn_buf_z(&b, "operator o\nservice s\naction x needs customer\n");
    for (int i = 0; i < 10000; i++)
        cdn_buf_printf(&b,
                       "measure m/%d\n basis policy of o\n effective 2022-01-01 UTC\n deny x on s\n when "
                       "customer.kind is k%d\n",
                       i,
                       i);
    load_with(&cdn_alloc_libc, &l, cdn_buf_get(&b), CDN_STR(""));
    assert_int_equal(l.err, 0);
    assert_int_equal(l.rb->measure_count, 10000);
    loaded_free(&l);
    cdn_buf_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cdn_fault_test(the_page_loads),
        cmocka_unit_test(a_measure_means_what_it_says),
        cmocka_unit_test(licences_and_statutes),
        cmocka_unit_test(territories_and_their_marks),
        cmocka_unit_test(a_scenario_is_a_request),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(precedence),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(many_measures),
    };
    return cdn_run(tests);
}
