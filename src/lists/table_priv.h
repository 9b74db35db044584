/* SPDX-License-Identifier: Apache-2.0 */
/* table_priv.h: short forms for the rows of a struct cdn_xml_node table. Included last, by the readers of XML
 * only. */
#ifndef CDN_LISTS_TABLE_PRIV_H
#define CDN_LISTS_TABLE_PRIV_H

#include "lists/xml_priv.h"

/* A value that a handler further up looks at. */
#define TEXT(parent, name)                                                                                   \
    { (parent), CDN_XML_TEXT, (name), NULL, NULL, NULL }
/* A value with its own handler. */
#define TEXT_DO(parent, name, close)                                                                         \
    { (parent), CDN_XML_TEXT | CDN_XML_COUNT, (name), NULL, NULL, (close) }
#define LEFT_OUT(parent, name)                                                                               \
    { (parent), CDN_XML_LEFT_OUT, (name), NULL, NULL, NULL }
#define GROUP(parent, name)                                                                                  \
    { (parent), 0, (name), NULL, NULL, NULL }
#define ITEM(parent, name, close)                                                                            \
    { (parent), CDN_XML_COUNT, (name), NULL, NULL, (close) }

#endif
