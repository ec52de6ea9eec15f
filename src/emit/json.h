// SPDX-License-Identifier: MIT
// Pieces of JSON shared by its walker, its compiler and its program loop.
#ifndef EVX_EMIT_JSON_H
#define EVX_EMIT_JSON_H

#include "emit/renderer.h"

// How the Data children of EventData and UserData become members.
enum data_mode {
    DATA_ORDINARY,   // no container, or no Data in it
    DATA_NAMED,      // members named by their Name attributes, and a list of those without one
    DATA_POSITIONAL, // one list
};

// What the end of a frame writes.
enum json_close { JSON_CLOSE_NOTHING, JSON_CLOSE_OBJECT, JSON_CLOSE_LIST };

#define JSON_ATTRIBUTES_OPEN "{\"#attributes\":{"
// The same behind the name of a member that has none but its attributes.
#define JSON_SEPARATE_OPEN "_attributes\":{"

// A comma, unless the object has just been opened.
EVX_INLINE void json_put_comma(struct outbuf *out)
{
    if (outbuf_last(out) != '{')
        outbuf_put(out, ',');
}

enum { JSON_STEP_BYTES = 32 };

// Names are padded in memory: copying a fixed number of bytes is enough for nearly all of them.
EVX_INLINE uint8_t *json_copy_name(uint8_t *p, const struct name *name)
{
    memcpy(p, name->json, JSON_STEP_BYTES);
    if (EVX_UNLIKELY(name->json_size > JSON_STEP_BYTES))
        memcpy(p, name->json, name->json_size);
    return p + name->json_size;
}

EVX_INLINE void json_put_name(struct outbuf *out, const struct name *name)
{
    uint8_t *p = outbuf_reserve(out, (size_t)name->json_size + JSON_STEP_BYTES);
    outbuf_commit(out, json_copy_name(p, name));
}

EVX_INLINE bool json_is_data(const struct element *element)
{
    return element_node(element)->element.name->flags & NAME_IS_DATA;
}

// A whole key that cannot be in its object already.
EVX_INLINE void json_put_key_text(struct outbuf *out, const struct name *name)
{
    uint8_t *p = outbuf_reserve(out, (size_t)name->json_size + JSON_STEP_BYTES + 3);
    *p++ = '"';
    p = json_copy_name(p, name);
    memcpy(p, "\":", 2);
    outbuf_commit(out, p + 2);
}

EVX_INLINE void json_put_key(struct outbuf *out, const struct name *name)
{
    json_put_comma(out);
    json_put_key_text(out, name);
}

// Value of an element, of a Data element in a container; pushes a frame when there are element
// children. No program is used.
EVX_MUST_USE bool json_start_value(struct renderer *renderer, const struct element *element);
EVX_MUST_USE bool json_start_data(struct renderer *renderer, const struct element *element);

// Value of an element without attributes whose content is the elements of a fragment, at least one.
EVX_MUST_USE bool json_start_object_of(struct renderer *renderer, const struct element *element,
                                       const struct fragment *fragment);

// Value of the root element of an instance, by its program if there is one, for its price.
EVX_INLINE EVX_MUST_USE bool json_start_instance(struct renderer *renderer, const struct node *node,
                                                 uint32_t price)
{
    const struct instance *instance = node->instance;
    const struct program *program = find_program(renderer, instance, 0);
    if (EVX_UNLIKELY(!program)) {
        struct element root = element_of_node(node, 0, 0);
        root.price = price;
        renderer->used_walk = true;
        return json_start_value(renderer, &root);
    }
    return pay(&renderer->tree, price) && start_program(renderer, instance, program, 0);
}

// `"name":value` into the object, attributes in front of it where they are separate; the name gets
// a number when the object has it already. The second one is for the first member, or behind a
// comma.
EVX_MUST_USE bool json_start_member(struct renderer *renderer, const struct element *element,
                                    uint64_t object);
EVX_MUST_USE bool json_start_first_member(struct renderer *renderer, const struct element *element,
                                          uint64_t object);

// The contexts in which a template compiles: with separate attributes a program writes the whole
// member, and that of a record's root is not like others.
enum json_context { JSON_NESTED, JSON_RECORD_ROOT };

