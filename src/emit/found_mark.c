// SPDX-License-Identifier: MIT
#include "emit/found_mark.h"

#include "decode/elsewhere.h"
#include "print/number.h"

static const char *const found_words[] = {
    [FOUND_LIVE] = "live",     [FOUND_BEHIND] = "slack", [FOUND_GAP] = "gap",
    [FOUND_INSIDE] = "hidden", [FOUND_LOOSE] = "loose",  [FOUND_BROKEN] = "broken",
};

static const struct {
    enum origin origin;
    const char *word;
} origin_words[] = {
    {ORIGIN_CHUNK, "chunk"}, {ORIGIN_FILE, "file"},   {ORIGIN_OTHER, "other file"},
    {ORIGIN_PACK, "pack"},   {ORIGIN_VALUES, "none"},
};

enum { ORIGIN_WORDS = sizeof origin_words / sizeof *origin_words };

static void put_list(struct outbuf *out, const char *const *words, unsigned count, bool is_json)
{
    for (unsigned i = 0; i < count; i++) {
        outbuf_text(out, i ? is_json ? "," : ", " : "");
        outbuf_text(out, is_json ? "\"" : "");
        outbuf_text(out, words[i]);
        outbuf_text(out, is_json ? "\"" : "");
    }
}

static unsigned list_origins(const struct found_mark *mark, const char *ret[ORIGIN_WORDS])
{
    unsigned count = 0;
    for (unsigned i = 0; i < ORIGIN_WORDS; i++)
        if (mark->origins & origin_words[i].origin)
            ret[count++] = origin_words[i].word;
    if (count == 0)
        ret[count++] = "own";
    return count;
}

static unsigned list_doubts(const struct found_mark *mark, const char *ret[4])
{
    unsigned count = 0;
    if (mark->origins & ~(unsigned)ORIGIN_VALUES)
        ret[count++] = "definition known by four bytes of its GUID and the types of its values";
    if (mark->origins & ORIGIN_VALUES)
        ret[count++] = "no definition: values without names";
    if (mark->lost_size)
        ret[count++] = "size wrong";
    if (mark->lost_size_copy)
        ret[count++] = "size copy overwritten";
    return count;
}

static void put_decimal(struct outbuf *out, uint64_t number)
{
    uint8_t *p = outbuf_reserve(out, NUMBER_TEXT_BYTES_MAX);
    outbuf_commit(out, put_u64(p, number));
}

static void put_mark(struct outbuf *out, const struct found_mark *mark, bool is_json)
{
    const char *words[ORIGIN_WORDS + 1]; // the longer of both lists
    outbuf_text(out, is_json ? "{\"found\":\"" : "<!-- recovered: ");
    outbuf_text(out, found_words[mark->found]);
    outbuf_text(out, is_json ? "\",\"offset\":" : ", at offset ");
    put_decimal(out, mark->offset);
    outbuf_text(out, is_json ? ",\"record\":" : "; record ");
    put_decimal(out, mark->record);
    outbuf_text(out, is_json ? ",\"written\":\"" : ", written ");
    outbuf_commit(out, put_filetime(outbuf_reserve(out, NUMBER_TEXT_BYTES_MAX), mark->written));
    outbuf_text(out, is_json ? "\",\"structure\":[" : "; structure: ");
    put_list(out, words, list_origins(mark, words), is_json);
    outbuf_text(out, is_json ? "]" : "");
    const unsigned doubts = list_doubts(mark, words);
    if (doubts) {
        outbuf_text(out, is_json ? ",\"doubt\":[" : "; doubt: ");
        put_list(out, words, doubts, is_json);
        outbuf_text(out, is_json ? "]" : "");
    }
    outbuf_text(out, is_json ? "}" : " -->\n");
}

void put_found_comment(struct outbuf *out, const struct found_mark *mark)
{
    put_mark(out, mark, false);
}

void put_found_object(struct outbuf *out, const struct found_mark *mark)
{
    put_mark(out, mark, true);
}
