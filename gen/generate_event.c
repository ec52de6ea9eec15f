// SPDX-License-Identifier: MIT
// Event specifications to templates, and one record of an event.
#include "gen/generator.h"

#include <stdarg.h>

enum { TEMPLATE_TEXT_BYTES = 8192, OUTER_DATA = 0, OUTER_USER_DATA, OUTER_CLASSIC };

typedef struct template_text {
    char bytes[TEMPLATE_TEXT_BYTES];
    size_t used;
} template_text;

EVX_PRINTF(2, 3)
static void add(template_text *t, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(t->bytes + t->used, sizeof t->bytes - t->used, format, arguments);
    va_end(arguments);
    t->used += (size_t)size; // checked once, by finish
    if (t->used >= sizeof t->bytes)
        t->used = sizeof t->bytes - 1;
}

static encode_node *finish(generator *g, template_text *t)
{
    if (t->used == sizeof t->bytes - 1)
        encode_fail(g->builder, "template of more than %d bytes", TEMPLATE_TEXT_BYTES);
    encode_node *nodes = encode_nodes_text(g->builder, t->bytes);
    t->used = 0;
    return nodes;
}

// -------------------------------------------------------------------------------------------------
// The outer template: order and types of the values are those of Windows. Three forms occur:
// provider and channel as values, provider and channel as literal text, and the short one of
// classic sources.

static void add_system(template_text *t, const provider_spec *p, bool classic)
{
    add(t, "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>");
    if (p->literal && p->guid)
        add(t, "<Provider Name='%s' Guid='%s'/>", p->name, p->guid);
    else if (p->literal)
        add(t, "<Provider Name='%s'/>", p->name);
    else
        add(t, "<Provider Name='%%?14' Guid='%%?15:guid'/>");
    add(t, "<EventID Qualifiers='%%?4:u16'>%%?3:u16</EventID>");
    if (!classic)
        add(t, "<Version>%%?11:u8</Version>");
    add(t, "<Level>%%?0:u8</Level><Task>%%?2:u16</Task>");
    if (!classic)
        add(t, "<Opcode>%%?1:u8</Opcode>");
    add(t, "<Keywords>%%?5:hex64</Keywords><TimeCreated SystemTime='%%?6:filetime'/>"
           "<EventRecordID>%%?10:u64</EventRecordID>");
    if (classic) {
        add(t, "<Channel>%%?16</Channel>");
    } else if (p->literal) {
        add(t,
            "<Correlation ActivityID='%%?7:guid' RelatedActivityID='%%?18:guid'/>"
            "<Execution ProcessID='%%?8:u32' ThreadID='%%?9:u32' ProcessorID='%%?14:u8' "
            "SessionID='%%?13:u32' KernelTime='%%?15:u32' UserTime='%%?16:u32' "
            "ProcessorTime='%%?17:u64'/><Channel>%s</Channel>",
            p->channel);
    } else {
        add(t, "<Correlation ActivityID='%%?7:guid' RelatedActivityID='%%?13:guid'/>"
               "<Execution ProcessID='%%?8:u32' ThreadID='%%?9:u32'/><Channel>%%?16</Channel>");
    }
    add(t, "<Computer></Computer><Security UserID='%%?12:sid'/></System>");
}

static encode_template *make_outer(generator *g, const provider_spec *p, unsigned form,
                                   unsigned host)
{
    template_text t = {.used = 0};
    add_system(&t, p, form == OUTER_CLASSIC);
    unsigned data = p->literal && form != OUTER_CLASSIC ? 19 : 17;
    add(&t,
        form == OUTER_USER_DATA ? "<UserData>%%?%u:nested</UserData></Event>"
                                : "%%?%u:nested</Event>",
        data);
    encode_node *nodes = finish(g, &t);
    encode_node *computer = encode_find(g->builder, nodes, "Computer");
    uint32_t begin = text_begin(g);
    text_add16(g, g->hosts[host]);
    text_add(g, ".");
    text_add16(g, g->dns_domains[0]);
    text16 name = text_end(g, begin);
    encode_append(computer, encode_text16(g->builder, name.units, name.count));
    g->text_used = 0;
    return encode_template_of(g->builder, nodes);
}

