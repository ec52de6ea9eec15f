// SPDX-License-Identifier: MIT
// The tables of a pack: docs/packs.md says what is in them. Everything of a provider has the
// provider's id and its place in it, so that a version is read and written as one.
#ifndef EVX_PACKFILE_PACK_SCHEMA_H
#define EVX_PACKFILE_PACK_SCHEMA_H

enum {
    PACK_APPLICATION_ID = 0x45565850, // "EVXP"
    PACK_SCHEMA_VERSION = 1,
};

#define PACK_SCHEMA                                                                                \
    "PRAGMA page_size=4096;"                                                                       \
    "PRAGMA application_id=1163286608;"                                                            \
    "PRAGMA user_version=1;"                                                                       \
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"                  \
    "CREATE TABLE origin(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, path TEXT NOT NULL,"          \
    " size INTEGER, sha256 TEXT, version TEXT, system TEXT);"                                      \
    "CREATE TABLE text(id INTEGER PRIMARY KEY, value TEXT NOT NULL);"                              \
    "CREATE TABLE message_table(id INTEGER PRIMARY KEY, origin INTEGER NOT NULL,"                  \
    " language INTEGER NOT NULL, serves TEXT, digest BLOB NOT NULL UNIQUE);"                       \
    "CREATE TABLE message(message_table INTEGER NOT NULL, id INTEGER NOT NULL,"                    \
    " text INTEGER NOT NULL, PRIMARY KEY(message_table, id)) WITHOUT ROWID;"                       \
    "CREATE TABLE provider(id INTEGER PRIMARY KEY, guid TEXT, name TEXT, message INTEGER,"         \
    " origin INTEGER NOT NULL, digest BLOB NOT NULL UNIQUE);"                                      \
    "CREATE INDEX provider_guid ON provider(guid);"                                                \
    "CREATE INDEX provider_name ON provider(name COLLATE NOCASE);"                                 \
    "CREATE TABLE provider_messages(provider INTEGER NOT NULL, role TEXT NOT NULL,"                \
    " position INTEGER NOT NULL, message_table INTEGER NOT NULL,"                                  \
    " PRIMARY KEY(provider, role, position, message_table)) WITHOUT ROWID;"                        \
    "CREATE TABLE event(provider INTEGER NOT NULL, position INTEGER NOT NULL,"                     \
    " id INTEGER NOT NULL, version INTEGER NOT NULL, channel INTEGER NOT NULL,"                    \
    " level INTEGER NOT NULL, opcode INTEGER NOT NULL, task INTEGER NOT NULL,"                     \
    " keywords INTEGER NOT NULL, message INTEGER, template INTEGER,"                               \
    " PRIMARY KEY(provider, position)) WITHOUT ROWID;"                                             \
    "CREATE TABLE name(provider INTEGER NOT NULL, position INTEGER NOT NULL, kind TEXT NOT NULL,"  \
    " value INTEGER NOT NULL, message INTEGER, name TEXT,"                                         \
    " PRIMARY KEY(provider, position)) WITHOUT ROWID;"                                             \
    "CREATE TABLE template(provider INTEGER NOT NULL, position INTEGER NOT NULL,"                  \
    " guid TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY(provider, position)) WITHOUT ROWID;"     \
    "CREATE INDEX template_guid ON template(guid);"                                                \
    "CREATE TABLE item(provider INTEGER NOT NULL, template INTEGER NOT NULL,"                      \
    " position INTEGER NOT NULL, name TEXT, in_type INTEGER NOT NULL, out_type INTEGER NOT NULL,"  \
    " map INTEGER, flags INTEGER NOT NULL, count INTEGER NOT NULL, length INTEGER NOT NULL,"       \
    " PRIMARY KEY(provider, template, position)) WITHOUT ROWID;"                                   \
    "CREATE TABLE map(provider INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT,"            \
    " is_bits INTEGER NOT NULL, PRIMARY KEY(provider, position)) WITHOUT ROWID;"                   \
    "CREATE TABLE map_row(provider INTEGER NOT NULL, map INTEGER NOT NULL,"                        \
    " position INTEGER NOT NULL, value INTEGER NOT NULL, message INTEGER,"                         \
    " PRIMARY KEY(provider, map, position)) WITHOUT ROWID;" /* For people; evx reads none of them. \
                                                             */                                    \
    "CREATE VIEW event_text AS SELECT p.name AS provider, p.guid, e.id, e.version, t.language,"    \
    " x.value AS text FROM event e JOIN provider p ON p.id=e.provider"                             \
    " JOIN provider_messages u ON u.provider=p.id AND u.role='event'"                              \
    " JOIN message m ON m.message_table=u.message_table AND m.id=e.message"                        \
    " JOIN message_table t ON t.id=m.message_table JOIN text x ON x.id=m.text;"                    \
    "CREATE VIEW message_text AS SELECT t.id AS message_table, o.path, t.language, m.id,"          \
    " x.value AS text FROM message m JOIN message_table t ON t.id=m.message_table"                 \
    " JOIN origin o ON o.id=t.origin JOIN text x ON x.id=m.text;"

#endif
