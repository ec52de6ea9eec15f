// SPDX-License-Identifier: MIT
// The optimisations of the engine that can be switched off one by one, to measure what each is
// worth (-Dablate=NAME,...; meson_options.txt has the same list). The output is the same without
// them. Each is a constant here, and one condition at its place.
#ifndef EVX_BASE_ABLATE_H
#define EVX_BASE_ABLATE_H

// One allocation for each object and one release, instead of blocks that are kept.
#ifndef EVX_ABLATE_ARENAS
#define EVX_ABLATE_ARENAS 0
#endif
// Strings take the same way on every processor.
#ifndef EVX_ABLATE_AVX512
#define EVX_ABLATE_AVX512 0
#endif
// The end of an element's attributes is an op of its own even behind the last one.
#ifndef EVX_ABLATE_CLOSED_ATTRIBUTES
#define EVX_ABLATE_CLOSED_ATTRIBUTES 0
#endif
// Decimal numbers digit by digit.
#ifndef EVX_ABLATE_DIGIT_TABLES
#define EVX_ABLATE_DIGIT_TABLES 0
#endif
// The table of classified values is made for every instance.
#ifndef EVX_ABLATE_LAZY_VALUES
#define EVX_ABLATE_LAZY_VALUES 0
#endif
// Literals are copied by their exact size.
#ifndef EVX_ABLATE_LITERAL_STEPS
#define EVX_ABLATE_LITERAL_STEPS 0
#endif
// The parser looks at fragments that are one instance, too.
#ifndef EVX_ABLATE_LONE_INSTANCES
#define EVX_ABLATE_LONE_INSTANCES 0
#endif
// No branch-free path for short plain strings.
#ifndef EVX_ABLATE_PLAIN_STRINGS
#define EVX_ABLATE_PLAIN_STRINGS 0
#endif
// Nothing is compiled: every record is walked.
#ifndef EVX_ABLATE_PROGRAMS
#define EVX_ABLATE_PROGRAMS 0
#endif
// No table of the chunk's templates by offset in front of the map.
#ifndef EVX_ABLATE_RECENT_TEMPLATES
#define EVX_ABLATE_RECENT_TEMPLATES 0
#endif
// Every name of a cached definition is compared, however often it stands there.
#ifndef EVX_ABLATE_REPEATED_NAMES
#define EVX_ABLATE_REPEATED_NAMES 0
#endif
// Definitions are decoded again in every chunk, so nothing is compiled either.
#ifndef EVX_ABLATE_SHARED_TEMPLATES
#define EVX_ABLATE_SHARED_TEMPLATES 0
#endif
// The revision and the authority of a SID are numbers of any length.
#ifndef EVX_ABLATE_SHORT_SIDS
#define EVX_ABLATE_SHORT_SIDS 0
#endif
// No vector instructions of our own.
#ifndef EVX_ABLATE_SIMD
#define EVX_ABLATE_SIMD 0
#endif
// Ops do not know the type that a value most likely has.
#ifndef EVX_ABLATE_TYPE_GUESSES
#define EVX_ABLATE_TYPE_GUESSES 0
#endif
// Chunks are read whole.
#ifndef EVX_ABLATE_USED_BYTES
#define EVX_ABLATE_USED_BYTES 0
#endif

#endif
