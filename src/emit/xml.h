// SPDX-License-Identifier: MIT
// Pieces of XML shared by its walker, its compiler and its program loop.
#ifndef EVX_EMIT_XML_H
#define EVX_EMIT_XML_H

#include "emit/renderer.h"

void xml_put_line(struct renderer *renderer, uint32_t indent); // line feed and indentation
void xml_put_end_tag(struct renderer *renderer, const struct name *name);
void xml_put_name(struct renderer *renderer, const struct name *name);

// Whether the 0.14 dialect breaks the line in the element when there is nothing in it.
bool xml_breaks(const struct renderer *renderer, const struct node *element);
// What ends the start tag, which is open, of an element without content, and the element.
void xml_put_empty(struct renderer *renderer, const struct node *element, uint32_t indent);

// A whole attribute, unless nothing in it shows; content of an element that has no element in it.
// `object` is the element's identity in the key set when names repeat among its attributes, else 0.
EVX_MUST_USE bool xml_put_attribute(struct renderer *renderer, const struct element *element,
                                    uint32_t index, uint64_t object);
EVX_MUST_USE bool xml_put_text_content(struct renderer *renderer, const struct element *element);

// One element, from its start tag on; pushes a frame when it has children. `use_program` allows a
// template's program to serve its root.
EVX_MUST_USE bool xml_start_element(struct renderer *renderer, const struct element *element,
                                    uint32_t indent, bool use_program);
// The next children of the frame, as many as hold nothing but text, where no template stands behind
// them.
void xml_put_plain_children(struct renderer *renderer, struct frame *frame);

EVX_MUST_USE bool xml_run(struct renderer *renderer, uint32_t base);
EVX_MUST_USE bool xml_run_program(struct renderer *renderer);
EVX_MUST_USE bool xml_run_program_avx512(struct renderer *renderer);
EVX_MUST_USE bool xml_run_program_0_14(struct renderer *renderer);
EVX_MUST_USE bool xml_run_program_0_14_avx512(struct renderer *renderer);

// What the end of an XML_CHILDREN frame writes.
enum xml_close {
    XML_CLOSE_NOTHING,
    XML_CLOSE_TAG,  // line, end tag
    XML_CLOSE_LINE, // line, if there was a child (the end tag is a program's literal)
};

static inline bool xml_is_indented(const struct renderer *renderer)
{
    return renderer->format->is_indented;
}

#endif
