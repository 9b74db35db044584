/* SPDX-License-Identifier: Apache-2.0 */
/* xml_priv.h: reading XML by a table of the elements that a format may have.
 *
 * Row 0 is the root element; every other row names its parent. What is not in the table is skipped and
 * reported under its path, attributes likewise, so that a format's reader cannot overlook what is new in it.
 * A table is therefore also the documentation of what is read.
 *
 * The order of events at an element: values of its children are forgotten; `open` (attributes can be asked
 * for); children; its own text becomes its value if it has CDN_XML_TEXT; `close`, which looks at the values
 * of its children. */
#ifndef CDN_LISTS_XML_PRIV_H
#define CDN_LISTS_XML_PRIV_H

#include "lists/priv.h"

#define CDN_XML_NODES 160

enum {
    CDN_XML_TEXT = 1,     /* has text, which becomes its value */
    CDN_XML_LEFT_OUT = 2, /* known, and on purpose not read: with all that is in it */
    CDN_XML_COUNT = 4,    /* how often it was read goes into the report */
    CDN_XML_PLACE = 8,    /* an entry begins: its line and byte are noted */
};

struct cdn_xml;
struct cdn_xml_node {
    uint8_t parent;
    uint8_t flags;
    const char *name;     /* local name; "*" any that is not named */
    const char *left_out; /* attributes that are known and not read: "a b c"; "*" all */
    void (*open)(struct cdn_xml *x);
    void (*close)(struct cdn_xml *x);
};

struct cdn_xml {
    struct cdn_rd *r;
    const struct cdn_xml_node *nodes;
    size_t node_count;
    void *state;     /* of the format */
    unsigned node;   /* at hand */
    cordon_str name; /* of the element that is being opened (of interest for "*") */
    /* private */
    void *parser;
    const char **attributes; /* while `open` runs; expat's name, value, …, NULL */
    uint64_t attributes_used;
    unsigned depth, skip;
    uint8_t stack[CDN_MAX_LIST_DEPTH];
    uint8_t first_child[CDN_XML_NODES], next_sibling[CDN_XML_NODES];
    uint64_t counts[CDN_XML_NODES];
    struct cdn_buf values[CDN_XML_NODES];
    bool ended;
};

/* Reads the whole source. */
void cdn_xml_read(struct cdn_rd *r,
                  struct cdn_list_source *s,
                  const struct cdn_xml_node *nodes,
                  size_t node_count,
                  void *state);
/* In `open`: the value of an attribute by local name; empty when absent. */
cordon_str cdn_xml_attr(struct cdn_xml *x, const char *name);
/* In `close`: the text of the last element of that row within the element at hand; empty when there was none.
 */
cordon_str cdn_xml_value(const struct cdn_xml *x, unsigned node);
bool cdn_xml_true(cordon_str s); /* "true", any case */

#endif