// The member of the root element of an instance, whose name is known to be new to the object.
EVX_INLINE EVX_MUST_USE bool json_start_new_member(struct renderer *renderer,
                                                   const struct node *node)
{
    const struct template *template = node->instance->template;
    if (EVX_LIKELY(!renderer->format->separates_attributes)) {
        json_put_key(renderer->out, template->tape[0].element.name);
        return json_start_instance(renderer, node, template->node_count);
    }
    uint32_t context = node == renderer->root ? JSON_RECORD_ROOT : JSON_NESTED;
    const struct program *program = find_program(renderer, node->instance, context);
    json_put_comma(renderer->out);
    if (EVX_LIKELY(program != NULL))
        return pay(&renderer->tree, template->node_count) &&
               start_program(renderer, node->instance, program, 0);
    const struct element root = element_of_node(node, 0, 0);
    renderer->used_walk = true;
    return json_start_first_member(renderer, &root, 0);
}

// `"name":value` of an attribute, or nothing when nothing in it shows.
EVX_MUST_USE bool json_put_attribute(struct renderer *renderer, const struct element *element,
                                     uint32_t index, uint64_t object);

// Takes the key under which the attributes of an element stand in its object, if any of them shows.
EVX_MUST_USE bool json_reserve_attributes(struct renderer *renderer, const struct element *element,
                                          uint64_t object);

// What stands in an element or attribute, nodes that print nothing included.
struct json_summary {
    uint32_t nodes;
    uint32_t content; // nodes that show
    bool elements;
    bool last_is_bare; // of the content nodes
};

EVX_MUST_USE bool json_summarize(struct renderer *renderer, struct child_iterator children,
                                 struct json_summary *ret);
// The same of an attribute, in which elements beside text are a fault.
EVX_MUST_USE bool json_summarize_attribute(struct renderer *renderer, const struct element *element,
                                           uint32_t index, struct child_iterator *ret_parts,
                                           struct json_summary *ret);

// The same of one that shows, from its summary.
EVX_MUST_USE bool json_put_shown_attribute(struct renderer *renderer, const struct name *name,
                                           const struct child_iterator *parts,
                                           const struct json_summary *summary, uint64_t object);

// The text of all parts as one scalar.
EVX_MUST_USE bool json_put_scalar(struct renderer *renderer, struct child_iterator parts,
                                  bool bare);

// The key at [start, length) joins the object, with a number when the object has it already. Object
// 0: it is known that nothing has.
EVX_MUST_USE bool json_unique_key(struct renderer *renderer, uint64_t object, size_t start);

// For attributes in a member of their own: turns the open key at [start, length) into
// `K_attributes":`, and begins the member behind it, `,"K` of `size` bytes.
EVX_MUST_USE bool json_put_attributes_key(struct renderer *renderer, uint64_t object, size_t start);
void json_repeat_key(struct renderer *renderer, size_t start, size_t size);

// The Data children of containers (json_data.c).

// Whether a Data element has other attributes than its name, which is among them if it has one.
EVX_INLINE bool json_data_has_attributes(const struct node *tape, uint32_t index, bool is_named)
{
    uint32_t content = tape[index].element.content, first = index + 1;
    return first < content && (!is_named || tape[first].next < content);
}

// Finds out whether a container has Data children and whether one of them has a name. All of its
// children are looked at before they are shown, and so paid for here.
EVX_MUST_USE bool json_find_data_mode(struct renderer *renderer, struct child_iterator children,
                                      enum data_mode *ret_mode);

// Text of the attribute that names a Data element; *ret_present is false when it has no name.
EVX_MUST_USE bool json_put_data_name(struct renderer *renderer, const struct element *element,
                                     bool *ret_present);

// `"name":` of a named Data element that has no hole in its attributes and is no run, and its
// attributes in front of that.
EVX_MUST_USE bool json_put_data_key(struct renderer *renderer, const struct element *element);

// A Data child of the container whose members are on top of the stack, with all that join it.
EVX_MUST_USE bool json_start_data_child(struct renderer *renderer, const struct element *element);
EVX_MUST_USE bool json_run_data_list(struct renderer *renderer);

// One item of a JSON list, or a lone printable value.
void json_put_value(struct renderer *renderer, struct value *value);
void json_put_list_items(struct renderer *renderer, struct value *array);

// The next children of the frame, as many as hold nothing but text, where no template stands behind
// them.
EVX_MUST_USE bool json_put_plain_members(struct renderer *renderer, struct frame *frame);

EVX_MUST_USE bool json_run(struct renderer *renderer, uint32_t base);
EVX_MUST_USE bool json_run_program(struct renderer *renderer);
EVX_MUST_USE bool json_run_program_avx512(struct renderer *renderer);
EVX_MUST_USE bool json_run_program_0_14(struct renderer *renderer);
EVX_MUST_USE bool json_run_program_0_14_avx512(struct renderer *renderer);

#endif
