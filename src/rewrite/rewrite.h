// SPDX-License-Identifier: MIT
// From what decoding leaves to what encoding takes: tapes to nodes, values to values.
#ifndef EVX_REWRITE_REWRITE_H
#define EVX_REWRITE_REWRITE_H

#include "rewrite/log_consumer.h"

struct rewriting {
    struct log_consumer *log;
    struct event *event;
    uint64_t bytes; // that the record and its definitions take at most
};

// Makes the templates that a fragment and those in its values use. False with the decoder's fault
// set.
EVX_MUST_USE bool rewrite_templates(struct rewriting *rewriting, const struct fragment *fragment,
                                    unsigned depth);

// The nodes of a fragment whose templates have been made; NULL with the fault set.
encode_node *rewrite_fragment(struct rewriting *rewriting, const struct fragment *fragment,
                              unsigned depth);

// A definition; NULL with the fault set.
encode_template *rewrite_template(struct rewriting *rewriting, const struct template *template);

// That of a template, made when it is new: log_consumer.c.
encode_template *log_template(struct rewriting *rewriting, const struct template *template);

#endif
