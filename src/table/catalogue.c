// SPDX-License-Identifier: MIT
#include "table/catalogue.h"

#include <string.h>
#include <strings.h>

#define SYSTEM "*/System/"

// A value of System: an integer, or a name of which there are few.
#define NUMBER(name, width, exact_width, path, help)                                               \
    {                                                                                              \
        name, SOURCE_FIELD, LAYOUT_INT, width, false, true, COLUMN_DEFAULT, LAYOUT_INT,            \
            exact_width, SYSTEM path, help                                                         \
    }
#define NAME(name, exact_layout, path, help)                                                       \
    {                                                                                              \
        name, SOURCE_FIELD, LAYOUT_TEXT, 0, true, true, COLUMN_DEFAULT, exact_layout, 0,           \
            SYSTEM path, help                                                                      \
    }
#define GUID(name, path, help)                                                                     \
    {                                                                                              \
        name, SOURCE_FIELD, LAYOUT_TEXT, 0, false, true, COLUMN_DEFAULT, LAYOUT_GUID, 0,           \
            SYSTEM path, help                                                                      \
    }
// A number that every record has.
#define OWN(name, source, help)                                                                    \
    {                                                                                              \
        name, source, LAYOUT_INT, 8, false, false, COLUMN_DEFAULT, LAYOUT_INT, 8, NULL, help       \
    }
#define WANTED(name, source, layout, nullable, exact_layout, help)                                 \
    {                                                                                              \
        name, source, layout, 8, false, nullable, COLUMN_ON_REQUEST, exact_layout, 8, NULL, help   \
    }

const struct catalogue_column catalogue[] = {
    OWN("record_id", SOURCE_RECORD_ID, "identifier of the record's header"),
    {"written", SOURCE_WRITTEN, LAYOUT_TIME, 8, false, true, COLUMN_DEFAULT, LAYOUT_TIME, 8, NULL,
     "time of the record's header: when it was written"},
    {"time_created", SOURCE_FIELD, LAYOUT_TIME, 8, false, true, COLUMN_DEFAULT, LAYOUT_TIME, 8,
     SYSTEM "TimeCreated/@SystemTime", "when the event happened, as it says itself"},
    NUMBER("event_id", 4, 4, "EventID", "number of the event, without its qualifiers"),
    NUMBER("qualifiers", 4, 2, "EventID/@Qualifiers", "of the event's number, in old providers"),
    NUMBER("version", 2, 1, "Version", "of the event's definition"),
    NUMBER("level", 2, 1, "Level",
           "0 always, 1 critical, 2 error, 3 warning, 4 information, 5 verbose"),
    NUMBER("task", 4, 2, "Task", "number of the provider's component or category"),
    NUMBER("opcode", 2, 1, "Opcode", "number of the step within the task"),
    NUMBER("keywords", 8, 8, "Keywords", "bits, of which 64-bit patterns are shown signed"),
    NUMBER("event_record_id", 8, 8, "EventRecordID", "EventRecordID of the event"),
    NAME("provider", LAYOUT_TEXT, "Provider/@Name", "who wrote the event"),
    NAME("provider_guid", LAYOUT_GUID, "Provider/@Guid", "the same as a GUID"),
    NAME("channel", LAYOUT_TEXT, "Channel", "the log it was written to"),
    NAME("computer", LAYOUT_TEXT, "Computer", "where it happened"),
    NAME("user_id", LAYOUT_TEXT, "Security/@UserID", "SID of the user it was written for"),
    NUMBER("process_id", 8, 4, "Execution/@ProcessID", "process that wrote it"),
    NUMBER("thread_id", 8, 4, "Execution/@ThreadID", "thread that wrote it"),
    GUID("activity_id", "Correlation/@ActivityID", "what events of one activity share"),
    GUID("related_activity_id", "Correlation/@RelatedActivityID", "the activity it came of"),
    {"event_data", SOURCE_EVENT_DATA, LAYOUT_MAP, 0, false, false, COLUMN_DEFAULT, LAYOUT_MAP, 0,
     NULL, "names and values in EventData"},
    {"user_data", SOURCE_USER_DATA, LAYOUT_TEXT, 0, false, true, COLUMN_DEFAULT, LAYOUT_TEXT, 0,
     NULL, "what else is in the event (UserData, RenderingInfo ...), as a JSON object"},
    {"source_path", SOURCE_PATH, LAYOUT_TEXT, 0, true, false, COLUMN_DEFAULT, LAYOUT_TEXT, 0, NULL,
     "the log, as it was named"},
    OWN("chunk", SOURCE_CHUNK, "number of the record's slot in the log, from 0"),
    OWN("offset", SOURCE_OFFSET, "of the record in the log, in bytes"),
    {"recovered", SOURCE_RECOVERED, LAYOUT_BOOL, 1, false, false, COLUMN_WHEN_RECOVERING,
     LAYOUT_BOOL, 1, NULL, "whether it was carved from space that is not live"},
    WANTED("xml", SOURCE_XML, LAYOUT_TEXT, false, LAYOUT_TEXT, "the record as XML on one line"),
    WANTED("json", SOURCE_JSON, LAYOUT_TEXT, false, LAYOUT_TEXT, "the record as JSON"),
    {"time_created_raw", SOURCE_FIELD, LAYOUT_INT, 8, false, true, COLUMN_ON_REQUEST, LAYOUT_INT, 8,
     SYSTEM "TimeCreated/@SystemTime", "time_created as FILETIME: 100 ns since 1601"},
    WANTED("template_guid", SOURCE_TEMPLATE, LAYOUT_TEXT, true, LAYOUT_GUID,
           "of the template that the record is an instance of"),
    WANTED("raw", SOURCE_RAW, LAYOUT_BINARY, false, LAYOUT_BINARY,
           "the record's BinXML, behind its header"),
};

const size_t catalogue_count = sizeof catalogue / sizeof *catalogue;

size_t catalogue_find(const char *name, bool any_case)
{
    size_t at = 0;
    while (at < catalogue_count &&
           (any_case ? strcasecmp(name, catalogue[at].name) : strcmp(name, catalogue[at].name)))
        at++;
    return at;
}
