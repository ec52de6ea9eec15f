// SPDX-License-Identifier: MIT
// Proves, without a look at its values one by one, that a text stands in none of a record.
//
// The text of a value is what stands in one place of the record or of a template, but for values
// that are printed (a needle is none such), strings in a code page, and texts put together of
// several parts. So where the templates have no such parts, and the values are of no such types,
// one search in the record's bytes and, once for each, in the templates' is a proof. Of any other
// record nothing is proved.
#ifndef EVX_FILTER_ABSENCE_H
#define EVX_FILTER_ABSENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "decode/event.h"
#include "filter/needle.h"

enum { ABSENCE_TEMPLATES = 256 };

// Of a worker.
struct absence {
    // What is known of templates, in the place that their number gives.
    struct template_text {
        const struct template *template; // NULL: of none
        bool is_plain;           // each text and value stands alone in its element or attribute
        uint8_t searched, found; // needles, a bit for each
    } templates[ABSENCE_TEMPLATES];
    uint64_t query; // serial of the one whose needles they are
    bool is_other;  // of the record nothing can be proved
    uint64_t proofs;
};

// In front of the first question about a record of this query.
EVX_INLINE void absence_start(struct absence *absence, const struct query_tree *query)
{
    absence->is_other = false;
    if (EVX_UNLIKELY(absence->query != query->serial))
        *absence = (struct absence){.query = query->serial, .proofs = absence->proofs};
}

// False: it may stand there. Elements in values are decoded where they have to be looked at, and
// then nobody needs to do it again; the decoder's fault means nothing.
bool absence_is_proved(struct absence *absence, struct event *event, const struct needle *needle);

#endif
