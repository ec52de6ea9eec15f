// SPDX-License-Identifier: MIT
// Guards the part of docs/differences.md on Data in JSON: no attribute and no element is missing,
// and nothing that the reference writes is another.
#include "render.h"

// With and without separate attributes.
#define CONTAINER(content, values, json, separate)                                                 \
    {                                                                                              \
        "<E><EventData>" content "</EventData></E>", values, "{\"E\":{\"EventData\":" json "}}",   \
            NULL, "{\"E\":{\"EventData\":" separate "}}", NULL                                     \
    }
#define NAMED(content, values, json) CONTAINER(content, values, json, json)

static void test_data_shows_its_attributes(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        NAMED("<Data Name='U' Uid='1' Gid='2'>%0</Data><Data Name='V' k='v'/>", "s:x",
              "{\"U_attributes\":{\"Uid\":\"1\",\"Gid\":\"2\"},\"U\":\"x\","
              "\"V_attributes\":{\"k\":\"v\"},\"V\":\"\"}"),
        NAMED("<Data k='%0' Name='A' l='%1' m=''>%2</Data><Data Name='B' l='%1'/>", "u:5|n|s:x",
              "{\"A_attributes\":{\"k\":5},\"A\":\"x\",\"B\":\"\"}"),
        NAMED("<Data Name='A' k='v'>%?0</Data><Data Name='B'/>", "n", "{\"B\":\"\"}"),
        NAMED("%0<Data Name='B'/>", "f:<Data Name='A' k='v'>1</Data>",
              "{\"A_attributes\":{\"k\":\"v\"},\"A\":\"1\",\"B\":\"\"}"),
        // Without a template.
        NAMED("<Data Name='U' Uid='1' Gid='2'/><Data Name='V'>x</Data>", NULL,
              "{\"U_attributes\":{\"Uid\":\"1\",\"Gid\":\"2\"},\"U\":\"\",\"V\":\"x\"}"),
        // The key with its number; no key twice.
        NAMED("<Data Name='A'/><Data Name='B'/><Data Name='A' k='v'/>", "",
              "{\"A\":\"\",\"B\":\"\",\"A_1_attributes\":{\"k\":\"v\"},\"A_1\":\"\"}"),
        NAMED("<Data Name='A_attributes'>%0</Data><Data Name='A' k='v' k='w'/>", "s:x",
              "{\"A_attributes\":\"x\",\"A_attributes_1\":{\"k\":\"v\",\"k_1\":\"w\"},\"A\":\"\"}"),
        NAMED("<Data Name='A' k='v'>%0</Data><A_attributes/>", "s:x",
              "{\"A_attributes\":{\"k\":\"v\"},\"A\":\"x\",\"A_attributes_1\":null}"),
        // Of several names one is the key.
        NAMED("<Data Name='A' Name='B' k='v'/>", "",
              "{\"A_attributes\":{\"Name\":\"B\",\"k\":\"v\"},\"A\":\"\"}"),
        // An element in an attribute costs neither the record nor the text beside it.
        NAMED("<Data Name='A' k='t%0' l='%0'/>", "f:<In/>",
              "{\"A_attributes\":{\"k\":\"t\"},\"A\":\"\"}"),
    };
    SHOW_ROWS(rows);
}

// A value without attributes has null in the place of an object.
static void test_lists_of_data_show_their_attributes(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        NAMED("<Data Name='A'>1</Data><Data Name='A' k='v'>2</Data><Data Name='A' k='%0'/>", "n",
              "{\"A_attributes\":[null,{\"k\":\"v\"},null],\"A\":[\"1\",\"2\",\"\"]}"),
        NAMED("<Data Name='A' k='v'><In/></Data><Data Name='A'/><Data Name='B'/>", "",
              "{\"A_attributes\":[{\"k\":\"v\"},null],\"A\":[{\"In\":null},\"\"],\"B\":\"\"}"),
        NAMED("<Data Name='A' k='v'>%0</Data><Data Name='B' k='w'>%1</Data>", "S:p,q|s:x",
              "{\"A_attributes\":[{\"k\":\"v\"},{\"k\":\"v\"}],\"A\":[\"p\",\"q\"],"
              "\"B_attributes\":{\"k\":\"w\"},\"B\":\"x\"}"),
        NAMED("<Data Name='A' k='%0'>%1</Data>", "U:7,8|S:p,q",
              "{\"A_attributes\":[{\"k\":7},{\"k\":8},{\"k\":7},{\"k\":8}],"
              "\"A\":[\"p\",\"p\",\"q\",\"q\"]}"),
        NAMED("<Data Name='%0' k='v'>t</Data>", "S:p,p,q",
              "{\"p_attributes\":[{\"k\":\"v\"},{\"k\":\"v\"}],\"p\":[\"t\",\"t\"],"
              "\"q_attributes\":{\"k\":\"v\"},\"q\":\"t\"}"),
    };
    SHOW_ROWS(rows);
}