static unsigned outer_form(const event_spec *spec)
{
    if (spec->shape == SHAPE_CLASSIC)
        return OUTER_CLASSIC;
    return spec->shape == SHAPE_USER_DATA || spec->shape == SHAPE_PLAIN ? OUTER_USER_DATA
                                                                        : OUTER_DATA;
}

// Equal outer templates are one object, or a chunk would hold the definition twice.
static void set_outers(generator *g, event_kind *event)
{
    const provider_spec *p = &event->provider->spec;
    unsigned form = outer_form(&event->spec);
    for (unsigned host = 0; host < g->profile->hosts; host++) {
        if (!p->literal) {
            encode_template **shared = &g->outers[host][form];
            if (!*shared)
                *shared = make_outer(g, p, form, host);
            event->outer[host] = *shared;
            continue;
        }
        for (size_t i = 0; i < g->event_count; i++) {
            if (g->events[i].provider == event->provider && outer_form(&g->events[i].spec) == form)
                event->outer[host] = g->events[i].outer[host];
        }
        if (!event->outer[host])
            event->outer[host] = make_outer(g, p, form, host);
    }
}

// -------------------------------------------------------------------------------------------------
// Data.

static bool parse_fields(generator *g, event_kind *event)
{
    const char *p = event->spec.fields ? event->spec.fields : "";
    while (*p) {
        size_t name_size = strcspn(p, ":"), used = strcspn(p, " ");
        if (name_size >= used || event->field_count == GENERATE_FIELDS_MAX) {
            encode_fail(g->builder, "bad fields \"%.100s\"", p);
            return false;
        }
        const char *source_name = p + name_size + 1;
        const value_source *from = generate_find_source(g, source_name, used - name_size - 1);
        char *name = encode_allocate(g->builder, name_size + 1);
        if (!from)
            encode_fail(g->builder, "unknown source in \"%.100s\"", p);
        if (!from || !name)
            return false;
        event->names[event->field_count] = memcpy(name, p, name_size);
        event->sources[event->field_count++] = from;
        p += used;
        p += strspn(p, " ");
    }
    return true;
}

static void make_data(generator *g, event_kind *event)
{
    template_text t = {.used = 0};
    bool user_data = event->spec.shape == SHAPE_USER_DATA;
    const char *root = user_data ? event->spec.root : "EventData";
    add(&t,
        user_data ? "<%s xmlns='http://manifests.microsoft.com/win/2004/08/windows/eventlog'>"
                  : "<%s>",
        root);
    for (unsigned i = 0; i < event->field_count; i++) {
        const char *name = event->names[i];
        unsigned type = event->sources[i]->type;
        if (user_data)
            add(&t, "<%s>%%%u:%02x</%s>", name, i, type, name);
        else if (strcmp(name, "Binary") == 0)
            add(&t, "<Binary>%%?%u:%02x</Binary>", i, type);
        else if (strcmp(name, "[]") == 0)
            add(&t, "<Data>%%?%u:%02x</Data>", i, type);
        else
            add(&t, "<Data Name='%s'>%%%u:%02x</Data>", name, i, type);
    }
    add(&t, "</%s>", root);
    event->data = encode_template_of(g->builder, finish(g, &t));
}

static void make_rendering(generator *g, event_kind *event)
{
    template_text t = {.used = 0};
    add(&t,
        "<RenderingInfo Culture='en-US'><Message>%s reported event %u. The operation has ended "
        "with the "
        "result that is shown in the details &amp; below \\<see there\\>.\\n\\nCheck the log of "
        "the service."
        "</Message><Level>Information</Level><Task></Task><Opcode>Info</Opcode><Channel>%s</"
        "Channel>"
        "<Provider>%s</Provider><Keywords><Keyword>Classic</Keyword></Keywords></RenderingInfo>",
        event->provider->spec.name, event->spec.id, event->provider->spec.channel,
        event->provider->spec.name);
    event->rendering = encode_template_of(g->builder, finish(g, &t));
}

