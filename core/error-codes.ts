/** Every error code with what it means to the shell, to HTTP and to a reader of `skillos explain <code>`. */
import { AUTHORING_ERROR_CODES } from './authoring-error-codes.ts';
import type { CodeEntry } from './error-entry.ts';
import { usage, input, missing, conflict, refused, unreachable } from './error-entry.ts';
import { EXIT } from './exit-codes.ts';
import { HTTP_ERROR_CODES } from './http-error-codes.ts';
import { RUN_ERROR_CODES } from './run-error-codes.ts';

export const ERROR_CODES = {
  ...RUN_ERROR_CODES,
  ...AUTHORING_ERROR_CODES,
  ...HTTP_ERROR_CODES,
  usage: {
    ...usage,
    meaning: 'A command or an option was not understood.',
    remedy: 'Read the command’s help: skillos <command> --help',
  },
  invalid_skill_id: {
    ...usage,
    meaning: 'The text is not a skill id: two parts, joined by a slash or a dot, of a-z 0-9 _ and -.',
    remedy: 'List the ids there are: skillos skills list',
  },
  pipeline_steps_required: {
    ...usage,
    meaning: 'A pipeline was given no steps, or a step without a skill in it.',
    remedy: 'Name a skill for each step: skillos pipeline run --step a/first --step "b/left|c/right"',
  },
  unknown_skill: {
    ...missing,
    meaning: 'No skill with this id is in the skills root.',
    remedy: 'List the ids there are: skillos skills list',
  },
  unknown_run: {
    ...missing,
    meaning: 'No run with this id is recorded for this skills root.',
    remedy: 'List the runs there are: skillos runs list',
  },
  unknown_code: {
    ...missing,
    meaning: 'No error has this code.',
    remedy: 'List the codes there are: skillos explain',
  },
  root_not_found: {
    ...usage,
    meaning: 'The skills root does not exist or is not a folder.',
    remedy: 'Name one with --root or SKILLOS_ROOT, or make one: skillos init <dir>',
  },
  input_invalid: {
    ...input,
    meaning: 'The payload does not fit what the skill’s manifest says under inputs.',
    remedy: 'Look at what the skill takes: skillos skills show <id>',
  },
  input_unreadable: {
    ...usage,
    meaning: 'A file or standard input could not be read as the option needs it.',
    remedy: 'Check the path, the encoding (UTF-8) and, where JSON is expected, the JSON.',
  },
  already_exists: {
    ...conflict,
    meaning: 'What should be created is there already; nothing was overwritten.',
    remedy: 'Choose another name, or remove what is there first.',
  },
  manifest_invalid: {
    ...input,
    meaning: 'The skill’s YAML manifest breaks a rule; the message names field and rule.',
    remedy: 'See every finding with file, line and field: skillos validate',
  },
  replacement_invalid: {
    ...input,
    meaning: 'A deprecated skill cannot be replaced by itself, by none, or by one that leads back to it.',
    remedy: 'Name a skill that is in use: skillos skills list',
  },
  entrypoint_invalid: {
    ...input,
    meaning: 'The entrypoint does not name an exported function of a file below implementations/.',
    remedy: 'Write it as implementations.<domain>.<name>:run and export that function.',
  },
  code_invalid: {
    ...input,
    meaning: 'The skill’s code does not compile or import.',
    remedy: 'Read the position in the message; try again with skillos validate --check-entrypoints',
  },
  path_outside_root: {
    ...input,
    meaning: 'A path leads out of the skills root, by .. or by a symbolic link.',
    remedy: 'Keep skills and everything they import below the root.',
  },
  permission_denied: {
    ...refused,
    meaning: 'A policy does not allow the caller what was asked for; nothing was run or changed.',
    remedy: 'See which rule decided: skillos auth can-i run <id> --explain',
  },
  policy_invalid: {
    ...refused,
    meaning: 'A policy file does not parse or breaks a rule, so nothing is allowed until it is mended.',
    remedy: 'Mend the field that the message names in the file below policies/.',
  },
  token_invalid: {
    ...refused,
    http: 401,
    meaning: 'The token was not accepted; the message says which check it failed.',
    remedy: 'Get a new token from its issuer, or compare the SKILLOS_JWT settings with it: skillos config',
  },
  role_not_held: {
    ...refused,
    meaning: 'The token does not hold the role that was asked for; a role can be narrowed and never raised.',
    remedy: 'Leave out --role, or name a role that the token holds.',
  },
  tenant_mismatch: {
    ...refused,
    meaning: 'The token belongs to another tenant than SKILLOS_TENANT_ID names.',
    remedy: 'Use a token of this tenant, or unset SKILLOS_TENANT_ID.',
  },
  keys_unavailable: {
    ...unreachable,
    meaning: 'The keys that tokens are verified with cannot be fetched.',
    remedy: 'Check SKILLOS_JWT_JWKS_URL and the server behind it, then try again.',
  },
  engine_unreachable: {
    ...unreachable,
    meaning: 'The Temporal server does not answer; nothing was started or executed.',
    remedy: 'Check TEMPORAL_ADDRESS, or unset it to use the local engine: skillos dev status',
  },
  engine_failed: {
    ...unreachable,
    meaning: 'The local engine did not come up.',
    remedy: 'Read its log: skillos dev logs',
  },
  engine_not_running: {
    ...unreachable,
    meaning: 'No local engine runs for this root, and none may be started.',
    remedy: 'Start one: skillos dev; or allow it with SKILLOS_DEV_AUTOSTART=1',
  },
  temporal_unavailable: {
    ...unreachable,
    meaning: 'No Temporal binary was found and none could be downloaded.',
    remedy: 'Install the temporal CLI, or name it with SKILLOS_TEMPORAL_BIN, or set TEMPORAL_ADDRESS.',
  },
  temporal_setup_needed: {
    ...unreachable,
    retryable: false,
    meaning: 'The Temporal namespace lacks the search attributes SkillOS uses.',
    remedy: 'Register them once: skillos temporal setup',
  },
  no_worker: {
    exit: EXIT.timeout,
    http: 202,
    retryable: true,
    meaning: 'No worker polls the task queue, so the run waits; it is durable and starts when one comes.',
    remedy: 'Start one: skillos worker',
  },
  storage_unreachable: {
    ...unreachable,
    meaning: 'The state store does not answer.',
    remedy: 'Check the disk or the database, then try again.',
  },
  storage_too_new: {
    exit: EXIT.config,
    http: 500,
    retryable: false,
    meaning:
      'A newer SkillOS has made the tables in Postgres; this one does not know them and touched nothing.',
    remedy: 'Run the newer SkillOS, or name another schema with SKILLOS_POSTGRES_SCHEMA.',
  },
  state_corrupt: {
    exit: EXIT.failed,
    http: 500,
    retryable: false,
    meaning: 'A state file does not parse; it is left as it is and never read as empty.',
    remedy: 'Restore the named file from a copy, or move it away if you can lose what it held.',
  },
  lock_timeout: {
    exit: EXIT.failed,
    http: 503,
    retryable: true,
    meaning: 'Another process held a state file’s lock for too long.',
    remedy: 'Try again; see which process it is with skillos dev status',
  },
  lock_foreign: {
    exit: EXIT.failed,
    http: 503,
    retryable: false,
    meaning:
      'A state file is locked by a process of another host or container; the file backend serves one host.',
    remedy: 'Stop the other side, or use one skills root per host.',
  },
  rate_limited: {
    exit: EXIT.limited,
    http: 429,
    retryable: true,
    meaning: 'The caller made more requests than one may make in a window.',
    remedy: 'Wait as long as Retry-After says, or raise SKILLOS_RATE_LIMIT_REQUESTS.',
  },
  rate_limit_unavailable: {
    ...unreachable,
    meaning: 'Requests are to be counted strictly, and Redis, which counts them, cannot be used.',
    remedy: 'Bring Redis back, or count best effort with SKILLOS_RATE_LIMIT_STRICT=0.',
  },
  redis_unreachable: {
    ...unreachable,
    meaning: 'Redis does not answer, or refuses what it is asked; rate limits and the routing cache use it.',
    remedy: 'Check SKILLOS_REDIS_URL and that Redis runs.',
  },
  config_invalid: {
    exit: EXIT.config,
    http: 500,
    retryable: false,
    meaning: 'A setting does not parse; the process stopped before it did anything.',
    remedy: 'See every setting and where it came from: skillos config',
  },
  golden_invalid: {
    ...input,
    meaning: 'The golden file is not a list of queries with the skill each should route to.',
    remedy: 'Write [{"query": "…", "expected_skill_id": "domain/name"}], null where no skill fits.',
  },
  internal: {
    exit: EXIT.failed,
    http: 500,
    retryable: false,
    meaning: 'Something in SkillOS itself broke.',
    remedy: 'Please report it with the request id; SKILLOS_DEBUG=1 shows the stack.',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;

export type ErrorCode = keyof typeof ERROR_CODES;

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_CODES, text);
}
