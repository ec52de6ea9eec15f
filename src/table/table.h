// SPDX-License-Identifier: MIT
// A table as a consumer: of each event the cells of its columns, in the lanes of a unit.
#ifndef EVX_TABLE_TABLE_H
#define EVX_TABLE_TABLE_H

#include "decode/consumer.h"
#include "decode/plans.h"
#include "filter/filter_plan.h"
#include "table/lanes.h"
#include "table/table_columns.h"

// All of it lives as long as the run.
struct table_consumer {
    struct consumer consumer;
    const struct table_columns *columns;
    struct query_plans *field_plans;      // of the columns' tree; NULL: all is walked
    struct plans *data_plans;             // the same of EventData
    struct plans *json_plans, *xml_plans; // of FORMAT_JSON and FORMAT_XML_COMPACT
    const struct ansi_codec *codec;
};

// What its payload is: a struct lanes.
struct table_consumer table_consumer(const struct table_columns *columns,
                                     struct query_plans *field_plans, struct plans *data_plans,
                                     struct plans *json_plans, struct plans *xml_plans,
                                     const struct ansi_codec *codec);

#endif