static bool add_event(generator *g, const provider_kind *provider, const event_spec *spec)
{
    if (g->event_count == GENERATE_EVENTS_MAX) {
        encode_fail(g->builder, "more than %d kinds of events", GENERATE_EVENTS_MAX);
        return false;
    }
    event_kind *event = &g->events[g->event_count];
    event->spec = *spec;
    event->provider = provider;
    if (!parse_fields(g, event))
        return false;
    set_outers(g, event);
    if (spec->shape != SHAPE_PLAIN)
        make_data(g, event);
    if (spec->shape == SHAPE_RENDERED)
        make_rendering(g, event);
    event->weight_end = spec->weight + (g->event_count ? event[-1].weight_end : 0);
    g->event_count++;
    return !encode_error(g->builder);
}

bool generate_add_provider(generator *g, const provider_spec *spec)
{
    provider_kind *provider = encode_allocate(g->builder, sizeof *provider);
    if (!provider)
        return false;
    provider->spec = *spec;
    uint32_t begin = text_begin(g);
    text_add(g, spec->name);
    provider->name = text_keep(g, begin);
    text_add(g, spec->channel);
    provider->channel = text_keep(g, begin);
    provider->guid = spec->guid ? encode_guid_text(g->builder, spec->guid) : encode_null();
    provider->process_id = 4 * (1 + random_below(g, 1500));
    for (size_t i = 0; i < spec->event_count; i++) {
        if (!add_event(g, provider, &spec->events[i]))
            return false;
    }
    return true;
}

// -------------------------------------------------------------------------------------------------
// Records.

static const event_kind *draw_event(generator *g)
{
    const event_kind **recent = &g->recent[random_below(g, GENERATE_RECENT)];
    if (*recent && random_percent(g, g->profile->bursts))
        return *recent;
    uint32_t point = random_below(g, g->events[g->event_count - 1].weight_end);
    size_t low = 0, high = g->event_count - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (g->events[middle].weight_end > point)
            high = middle;
        else
            low = middle + 1;
    }
    return *recent = &g->events[low];
}

void generate_draw_scene(generator *g)
{
    uint64_t pause = random_percent(g, 70) ? 20 : 2 * (uint64_t)g->profile->pause;
    g->clock += 1 + (random_bits(g) >> 32) * (pause * 10000) / UINT32_MAX;
    g->subject = &g->users[random_skewed(g, GENERATE_USERS)];
    g->target = &g->users[random_skewed(g, GENERATE_USERS)];
    g->image = &g->images[random_skewed(g, GENERATE_IMAGES)];
    g->parent = &g->images[random_skewed(g, GENERATE_IMAGES)];
    g->host = g->profile->hosts > 1 ? random_skewed(g, g->profile->hosts) : 0;
    g->text_used = 0;
}

// Absent values are NULL, and every fifth of them keeps the room of its type, as in real logs.
static encode_value absent(generator *g, size_t size)
{
    static const uint8_t zeros[16];
    return random_percent(g, 20) ? encode_borrowed(ENCODE_NULL, zeros, size) : encode_null();
}

static encode_value maybe_guid(generator *g, bool wanted, unsigned percent)
{
    if (!wanted || !random_percent(g, percent))
        return absent(g, 16);
    uint8_t guid[16];
    random_guid(g, guid);
    return encode_guid(guid);
}

// One part per attribute and no references: libevtx 20181227 gives up the whole log at others.
static encode_node *plain_data(generator *g, const event_kind *event)
{
    encode_builder *b = g->builder;
    encode_node *root = encode_element(b, event->spec.root);
    for (unsigned i = 0; i < event->field_count; i++) {
        encode_value value = event->sources[i]->draw(g, event->sources[i]);
        const char16_t *units = value.bytes ? value.bytes : (const void *)value.small;
        size_t count = value.size / 2;
        if (count && units[count - 1] == 0)
            count--;
        encode_node *element = encode_element(b, event->names[i]),
                    *text = encode_text16(b, units, count);
        if (i % 2) {
            encode_append(element, encode_append(encode_attribute(b, "value"), text));
            element->self_closed = true;
        } else {
            encode_append(element, text);
        }
        encode_append(root, element);
    }
    return root;
}

