// SPDX-License-Identifier: MIT
// XML as query files have it: elements, attributes, text, CDATA, comments. No DTD, so no entities
// but the five; nothing is fetched, and elements stand in one another at most 64 deep. Namespaces
// are not looked at: names are local names.
#ifndef EVX_FILTER_XML_READER_H
#define EVX_FILTER_XML_READER_H

#include "filter/query_text.h"

enum { XML_DEPTH_MAX = 64 };

struct xml_attribute {
    struct query_text name, value; // as written
    struct xml_attribute *next;
};

struct xml_element {
    struct query_text tag;     // as written, with its prefix
    struct query_text name;    // without
    struct query_text content; // as written
    struct xml_attribute *attributes;
    struct xml_element *parent, *first_child, *last_child, *next;
};

// Of a text of valid UTF-8. NULL with *error set.
EVX_MUST_USE struct xml_element *xml_read(struct arena *arena, const struct query_text *text,
                                          struct query_error *error);

bool xml_is(const struct xml_element *element, const char *name);
// NULL when there is none.
const struct xml_attribute *xml_find_attribute(const struct xml_element *element, const char *name);
// What stands in an attribute, or in an element without elements: references are resolved, CDATA is
// text, comments are left out. False with *error set.
EVX_MUST_USE bool xml_text(struct arena *arena, const struct query_text *written,
                           struct query_text *ret_text, struct query_error *error);
// The element behind this one in document order, with or without those in it; NULL at the end.
const struct xml_element *xml_next(const struct xml_element *element, bool with_children);

#endif