static void test_data_without_names_shows_its_attributes(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        CONTAINER("<Data Unit='u'>%0</Data>", "s:x",
                  "{\"Data\":{\"#attributes\":{\"Unit\":\"u\"},\"#text\":\"x\"}}",
                  "{\"Data_attributes\":{\"Unit\":\"u\"},\"Data\":{\"#text\":\"x\"}}"),
        CONTAINER(
            "<Data>%0</Data><Z/><Data k='%1'>2</Data>", "s:1|u:5",
            "{\"Data\":{\"#attributes\":[null,{\"k\":5}],\"#text\":[\"1\",\"2\"]},\"Z\":null}",
            "{\"Data_attributes\":[null,{\"k\":5}],\"Data\":{\"#text\":[\"1\",\"2\"]},\"Z\":null}"),
        CONTAINER(
            "<Data_attributes/><Data k='v'>%0</Data>", "S:p,q",
            "{\"Data_attributes\":null,"
            "\"Data\":{\"#attributes\":[{\"k\":\"v\"},{\"k\":\"v\"}],\"#text\":[\"p\",\"q\"]}}",
            "{\"Data_attributes\":null,\"Data_attributes_1\":[{\"k\":\"v\"},{\"k\":\"v\"}],"
            "\"Data\":{\"#text\":[\"p\",\"q\"]}}"),
        CONTAINER("<Data k='v'>1</Data>", NULL,
                  "{\"Data\":{\"#attributes\":{\"k\":\"v\"},\"#text\":\"1\"}}",
                  "{\"Data_attributes\":{\"k\":\"v\"},\"Data\":{\"#text\":\"1\"}}"),
        // The first of several names has a node, so it is the one that counts, and it is empty.
        CONTAINER("<Data Name='%0' Name='B'/>", "n",
                  "{\"Data\":{\"#attributes\":{\"Name\":\"B\"},\"#text\":\"\"}}",
                  "{\"Data_attributes\":{\"Name\":\"B\"},\"Data\":{\"#text\":\"\"}}"),
        NAMED("<Data k='%0' l='' m='%1'>1</Data>", "n|f:<In/>", "{\"Data\":{\"#text\":\"1\"}}"),
    };
    SHOW_ROWS(rows);
}

static void test_data_without_names_joins_data_with_names(void **state)
{
    (void)state;
    static const struct shown rows[] = {
        // Each ends a run; all are in the place of the first.
        NAMED("<Data Name='A'>1</Data><Data>2</Data><Data Name='A'>%0</Data>", "s:3",
              "{\"A\":\"1\",\"Data\":{\"#text\":\"2\"},\"A_1\":\"3\"}"),
        NAMED("<Data>%0</Data><Data Name='A'/><Data/><Z/><Data Name='B'/><Data><In/></Data>",
              "S:p,q",
              "{\"Data\":{\"#text\":[\"p\",\"q\",\"\",{\"In\":null}]},"
              "\"A\":\"\",\"Z\":null,\"B\":\"\"}"),
        NAMED("<Data Name='A'>1</Data><Data>2</Data>", NULL,
              "{\"A\":\"1\",\"Data\":{\"#text\":\"2\"}}"),
        // One that looks like a name is no member of the run.
        NAMED("<Data Name='n'>v</Data>%0", "f:<Data>n</Data><Data Name='n'>w</Data>",
              "{\"n\":\"v\",\"Data\":{\"#text\":\"n\"},\"n_1\":\"w\"}"),
        // A name that is empty, here and in the copy of an empty item, is none.
        NAMED("<Data Name='A'/><Data Name='%0'>t</Data>", "n",
              "{\"A\":\"\",\"Data\":{\"#text\":\"t\"}}"),
        NAMED("<Data Name='%0'>t</Data>", "S:p,,q",
              "{\"p\":\"t\",\"Data\":{\"#text\":\"t\"},\"q\":\"t\"}"),
        CONTAINER(
            "<Data Name='A'/><Data k='v'>1</Data><Data Name='B'/><Data>%0</Data>", "u:5",
            "{\"A\":\"\",\"Data\":{\"#attributes\":[{\"k\":\"v\"},null],\"#text\":[\"1\",5]},"
            "\"B\":\"\"}",
            "{\"A\":\"\",\"Data_attributes\":[{\"k\":\"v\"},null],\"Data\":{\"#text\":[\"1\",5]},"
            "\"B\":\"\"}"),
        // No key twice.
        NAMED("<Data>1</Data><Data Name='Data'>%0</Data>", "s:x",
              "{\"Data\":{\"#text\":\"1\"},\"Data_1\":\"x\"}"),
        NAMED("<Data Name='Data'>%0</Data><Data>1</Data>", "s:x",
              "{\"Data\":\"x\",\"Data_1\":{\"#text\":\"1\"}}"),
    };
    SHOW_ROWS(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_data_shows_its_attributes),
        cmocka_unit_test(test_lists_of_data_show_their_attributes),
        cmocka_unit_test(test_data_without_names_shows_its_attributes),
        cmocka_unit_test(test_data_without_names_joins_data_with_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
