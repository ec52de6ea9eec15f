// SPDX-License-Identifier: MIT
#include "rows/info_cells.h"

#include "emit/text.h"
#include "print/unescaped.h"
#include "rows/content.h"

void info_cells_init(struct info_cells *cells, struct memory *memory)
{
    cells->is_made = false;
    outbuf_init(&cells->json, memory);
    outbuf_init(&cells->plain, memory);
}

void info_cells_destroy(struct info_cells *cells)
{
    outbuf_destroy(&cells->json);
    outbuf_destroy(&cells->plain);
}

static bool start(struct info_cells *cells, struct renderer *renderer, struct plans *json_plans,
                  struct event *event)
{
    cells->json.length = 0;
    if (!outbuf_begin_record(&cells->json))
        return fault_memory(&event->decoder->fault);
    renderer_aim(renderer, &formats[FORMAT_JSON], json_plans, &cells->json);
    renderer->recovered = false;
    return true;
}

// Writes a record that has nothing but what is added, and where nothing is, the whole one: it may
// have its own.
static bool make(struct info_cells *cells, const struct info_source *source,
                 struct renderer *renderer, struct plans *json_plans, struct event *event)
{
    bool has_texts;
    if (!start(cells, renderer, json_plans, event))
        return false;
    outbuf_text(&cells->json, "{\"Event\":{\"\":0}}");
    const size_t empty = cells->json.length;
    if (!text_put_additions(source->mta, source->messages, renderer, event))
        return false;
    has_texts = cells->json.length != empty;
    cells->is_made = true;
    return has_texts ||
           (start(cells, renderer, json_plans, event) && render_record(renderer, &event->root));
}

// A JSON string as a value.
static void put_string(struct info_cells *cells, const struct content *content, struct cell *cell)
{
    struct outbuf *plain = &cells->plain;
    EVX_CHECK(content->size > 0);
    if (content->json[0] != '"')
        return;
    if (cell->style->format == ROW_JSON) {
        cell_put_json(cell, content->json, content->size);
        return;
    }
    plain->length = 0;
    if (!outbuf_begin_record(plain)) {
        cell->out->failed = OUTBUF_NO_MEMORY;
        return;
    }
    outbuf_append(plain, content->json, content->size - 1);
    if (plain->failed)
        cell->out->failed = plain->failed;
    else
        cell_put_text(cell, (const char *)plain->data, json_unescape(plain->data, plain->length));
}

bool info_cells_put(struct info_cells *cells, const struct info_source *source,
                    struct renderer *renderer, struct plans *json_plans, struct event *event,
                    const char *member, struct cell *cell)
{
    struct content content, item;
    size_t at = 0;
    if (!cells->is_made && !make(cells, source, renderer, json_plans, event))
        return false;
    if (!content_find_info(cells->json.data, cells->json.length, member, &content))
        return true;
    if (content.json[0] != '{') {
        put_string(cells, &content, cell);
        return true;
    }
    while (content_next_member(&content, &at, &item))
        put_string(cells, &item, cell);
    return true;
}
