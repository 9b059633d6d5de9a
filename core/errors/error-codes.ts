/** The table of error codes: exit code, HTTP status, if an activity retries it, and the texts of `skillos explain <code>`. */
import { EXIT } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';

export interface CodeEntry {
  readonly exit: ExitCode;
  /** HTTP status of the problem document; 200 if the code is the end of a run, which is reported as a result. */
  readonly http: number;
  /** True if Temporal may retry an activity that failed with this code. */
  readonly retryable: boolean;
  readonly meaning: string;
  readonly remedy: string;
}

const usage = { exit: EXIT.usage, http: 400, retryable: false } as const;
const input = { exit: EXIT.usage, http: 422, retryable: false } as const;
const missing = { exit: EXIT.usage, http: 404, retryable: false } as const;
const conflict = { exit: EXIT.failed, http: 409, retryable: false } as const;
const runError = { exit: EXIT.failed, http: 200, retryable: false } as const;
const refused = { exit: EXIT.blocked, http: 403, retryable: false } as const;
const limited = { exit: EXIT.limited, http: 429, retryable: false } as const;
const unreachable = { exit: EXIT.unreachable, http: 503, retryable: true } as const;

export const ERROR_CODES = {
  // runs
  skill_failed: {
    ...runError,
    retryable: true,
    meaning: 'The code of the skill threw an error in its last attempt.',
    remedy: 'Read its output: skillos runs logs <run>',
  },
  skill_timeout: {
    ...runError,
    retryable: true,
    meaning: 'The skill did not return within its timeout; its process was killed.',
    remedy: 'Raise timeout in the manifest, or let the skill do less work per call.',
  },
  skill_out_of_memory: {
    ...runError,
    meaning: 'The process of the skill exceeded its memory limit.',
    remedy: 'Let the skill hold less data at once, or raise SKILLOS_SKILL_MEMORY_MB.',
  },
  skill_crashed: {
    ...runError,
    retryable: true,
    meaning: 'The process of the skill ended before it returned a result.',
    remedy: 'Look for process.exit or a native crash in its output: skillos runs logs <run>',
  },
  skill_output_too_large: {
    ...runError,
    meaning: 'The skill returned more than 32 MiB.',
    remedy: 'Write the result to a file or a store and return its location.',
  },
  skill_output_invalid: {
    ...runError,
    meaning: 'The skill returned a value that is not JSON, or that does not match its outputs schema.',
    remedy: 'Return objects, arrays, strings, numbers, booleans or null that match outputs in the manifest.',
  },
  outcome_unknown: {
    ...runError,
    meaning:
      'The worker was lost after the skill had begun, and the skill is not safe to repeat: its effect may or may not have happened.',
    remedy: 'Check the effect by hand; set idempotent: true in the manifest if the skill is safe to repeat.',
  },
  concurrency_limited: {
    ...limited,
    retryable: true,
    meaning:
      'As many steps of the skill run as concurrency in its manifest allows; this step waits for one of them to end.',
    remedy: 'Wait, or raise concurrency. See what a run waits for: skillos why <run>',
  },
  code_unavailable: {
    ...runError,
    meaning: 'The code that was frozen for the run is missing from the store.',
    remedy: 'Start a new run, which freezes the code as it is now.',
  },
  code_tampered: {
    ...runError,
    meaning: 'The stored code is not the one whose hash the run names, so it was not executed.',
    remedy:
      'Find out who can write to the storage; then deploy or run the skill again, which stores its code.',
  },
  blob_unavailable: {
    ...runError,
    meaning: 'A large value, stored outside the history, is missing from the store.',
    remedy: 'Start a new run; worker and client must use the same skills root or database.',
  },
  payload_unreadable: {
    exit: EXIT.failed,
    http: 500,
    retryable: false,
    meaning: 'The payloads of the run in Temporal cannot be decrypted with SKILLOS_PAYLOAD_KEY.',
    remedy: 'Set SKILLOS_PAYLOAD_KEY to the key with which the run was started.',
  },
  plan_too_large: {
    ...input,
    meaning: 'The plan has more than 500 steps.',
    remedy: 'Split the plan into several runs.',
  },
  payload_too_large: {
    exit: EXIT.usage,
    http: 413,
    retryable: false,
    meaning: 'The payload is larger than 32 MiB.',
    remedy: 'Store the data and pass its location as the payload.',
  },
  composition_inactive: {
    ...conflict,
    meaning: 'The composition has not been activated, or was edited after its activation.',
    remedy:
      'Test it and activate it: skillos test <id>, then skillos activate-skill <id> --approval approved',
  },
  composition_invalid: {
    ...input,
    meaning: 'The composition contains itself, or the output of a step does not match the input of the next.',
    remedy: 'Compare inputs and outputs of the skills, as skillos skills show prints them.',
  },
  run_cancelled: {
    ...runError,
    meaning: 'The run was cancelled.',
    remedy: 'See who cancelled it: skillos audit list --run <run>',
  },
  expired: {
    ...runError,
    meaning: 'No worker started the job before it expired, so it was cancelled.',
    remedy: 'Enqueue it again with a longer --expires, and serve the queue: skillos job work',
  },
  run_replayed: {
    ...conflict,
    meaning: 'Another execution of the run has begun or ended: a request was started again under its run id.',
    remedy: 'Repeat the run: skillos runs rerun <run>; to reset it: skillos runs reset <run>',
  },
  work_refused: {
    ...conflict,
    meaning: 'An activity, decision or step command does not prove that it belongs to the run it names.',
    remedy:
      'Use skillos or the API, with the server key of the worker; see the audit log: skillos audit list',
  },
  run_terminated: {
    ...runError,
    meaning: 'The run was terminated in Temporal, without a rollback or a settlement.',
    remedy: 'See who terminated it in the Temporal Web UI.',
  },
  idempotency_key_reused: {
    ...input,
    meaning: 'The same caller used the idempotency key for a different request; nothing was started.',
    remedy: 'Use a new key for each request; send an unchanged request to get its run again.',
  },
  budget_exceeded: {
    ...limited,
    meaning: 'The run would cost more than the remaining budget; nothing was executed or charged.',
    remedy:
      'Raise SKILLOS_BUDGET_PER_REQUEST, SKILLOS_BUDGET_DAILY or SKILLOS_BUDGET_MONTHLY, whichever the message names; see what is spent and reserved: skillos budget',
  },
  circuit_open: {
    ...limited,
    http: 503,
    meaning:
      'A skill of the plan failed repeatedly, so its circuit is open and its runs are refused; or the server of a connector did, and calls of it are.',
    remedy:
      'See until when: skillos circuit list; close it now: skillos circuit reset <id>. For a connector, wait, or try: skillos connectors test <id>',
  },
  run_finished: {
    ...conflict,
    meaning: 'The run has ended, so it accepts no more commands.',
    remedy: 'See how it ended: skillos runs show <run>',
  },
  job_not_requeueable: {
    ...conflict,
    meaning: 'Only a job that has ended without success and was not requeued can be requeued.',
    remedy: 'See how it stands: skillos job show <job>',
  },
  run_not_finished: {
    ...conflict,
    meaning: 'The run has not ended; only a run that has ended can be repeated.',
    remedy: 'Wait for its end: skillos runs watch <run>; or cancel it: skillos runs cancel <run>',
  },
  history_unavailable: {
    ...conflict,
    meaning: 'Temporal has deleted the history of the run, so its steps cannot be shown or repeated.',
    remedy: 'Start a new run; raise the retention of the Temporal namespace to keep histories longer.',
  },
  approval_required: {
    exit: EXIT.waiting,
    http: 202,
    retryable: false,
    meaning: 'The run needs an approval; until then nothing is executed.',
    remedy: 'See waiting runs and who may decide: skillos approvals list',
  },
  approval_denied: {
    ...refused,
    meaning: 'An approver denied the run; nothing was executed.',
    remedy: 'See who denied it and why: skillos approvals show <run>',
  },
  approval_expired: {
    ...refused,
    meaning: 'No approver decided before the timeout, so the run was denied; nothing was executed.',
    remedy: 'Start the run again, or raise timeout in policies/approval_policies.json.',
  },
  approval_decided: {
    ...conflict,
    meaning: 'The approval of the run has already been decided; this decision changed nothing.',
    remedy: 'See who decided: skillos approvals show <run>',
  },
  approval_proof_invalid: {
    ...refused,
    meaning:
      'The worker requires the approval token, and the decision does not prove that its sender has it.',
    remedy: 'Pass the value of SKILLOS_APPROVAL_TOKEN of the worker with --approval-token @file.',
  },
  plan_changed: {
    ...conflict,
    meaning:
      'The plan differs from the one that was shown: query, input, code, manifest or policy have changed.',
    remedy:
      'Review the new plan, then approve or execute it: skillos approvals show <run>, or repeat --dry-run.',
  },
  plan_not_found: {
    ...missing,
    meaning: 'No plan file exists at this path.',
    remedy: 'Write one: skillos run "<query>" --dry-run --plan-path <path>',
  },
  plan_invalid: {
    ...input,
    meaning: 'The file is not a plan file, or it was edited after the dry run wrote it.',
    remedy: 'Write a new one: skillos run "<query>" --dry-run --plan-path <path>',
  },
  run_not_waiting: {
    ...conflict,
    meaning: 'The run does not wait for an approval, so it cannot be approved or denied.',
    remedy: 'See the runs that wait: skillos approvals list',
  },
  run_not_paused: {
    ...conflict,
    meaning: 'The run is not paused before a step, so it cannot be stepped, skipped or edited.',
    remedy: 'See its state: skillos why <run>',
  },
  unknown_step: {
    ...input,
    meaning:
      'The plan has no such step. Name a step by its number, or by its skill if only one step runs it.',
    remedy: 'See the steps: skillos runs show <run>',
  },
  step_finished: {
    ...conflict,
    meaning: 'The step has already started, so it can no longer be edited or be a breakpoint.',
    remedy: 'Repeat the run from that step: skillos runs rerun <run> --from <step>',
  },
  step_not_run: {
    ...conflict,
    meaning: 'The step has no output, so no later step can start from it.',
    remedy:
      'Repeat the run from an earlier step, or set the output: skillos runs rerun <run> --set <step>=<json>',
  },
  // composing, testing, recording
  unknown_composition: {
    ...missing,
    meaning: 'No composition has this id; a skill with code is not a composition.',
    remedy: 'Compose one: skillos compose-skill <id> --step <skill> --step <skill>',
  },
  unknown_version: {
    ...missing,
    meaning: 'The composition has no such version.',
    remedy: 'List its versions: skillos versions list <id>',
  },
  tests_required: {
    ...conflict,
    meaning: 'The composition and its skills have not passed a test since they last changed.',
    remedy: 'Run the test: skillos test <id>',
  },
  eval_not_configured: {
    ...conflict,
    meaning: 'The manifest of the skill has no cases under eval.',
    remedy: 'Add eval with cases to the manifest; docs/skills.md describes it.',
  },
  run_not_recordable: {
    ...conflict,
    meaning:
      'The run cannot be recorded: it needs exactly one step, the end success, a history that Temporal still keeps, and kept calls of its connectors.',
    remedy: 'Choose another run: skillos runs list --status success',
  },
  recording_invalid: {
    ...input,
    meaning: 'A file below tests/fixtures/ is not a valid recording.',
    remedy: 'Correct the field in the message, or record the run again: skillos record <run>',
  },
  // HTTP requests
  token_missing: {
    ...refused,
    http: 401,
    meaning: 'The request has no token, and this server requires one.',
    remedy: 'Send the header Authorization: Bearer <token>.',
  },
  origin_refused: {
    ...refused,
    meaning: 'The request came from a page of another site, or its Host header does not name this server.',
    remedy: 'Add the origin to SKILLOS_API_CORS_ORIGINS and send a token.',
  },
  endpoint_not_found: {
    ...missing,
    meaning: 'The API has no endpoint at this path.',
    remedy: 'See the endpoints at /docs or /openapi.json.',
  },
  method_not_allowed: {
    ...usage,
    http: 405,
    meaning: 'The endpoint does not support this method; the header Allow lists those it supports.',
    remedy: 'See the endpoints at /docs or /openapi.json.',
  },
  query_invalid: {
    ...usage,
    meaning: 'A query parameter is unknown, repeated or invalid; the message names it.',
    remedy: 'Compare the request with its schema at /docs or /openapi.json.',
  },
  request_invalid: {
    ...input,
    meaning: 'A field of the body is unknown, missing or invalid; the message names it.',
    remedy: 'Compare the request with its schema at /docs or /openapi.json.',
  },
  body_invalid: {
    ...usage,
    meaning:
      'The body is not JSON in UTF-8, repeats a name in an object, or is nested deeper than 32 levels.',
    remedy: 'Send one JSON document as defined by RFC 8259.',
  },
  body_too_large: {
    ...usage,
    http: 413,
    meaning: 'The body is larger than the limit of this server.',
    remedy:
      'Send a smaller body, or raise SKILLOS_API_MAX_BODY_BYTES; for webhooks SKILLOS_WEBHOOK_MAX_BODY_BYTES.',
  },
  media_type_unsupported: {
    ...usage,
    http: 415,
    meaning: 'The endpoint does not support the content type or the content encoding of the body.',
    remedy: 'Send the header Content-Type: application/json and no Content-Encoding.',
  },
  request_timeout: {
    ...unreachable,
    http: 408,
    meaning: 'The request did not arrive completely before the timeout of the server.',
    remedy: 'Send it again; on a slow connection send a smaller body.',
  },
  uri_too_long: {
    ...usage,
    http: 414,
    meaning: 'The URL of the request is longer than 8 KiB.',
    remedy: 'Send long values in the body.',
  },
  headers_too_large: {
    ...usage,
    http: 431,
    meaning: 'The request has more than 100 headers, or headers of more than 16 KiB.',
    remedy: 'Send fewer or shorter headers.',
  },
  bad_request: {
    ...usage,
    meaning: 'The request is not valid HTTP/1.1.',
    remedy: 'Check the client, and proxies that change requests on the way.',
  },
  server_stopping: {
    ...unreachable,
    meaning: 'This server is shutting down and accepts no new requests.',
    remedy: 'Send the request again after a few seconds.',
  },
  address_in_use: {
    ...conflict,
    meaning: 'Another process already listens at the address.',
    remedy: 'Choose another port: skillos serve --port 8001',
  },
  // webhooks and attachments
  webhook_rejected: {
    ...refused,
    http: 401,
    meaning:
      'The trigger is unknown, has no secret, or the signature of the delivery is missing, stale or wrong; senders learn no more.',
    remedy: 'See which of them it was in logs/execution.log, and the triggers: skillos webhook triggers',
  },
  unknown_trigger: {
    ...missing,
    meaning: 'The file of triggers has no valid entry with this id.',
    remedy: 'List the triggers and the entries that are not valid: skillos webhook triggers',
  },
  trigger_file_invalid: {
    ...input,
    meaning: 'The file triggers/webhooks.json is not valid as a whole, so no trigger works.',
    remedy: 'Correct the file; a single entry that is not valid breaks no other: skillos webhook triggers',
  },
  secret_missing: {
    ...usage,
    meaning:
      'A secret of a trigger, a connector or a skill is neither an environment variable nor in secrets/.env, or is malformed.',
    remedy: 'Set the variable for the worker, or write KEY=value to secrets/.env with mode 0600.',
  },
  secret_unstorable: {
    ...usage,
    meaning:
      'The file secrets/.env cannot hold the value, or the file cannot be changed without changing other entries.',
    remedy: 'Give the value by an environment variable, or edit the file by hand.',
  },
  payload_missing: {
    ...usage,
    meaning: 'The body of the delivery has no value at the place that the trigger names for the payload.',
    remedy: 'Correct payload in triggers/webhooks.json, or send the value.',
  },
  unknown_delivery: {
    ...missing,
    meaning: 'No delivery has this id; deliveries are kept for seven days.',
    remedy: 'List the deliveries: skillos webhook deliveries list',
  },
  attachment_invalid: {
    ...input,
    meaning: 'An attachment has a name, type or encoding that is not accepted; nothing was stored.',
    remedy: 'Correct the field in the message; docs/webhooks.md lists names, types and limits.',
  },
  attachment_type_mismatch: {
    ...input,
    meaning:
      'The first bytes of an attachment are those of another type than it declares; nothing was stored.',
    remedy: 'Send the file under its real content type.',
  },
  attachment_too_large: {
    ...usage,
    http: 413,
    meaning: 'An attachment is larger than the limit; nothing was stored.',
    remedy: 'Send a smaller file, or raise SKILLOS_ATTACHMENT_MAX_SIZE_BYTES.',
  },
  attachment_unavailable: {
    ...runError,
    meaning: 'An attachment of the run has been deleted.',
    remedy: 'Deliver it again; attachments are kept until skillos attachments prune deletes them.',
  },
  // command line, skills, rights, infrastructure
  usage: {
    ...usage,
    meaning: 'A command, an option or its value is not valid.',
    remedy: 'Read the help of the command: skillos <command> --help',
  },
  invalid_skill_id: {
    ...usage,
    meaning:
      'The text is not a skill id. An id is domain/name or domain.name, with the characters a-z 0-9 _ and -.',
    remedy: 'List the skills: skillos skills list',
  },
  invalid_schedule: {
    ...input,
    meaning: 'A time, cron expression, interval, zone or id of the schedule is not valid.',
    remedy: 'Preview the firings: skillos schedule preview --cron "0 8 * * 1-5"',
  },
  feedback_invalid: {
    ...usage,
    meaning:
      'The query or the source of the feedback is empty or too long, a query and a run are both named, or the run is of another skill.',
    remedy: 'Give the query as it was routed: skillos feedback <skill> --query "…"',
  },
  unknown_feedback: {
    ...missing,
    meaning: 'No feedback of this tenant has this id, or it was undone.',
    remedy: 'List the feedback: skillos feedback list',
  },
  experiment_invalid: {
    ...usage,
    meaning:
      'A variant, the baseline, a result or a guard is not valid, or the experiment does not fit the one that is known.',
    remedy:
      'See its variants: skillos optimize show <skill>. A result is <variant>:success or <variant>:failure.',
  },
  unknown_experiment: {
    ...missing,
    meaning: 'The skill has no experiment in this tenant.',
    remedy: 'Begin one: skillos optimize <skill> --variant v1 --variant v2',
  },
  unknown_schedule: {
    ...missing,
    meaning: 'No schedule of this skills root and tenant has this id.',
    remedy: 'List the schedules: skillos schedule list',
  },
  session_not_found: {
    ...missing,
    meaning: 'No session of this skills root and tenant has this id, or the caller may not read it.',
    remedy: 'List the sessions: skillos sessions list',
  },
  schedule_exists: {
    ...conflict,
    meaning: 'A schedule with this id exists already.',
    remedy: 'Choose another --id, or remove the schedule: skillos schedule remove <id>',
  },
  backfill_running: {
    ...conflict,
    meaning: 'The server is still running a backfill of this schedule.',
    remedy: 'List its runs, and try again when the last has ended: skillos runs list --schedule <id>',
  },
  schedule_refused: {
    ...runError,
    meaning:
      'A run was started for a schedule that does not exist, is disabled, or does not fire at that time.',
    remedy: 'See the schedule: skillos schedule show <id>',
  },
  pipeline_steps_required: {
    ...usage,
    meaning: 'The pipeline has no steps, or a step names no skill.',
    remedy: 'Name a skill in each step: skillos pipeline run --step a/first --step "b/left|c/right"',
  },
  unknown_skill: {
    ...missing,
    meaning: 'The skills root has no skill with this id.',
    remedy: 'List the skills: skillos skills list',
  },
  unknown_run: {
    ...missing,
    meaning: 'No run with this id is recorded.',
    remedy: 'List the runs: skillos runs list',
  },
  ambiguous_run: {
    ...usage,
    meaning: 'The ids of several runs begin with the given text.',
    remedy: 'Give more characters of the id, or @latest for your newest run.',
  },
  unknown_job: {
    ...missing,
    meaning: 'No job with this id is recorded.',
    remedy: 'List the jobs: skillos job list',
  },
  unknown_code: {
    ...missing,
    meaning: 'No error has this code.',
    remedy: 'List the codes: skillos explain',
  },
  root_not_found: {
    ...usage,
    meaning: 'The skills root does not exist or is not a folder.',
    remedy: 'Name one with --root or SKILLOS_ROOT, or create one: skillos init <dir>',
  },
  root_not_writable: {
    exit: EXIT.config,
    http: 500,
    retryable: false,
    meaning: 'SkillOS keeps state in runtime/ and logs/ of the skills root, and may not write there.',
    remedy: 'Let this user write into the skills root, or copy it to a folder of this user.',
  },
  input_invalid: {
    ...input,
    meaning: 'The payload does not match the schema under inputs in the manifest of the skill.',
    remedy: 'See the schema: skillos skills show <id>',
  },
  input_unreadable: {
    ...usage,
    meaning:
      'A file or standard input cannot be read, is not UTF-8, or is not the JSON that the option requires.',
    remedy: 'Check the path, the encoding and the JSON.',
  },
  already_exists: {
    ...conflict,
    meaning: 'The file or id to create already exists; nothing was overwritten.',
    remedy: 'Choose another name, or remove the existing one first.',
  },
  // builds of workers
  unknown_build: {
    ...missing,
    meaning: 'No worker of this build has served the queues.',
    remedy: 'See the builds: skillos workers versions',
  },
  build_not_served: {
    ...conflict,
    meaning: 'No worker of the build serves a queue that the current build serves; nothing was changed.',
    remedy:
      'Start workers of the build for runs and for jobs, and promote it again: skillos workers versions',
  },
  build_cannot_replay: {
    ...conflict,
    meaning: 'The workflow code of a worker does not continue a run in flight; the worker did not start.',
    remedy:
      'Start workers of the earlier release again until their runs have ended; see "Upgrade" in docs/production.md.',
  },
  build_not_current: {
    ...conflict,
    meaning: 'New jobs go to workers of the current build, which this one is not.',
    remedy: 'Use the program of the current build, or make this one current: skillos workers promote <build>',
  },
  build_conflict: {
    ...conflict,
    meaning: 'Another build became current meanwhile; nothing was changed.',
    remedy: 'See which is current: skillos workers versions',
  },
  // deployments
  nothing_deployed: {
    exit: EXIT.failed,
    http: 503,
    retryable: false,
    meaning: 'Hosts run what was deployed, and nothing has been deployed yet.',
    remedy: 'Deploy a skills root: skillos deploy --root <folder>',
  },
  deployment_refused: {
    ...conflict,
    meaning:
      'The skills root has findings that are errors, or its policies would let the caller deploy nothing more; nothing was deployed.',
    remedy: 'Correct them, and deploy again: skillos validate',
  },
  deployments_differ: {
    exit: EXIT.config,
    http: 500,
    retryable: false,
    meaning:
      'Of the workers and servers of one storage, some would run what was deployed, and others their folders.',
    remedy:
      'Give all of them the same SKILLOS_ENV, SKILLOS_STORAGE_BACKEND and SKILLOS_DEPLOYMENTS; to change these, stop all of them first.',
  },
  deployment_conflict: {
    ...conflict,
    meaning:
      'Another deployment became active meanwhile, or none is there to go back to; nothing was activated.',
    remedy: 'See which is active: skillos deployments list',
  },
  unknown_deployment: {
    ...missing,
    meaning: 'No deployment has this id.',
    remedy: 'See them: skillos deployments list',
  },
  root_deployed: {
    ...conflict,
    meaning: 'The skills of this server are deployed, so its own folder is not what it runs.',
    remedy: 'Change the skills root from which you deploy, then: skillos deploy',
  },
  manifest_invalid: {
    ...input,
    meaning: 'The YAML manifest of the skill is not valid; the message names the field and the rule.',
    remedy: 'See all findings with file, line and field: skillos validate',
  },
  replacement_invalid: {
    ...input,
    meaning: 'The replacement of a skill does not exist, is deprecated, or is replaced by that skill itself.',
    remedy: 'Choose another skill: skillos skills list',
  },
  entrypoint_invalid: {
    ...input,
    meaning: 'The entrypoint does not name an exported function of a file below implementations/.',
    remedy: 'Write it as implementations.<domain>.<name>:run and export that function.',
  },
  code_invalid: {
    ...input,
    meaning:
      'The code of the skill does not compile, an import fails, or an exported schema has no JSON Schema.',
    remedy: 'Correct the position in the message, then check: skillos validate --check-entrypoints',
  },
  path_outside_root: {
    ...input,
    meaning: 'A path leaves the skills root through .. or a symbolic link.',
    remedy: 'Keep skills and all their imports below the skills root.',
  },
  state_linked: {
    exit: EXIT.config,
    http: 500,
    retryable: false,
    meaning: 'A folder in which SkillOS keeps its state, such as runtime or logs, is a symbolic link.',
    remedy:
      'Replace the link by a folder, or allow the links that you made with SKILLOS_FOLLOW_STATE_LINKS=1.',
  },
  permission_denied: {
    ...refused,
    meaning: 'A policy does not permit the action to the caller; nothing was executed or changed.',
    remedy: 'See the rule that decided: skillos auth can-i <action> --explain',
  },
  session_forbidden: {
    ...refused,
    meaning: 'The session belongs to another caller of the tenant; nothing was started.',
    remedy: 'Use another id, or leave it to the server: POST /sessions answers with a new one.',
  },
  policy_invalid: {
    ...refused,
    meaning: 'A policy file is not valid, so nothing is permitted until it is corrected.',
    remedy: 'Correct the field in the message, in the file below policies/.',
  },
  token_invalid: {
    ...refused,
    http: 401,
    meaning: 'The token failed a check; the message names the check.',
    remedy:
      'Get a new token from its issuer, or compare the token with the SKILLOS_JWT settings: skillos config',
  },
  role_not_held: {
    ...refused,
    meaning:
      'The token does not contain the requested role; --role can only choose among the roles of the token.',
    remedy: 'Omit --role, or name a role that the token contains.',
  },
  tenant_mismatch: {
    ...refused,
    meaning: 'The tenant of the token differs from SKILLOS_TENANT_ID.',
    remedy: 'Use a token of this tenant, or unset SKILLOS_TENANT_ID.',
  },
  keys_unavailable: {
    ...unreachable,
    meaning: 'The public keys that verify tokens cannot be fetched or read.',
    remedy:
      'Check SKILLOS_JWT_JWKS_URL and the server at this address, or SKILLOS_JWT_JWKS_FILE, then try again.',
  },
  engine_unreachable: {
    ...unreachable,
    meaning:
      'The Temporal server does not answer, or lacks the namespace. Nothing was started, unless the error names a run.',
    remedy:
      'Check TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, or unset them to use the local engine: skillos dev status',
  },
  engine_failed: {
    ...unreachable,
    meaning: 'The local engine did not start.',
    remedy: 'Read its log: skillos dev logs',
  },
  engine_not_running: {
    ...unreachable,
    meaning: 'No local engine runs for this skills root, and SKILLOS_DEV_AUTOSTART is off.',
    remedy: 'Start one: skillos dev; or set SKILLOS_DEV_AUTOSTART=1',
  },
  temporal_unavailable: {
    ...unreachable,
    meaning: 'No Temporal binary was found and none could be downloaded.',
    remedy: 'Install the temporal CLI, set SKILLOS_TEMPORAL_BIN to its path, or set TEMPORAL_ADDRESS.',
  },
  temporal_setup_needed: {
    ...unreachable,
    retryable: false,
    meaning: 'The Temporal namespace lacks the search attributes that SkillOS uses.',
    remedy: 'Register them: skillos temporal setup',
  },
  no_worker: {
    exit: EXIT.timeout,
    http: 202,
    retryable: true,
    meaning: 'No worker polls the task queue. The run is stored and starts as soon as a worker runs.',
    remedy: 'Start one: skillos worker',
  },
  storage_unreachable: {
    ...unreachable,
    meaning: 'The storage does not answer.',
    remedy: 'Check the disk, or the database of SKILLOS_POSTGRES_DSN, then try again.',
  },
  storage_refused: {
    exit: EXIT.config,
    http: 500,
    retryable: false,
    meaning: 'The storage answers and refuses, so that another attempt would fail as well.',
    remedy: 'Correct what the message names, then start the run again.',
  },
  storage_full: {
    exit: EXIT.failed,
    http: 500,
    retryable: false,
    meaning: 'The disk, the quota or the database has no room left; no new run can begin.',
    remedy: 'Make room, then start the run again. Runs that had begun store their end when there is room.',
  },
  storage_too_new: {
    exit: EXIT.config,
    http: 500,
    retryable: false,
    meaning: 'The tables in Postgres were created by a newer version of SkillOS; nothing was changed.',
    remedy: 'Use the newer version, or set SKILLOS_POSTGRES_SCHEMA to another schema.',
  },
  storage_in_use: {
    ...conflict,
    meaning:
      'A process uses the storage that is to be copied, or is copying the storage that was to be used.',
    remedy: 'Stop the process that the message names, or wait until it has ended, then try again.',
  },
  storage_incomplete: {
    ...conflict,
    meaning:
      'The storage is the target of a migration that was interrupted, so that part of the state is missing.',
    remedy: 'Continue the migration: skillos storage migrate --resume, or use the storage that it copies.',
  },
  storage_not_empty: {
    ...conflict,
    meaning: 'The storage that was to be filled holds state already; nothing was changed.',
    remedy:
      'Name another schema by SKILLOS_POSTGRES_SCHEMA, or move runtime/, logs/ and attachments/ of the root away.',
  },
  storage_differs: {
    ...conflict,
    meaning: 'After a migration the two storages differ, because something wrote to one of them meanwhile.',
    remedy: 'Stop everything that writes, then continue: skillos storage migrate --resume',
  },
  state_corrupt: {
    exit: EXIT.failed,
    http: 500,
    retryable: false,
    meaning: 'A state file is damaged; it was not changed.',
    remedy: 'Restore the file from a backup, or move it away if its content is not needed.',
  },
  lock_timeout: {
    exit: EXIT.failed,
    http: 503,
    retryable: true,
    meaning: 'Another process held the lock of a state file longer than the timeout.',
    remedy: 'Try again; see the processes of this root: skillos dev status',
  },
  lock_foreign: {
    exit: EXIT.failed,
    http: 503,
    retryable: false,
    meaning:
      'A process on another host or in another container holds the lock of a state file; the file backend supports one host.',
    remedy: 'Stop the other process, use one skills root per host, or set SKILLOS_STORAGE_BACKEND=postgres.',
  },
  rate_limited: {
    exit: EXIT.limited,
    http: 429,
    retryable: true,
    meaning: 'The caller exceeded the number of requests per window, or skills that of calls of a connector.',
    remedy:
      'Wait for the seconds in the header Retry-After, or raise SKILLOS_RATE_LIMIT_REQUESTS, or rate_limit_per_minute of the connector.',
  },
  too_many_streams: {
    ...limited,
    meaning: 'The principal has as many event streams open as SKILLOS_API_MAX_STREAMS allows.',
    remedy: 'Close a stream, such as a page that follows a run, or raise SKILLOS_API_MAX_STREAMS.',
  },
  rate_limit_unavailable: {
    ...unreachable,
    meaning: 'SKILLOS_RATE_LIMIT_STRICT is on, and Redis, which counts the requests, is unavailable.',
    remedy: 'Start Redis, or set SKILLOS_RATE_LIMIT_STRICT=0 to count in each process.',
  },
  redis_unreachable: {
    ...unreachable,
    meaning: 'Redis does not answer or refuses commands; rate limits and the routing cache use it.',
    remedy: 'Check SKILLOS_REDIS_URL, and that Redis runs.',
  },
  config_invalid: {
    exit: EXIT.config,
    http: 500,
    retryable: false,
    meaning: 'A setting has an invalid value; the process stopped before any effect.',
    remedy: 'See all settings and their sources: skillos config',
  },
  embeddings_failed: {
    ...unreachable,
    meaning:
      'The embedding model is not installed, does not answer, or answers with something else. Routing goes on by words.',
    remedy:
      'For the local model: skillos models install; for a server check SKILLOS_EMBEDDINGS_URL, _MODEL and _API_KEY.',
  },
  golden_invalid: {
    ...input,
    meaning: 'The golden file is not a list of queries with expected skills.',
    remedy: 'Write [{"query": "…", "expected_skill_id": "domain/name"}], with null if no skill is expected.',
  },
  // marketplace
  catalog_invalid: {
    ...input,
    meaning: 'The catalogue of the marketplace is not a JSON list of packages.',
    remedy: 'Name another with --catalog, or correct the file; docs/marketplace.md describes its fields.',
  },
  unknown_package: {
    ...missing,
    meaning: 'The catalogue holds no package with this id.',
    remedy: 'List the packages: skillos marketplace browse',
  },
  package_invalid: {
    ...input,
    meaning: 'The package breaks a rule for ids, paths, sizes or manifests; nothing was written.',
    remedy: 'Ask its publisher for a corrected version; the message names the field.',
  },
  signature_verification_failed: {
    ...conflict,
    meaning:
      'The package is not signed by a key of the keyring that is valid for its id, or was changed since; nothing was written.',
    remedy:
      'See the keys: skillos marketplace keys list; compare fingerprints with the publisher before adding one.',
  },
  circular_dependency: {
    ...conflict,
    meaning: 'A package depends on itself by way of others; nothing was written.',
    remedy: 'Ask its publisher for a corrected version.',
  },
  missing_dependency: {
    ...conflict,
    meaning: 'A package needs another that the catalogue does not hold; nothing was written.',
    remedy: 'Use a catalogue that holds it, or an older version of the package.',
  },
  version_mismatch: {
    ...conflict,
    meaning: 'No choice of versions fits what all packages need; nothing was written.',
    remedy: 'Install another version, or update or uninstall the package in the message.',
  },
  capabilities_not_accepted: {
    ...usage,
    meaning:
      'The package asks for hosts, connectors or secrets that nobody has accepted; nothing was written.',
    remedy: 'Read the list, and accept it with --accept-capabilities.',
  },
  package_not_installed: {
    ...missing,
    meaning: 'The skills root holds no package with this id.',
    remedy: 'List the packages: skillos marketplace list',
  },
  package_needed: {
    ...conflict,
    meaning: 'Another package depends on the one to remove; nothing was removed.',
    remedy: 'Uninstall the other one first, with --prune for what only it needs.',
  },
  lock_invalid: {
    ...refused,
    meaning: 'The file skillos.lock is not valid, so no skill runs: any of them might be a package.',
    remedy: 'Restore the file from version control.',
  },
  keyring_invalid: {
    ...refused,
    meaning: 'The file marketplace/keys.json is not valid, so no package is installed or runs.',
    remedy: 'Correct the field in the message.',
  },
  unknown_key: {
    ...missing,
    meaning: 'The keyring holds no key with this id.',
    remedy: 'List the keys: skillos marketplace keys list',
  },
  key_revoked: {
    ...refused,
    meaning: 'The key that signed the package was revoked, so the package does not run.',
    remedy: 'Uninstall it, or install a version that another key signed.',
  },
  package_tampered: {
    ...refused,
    meaning: 'The files of the package are not those that were signed and installed, so it does not run.',
    remedy: 'See which differ: skillos marketplace verify; then uninstall and install the package.',
  },
  sandbox_unavailable: {
    ...refused,
    meaning: 'The code runs in the sandbox alone, and the sandbox does not start on this machine.',
    remedy:
      'On Linux install bubblewrap 0.8 or newer and allow user namespaces; docs/sandbox.md has the conditions.',
  },
  // connectors
  unknown_connector: {
    ...missing,
    meaning: 'The root has no connector of this id.',
    remedy: 'List the connectors: skillos connectors list',
  },
  connector_not_declared: {
    ...runError,
    meaning:
      'The skill used a connector or a secret that its manifest does not declare; or a package reached a host that was not accepted, or made a change that its side_effects do not declare.',
    remedy:
      'Add its id to connectors in the manifest, or its key to secrets. A package needs another version.',
  },
  connector_invalid: {
    ...runError,
    meaning: 'The connector is missing, its definition is invalid, or the arguments of the call are.',
    remedy: 'Check the definition: skillos validate, skillos connectors show <id>',
  },
  address_refused: {
    ...runError,
    meaning: 'The host of the connector has an address that is not on the public internet.',
    remedy: 'Correct base_url, or set allow_private: true if the connector is meant for your own network.',
  },
  host_refused: {
    ...runError,
    meaning: 'The server redirected the call to another scheme, host or port.',
    remedy: 'Set base_url to the address that serves the request.',
  },
  path_refused: {
    ...runError,
    meaning: 'The path of the call would leave the base_url of the connector.',
    remedy: 'Give a path below base_url, without .. and without a host.',
  },
  connector_unreachable: {
    ...runError,
    retryable: true,
    meaning: 'No connection to the server of the connector, or it broke before the answer was complete.',
    remedy: 'Check the server and base_url or dsn: skillos connectors test <id>',
  },
  connector_timeout: {
    ...runError,
    retryable: true,
    meaning: 'The server of the connector did not answer within the timeout.',
    remedy: 'Raise timeout_seconds of the connector, or timeoutMs of the call.',
  },
  response_too_large: {
    ...runError,
    meaning: 'The answer of the connector is larger than its limit; it was not cut.',
    remedy: 'Ask for less, such as one page at a time.',
  },
  sql_failed: {
    ...runError,
    meaning: 'The database refused the statement.',
    remedy: 'Read the message; it names what the database expected.',
  },
  sql_too_many_rows: {
    ...runError,
    meaning: 'The query returned more than 10,000 rows; none were cut off.',
    remedy: 'Add a LIMIT, or read page by page.',
  },
  sql_read_only: {
    ...runError,
    meaning: 'A skill that declares side_effects none or read tried to change the database.',
    remedy: 'Declare side_effects: write in its manifest, if it is meant to write.',
  },
  internal: {
    exit: EXIT.failed,
    http: 500,
    retryable: false,
    meaning: 'SkillOS failed because of a fault of its own.',
    remedy: 'Report it with the request id; SKILLOS_DEBUG=1 shows the stack.',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;

export type ErrorCode = keyof typeof ERROR_CODES;

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_CODES, text);
}
