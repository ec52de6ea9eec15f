// SPDX-License-Identifier: MIT
#include "damage_policy.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "problem.h"
#include "report.h"

static bool is_chosen(const struct options *options, enum option_id id, const char *choice)
{
    const char *text = options_text(options, id);
    return text && strcmp(text, choice) == 0;
}

struct damage_policy damage_policy_read(const struct options *options)
{
    return (struct damage_policy){
        .is_json = is_chosen(options, OPT_ERROR_FORMAT, "json"),
        .skips = is_chosen(options, OPT_ON_DAMAGE, "skip"),
        .stops = is_chosen(options, OPT_ON_DAMAGE, "stop") ||
                 options_flag(options, OPT_STOP_AFTER_ONE_ERROR),
        .recovers = is_chosen(options, OPT_ON_DAMAGE, "salvage") ||
                    options_flag(options, OPT_RECOVER_RECORDS),
        .is_strict = options_flag(options, OPT_STRICT_EXIT),
    };
}

void damage_policy_begin(struct damage_policy *policy, const char *input, bool is_one_of_several)
{
    policy->input = input;
    policy->untitled = is_one_of_several && !policy->is_json ? input : NULL;
    policy->skipped = 0;
}

void damage_policy_end(struct damage_policy *policy)
{
    if (policy->skipped > 0 && !policy->is_json)
        report_line("%s: %" PRIu64 " report%s of damage passed over", policy->input,
                    policy->skipped, policy->skipped == 1 ? "" : "s");
    policy->skipped = 0;
}

// Whether it tells that something which the log has, or should have, is not shown. Old records are
// no part of the log, and a query that gave up is no damage.
static bool is_loss(const evx_error *error)
{
    switch (error->kind) {
    case EVX_DAMAGE_NONE:
    case EVX_DAMAGE_RECORD_UNREADABLE:
    case EVX_DAMAGE_NAME_FOREIGN:
    case EVX_DAMAGE_VALUE_DOUBTFUL:
        return error->status < 0;
    default:
        return true;
    }
}

void damage_policy_tell(struct damage_policy *policy, const evx_error *error)
{
    policy->has_loss |= is_loss(error);
    if (policy->skips && !policy->stops) {
        policy->skipped++;
        return;
    }
    if (policy->is_json) {
        problem_report(policy->input, error);
        return;
    }
    if (policy->untitled)
        report_line("%s:", policy->untitled);
    policy->untitled = NULL;
    report_damage(error);
}

int damage_policy_exit(const struct damage_policy *policy, int code)
{
    return code == EXIT_SUCCESS && policy->is_strict && policy->has_loss ? EXIT_LOSS : code;
}
