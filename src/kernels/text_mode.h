// SPDX-License-Identifier: MIT
// The ways text is escaped. The rules are one table (reference output, section 5):
//
//   character              XML          XML_ATTRIBUTE  CDATA / PI   JSON
//   & < >                  &amp; ...    same           raw          raw
//   "                      raw          &quot;         raw          \"
//   '                      raw          &apos;         raw          raw
//   \                      raw          raw            raw          two backslashes
//   tab, LF, CR            raw          raw            raw          \t \n \r
//   other C0, U+FFFE/FFFF  _            _              _            \b \f \u00XX; U+FFFE/FFFF raw
//   lone surrogate         _            _              U+FFFD       U+FFFD
//
// CDATA writes every "]]>" as "]]]]><![CDATA[>", PI writes "?>" as "? >"; in both an illegal
// control becomes _ (the reference leaves it raw and ill-formed). RAW escapes nothing: a lone
// surrogate is U+FFFD there, and all else is as it is.
#ifndef EVX_KERNELS_TEXT_MODE_H
#define EVX_KERNELS_TEXT_MODE_H

enum text_mode {
    TEXT_XML,
    TEXT_XML_ATTRIBUTE,
    TEXT_JSON,
    TEXT_CDATA,
    TEXT_PI,
    TEXT_RAW,
    TEXT_MODE_COUNT,
};

// No mode writes more than this per source unit (UTF-16 unit or ANSI byte). The writers may also
// overwrite, without meaning, up to TEXT_SLACK_BYTES behind what they return.
enum {
    TEXT_EXPANSION_MAX = 6,
    TEXT_SLACK_BYTES = 64,
};

#endif