static encode_value draw_data(generator *g, const event_kind *event)
{
    encode_builder *b = g->builder;
    encode_node *fragment = encode_fragment(b);
    if (event->spec.shape == SHAPE_PLAIN) {
        fragment->has_header = false;
        return encode_nested(encode_append(fragment, plain_data(g, event)));
    }
    encode_value values[GENERATE_FIELDS_MAX];
    for (unsigned i = 0; i < event->field_count; i++)
        values[i] = event->sources[i]->draw(g, event->sources[i]);
    encode_append(fragment, encode_instance(b, event->data, values, event->field_count));
    if (event->rendering) {
        fragment->has_header = false;
        encode_append(fragment, encode_instance(b, event->rendering, NULL, 0));
    }
    return encode_nested(fragment);
}

static unsigned draw_system(generator *g, const event_kind *event, uint64_t record_id,
                            encode_value *v)
{
    const provider_kind *p = event->provider;
    const event_spec *spec = &event->spec;
    bool classic = spec->shape == SHAPE_CLASSIC;
    v[0] = encode_u8(spec->level);
    v[1] = encode_u8(spec->opcode);
    v[2] = encode_u16(spec->task);
    v[3] = encode_u16(spec->id);
    v[4] = classic ? encode_u16(spec->qualifiers) : absent(g, 2);
    v[5] = encode_hex64(spec->keywords);
    v[6] = encode_filetime(g->clock);
    v[7] = maybe_guid(g, p->spec.with_activity, 40);
    v[8] = encode_u32(p->process_id);
    v[9] = encode_u32(4 * (1 + random_skewed(g, 5000)));
    v[10] = encode_u64(record_id);
    v[11] = encode_u8(spec->version);
    bool with_user = p->spec.with_user && random_percent(g, 85);
    v[12] = with_user ? encode_borrowed(ENCODE_SID, g->subject->sid, g->subject->sid_size)
                      : encode_null();
    if (p->spec.literal && !classic) {
        v[13] = encode_u32(random_skewed(g, 4));
        v[14] = encode_u8((uint8_t)random_below(g, 16));
        v[15] = encode_u32(random_skewed(g, 900));
        v[16] = encode_u32(random_skewed(g, 900));
        v[17] = encode_null();
        v[18] = maybe_guid(g, p->spec.with_activity, 5);
        return 19;
    }
    v[13] = maybe_guid(g, p->spec.with_activity, 5);
    v[14] = encode_borrowed(ENCODE_STRING, p->name.units, p->name.count * sizeof(char16_t));
    v[15] = p->guid;
    v[16] = encode_borrowed(ENCODE_STRING, p->channel.units, p->channel.count * sizeof(char16_t));
    return 17;
}

encode_place generate_record(generator *g, uint64_t id)
{
    const event_kind *event = draw_event(g);
    uint64_t record_id = id ? id : encode_next_id(g->builder);
    if (g->profile->hosts > 1) // forwarded: the number that the event had where it came from
        record_id = ++g->event_record_id[g->host] + 100000 * (uint64_t)(1 + g->host);
    encode_value values[20];
    unsigned count = draw_system(g, event, record_id, values);
    values[count++] = draw_data(g, event);
    encode_node *instance = encode_instance(g->builder, event->outer[g->host], values, count);
    encode_node *fragment = encode_append(encode_fragment(g->builder), instance);
    encode_record record = {.fragment = fragment, .id = id, .stay = true, .spare = 8};
    record.written = g->clock + (random_percent(g, 73) ? 0 : random_below(g, 9000000));
    return encode_add(g->builder, &record);
}
