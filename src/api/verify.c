// SPDX-License-Identifier: MIT
// Reading a whole input for its ledger.
#include <evx/ledger.h>

#include "api/handles.h"
#include "base/error.h"
#include "base/versioned.h"
#include "flow/verification.h"

evx_verdict evx_verdict_of_failure(const evx_error *error)
{
    return error->kind >= EVX_DAMAGE_FILE_CUT && error->kind <= EVX_DAMAGE_FILE_HEADER
               ? EVX_VERDICT_NOT_A_LOG
               : EVX_VERDICT_UNREADABLE;
}

static evx_status run(struct evx_reader *reader, unsigned threads, struct plans *plans,
                      const evx_ledger_sink *sink, evx_verify_result *ret_result, evx_error *error)
{
    struct evx_engine *engine = reader->engine;
    const struct text_consumer text =
        text_consumer(&formats[FORMAT_JSON], &engine->plans[FORMAT_JSON], engine->codec, false);
    struct verification verification = {
        .witness = witness_consumer(plans),
        .check = check_consumer(&text, &engine->shapes),
        .sink = sink,
    };
    reader_describe_job(reader, &verification.job);
    verification.job.threads = thread_count_of(threads);
    return verify_run(&verification, ret_result, error);
}

evx_status evx_verify(evx_reader *reader, const evx_verify_options *options,
                      const evx_ledger_sink *sink, evx_verify_result *ret_result, evx_error *error)
{
    struct plans plans;
    evx_verify_options known = {0};
    evx_verify_result result;
    if (options &&
        !versioned_copy(&known, sizeof known, options, FIRST_SIZE(evx_verify_options, threads)))
        return error_argument(error, "the size of the options is not set");
    if (ret_result->size < FIRST_SIZE(evx_verify_result, reports))
        return error_argument(error, "the size of the result is not set");
    if (sink && !ALL_NULL(sink->reserved))
        return error_argument(error, "a ledger's sink ends with zeros");
    evx_status status = reader_start_pass(reader, false, error);
    if (status != EVX_OK)
        return status;
    if (!plans_init(&plans, &reader->engine->memory)) {
        error_set(error, EVX_ERR_MEMORY);
        return EVX_ERR_MEMORY;
    }
    plans.full = reader->engine->no_plans;
    status = run(reader, known.threads, &plans, sink, &result, error);
    plans_destroy(&plans);
    if (status == EVX_OK) {
        result.size = ret_result->size;
        memcpy(ret_result, &result,
               ret_result->size < sizeof result ? ret_result->size : sizeof result);
    }
    return status;
}
