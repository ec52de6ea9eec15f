// SPDX-License-Identifier: MIT
// References of XML.
#ifndef EVX_FILTER_XML_TEXT_H
#define EVX_FILTER_XML_TEXT_H

#include "filter/query_text.h"

// Bytes of the reference that the text begins with; 0 when it is none.
size_t xml_take_reference(const struct query_text *text, uint32_t *ret_character);

#endif
