/** The commands that the product promises, in the order of one working day, and what each must answer. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFile } from '../../adapters/machine/package.ts';

export interface SmokeCommand {
  readonly argv: readonly string[];
  /** What stdout must hold. */
  readonly out: RegExp;
  /** Default 0. */
  readonly code?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export interface SmokeInput {
  /** The skills root, made by the first commands. */
  readonly root: string;
  /** A folder for plans and payloads. */
  readonly folder: string;
  /** Signed with the key in `tokenEnv`. */
  readonly token: string;
  readonly tokenEnv: Readonly<Record<string, string>>;
  /** `X-SkillOS-Signature` of the body that `writeInputs` writes. */
  readonly signature: () => string;
}

const SKILLS = [
  'travel/search_flights',
  'travel/search_hotels',
  'travel/build_itinerary',
  'admin/list_users',
  'admin/delete_records',
  'finance/close_books',
  'ops/first',
  'ops/second',
];

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** Writes a webhook's trigger and body. */
export function writeInputs({ root, folder }: SmokeInput): void {
  writeFileSync(
    join(root, 'triggers', 'webhooks.json'),
    JSON.stringify({ webhooks: [{ id: 'sample-hook', skill_id: 'ops/first' }] }),
  );
  const attachments = [{ filename: 'image.png', content_type: 'image/png', data: PIXEL }];
  writeFileSync(join(folder, 'payload.json'), JSON.stringify({ payload: 'hello', attachments }));
}

/** Makes the root and its skills. */
export function scaffolding({ root }: SmokeInput): readonly SmokeCommand[] {
  return [
    { argv: ['init', root], out: /^Created / },
    ...SKILLS.map((id) => ({ argv: ['add-skill', id], out: new RegExp(`^Created metadata/${id}.yaml`) })),
    { argv: ['add-connector', 'weather_api', '--type', 'http'], out: /connectors\/weather_api\.yaml/ },
    { argv: ['validate'], out: /^validation_ok$/m },
  ];
}

/** Routing and execution, approvals, plans and rights. */
export function runs({ folder, token, tokenEnv }: SmokeInput): readonly SmokeCommand[] {
  const plan = join(folder, 'plan.json');
  const flights = ['run', 'Find flights to Sochi'];
  const deletion = ['run', 'Delete records', '--execute'];
  const found = /^travel\/search_flights$/m;
  const deleted = /^admin\/delete_records executed$/m;
  return [
    { argv: ['run-skill', 'travel/search_flights'], out: /^travel\/search_flights executed$/m },
    { argv: flights, out: found },
    { argv: [...flights, '--mode', 'pipeline'], out: found },
    { argv: [...flights, '--mode', 'parallel'], out: found },
    { argv: [...flights, '--tag', 'travel'], out: found },
    { argv: deletion, code: 4, out: /^awaiting_approval: admin\.delete_records-/ },
    { argv: [...deletion, '--approval', 'approved'], out: deleted },
    { argv: [...deletion, '--dry-run', '--plan-path', plan], out: /admin\/delete_records/ },
    { argv: [...deletion, '--approval', 'approved', '--plan-path', plan], out: deleted },
    { argv: ['run', 'List users', '--execute', '--role', 'admin'], out: /^admin\/list_users executed$/m },
    { argv: [...flights, '--debug', '--profile', '--trace'], out: found },
    { argv: [...flights, '--step-through'], out: found },
    { argv: [...flights, '--jwt', token], env: tokenEnv, out: found },
    { argv: [...flights, '--jwt', `${token}x`], env: tokenEnv, code: 3, out: /^$/ },
    { argv: ['runs', 'list', '--status', 'success'], out: /admin\.delete_records-\S+ .*success/ },
    { argv: ['audit', 'list'], out: /skill_added/ },
  ];
}

/** Compositions, pipelines and the life of a skill. */
export function compositions(): readonly SmokeCommand[] {
  const compose = ['compose-skill', 'travel/plan_trip', '--step'];
  const pipeline = ['pipeline', 'run', '--step', 'ops/first', '--step', 'ops/second', '--payload', 'start'];
  const replacement = ['--reason', 'use travel/search_hotels', '--replacement', 'travel/search_hotels'];
  return [
    {
      argv: [...compose, 'travel/search_flights', '--step', 'travel/build_itinerary'],
      out: /travel\/plan_trip/,
    },
    { argv: [...compose, 'travel/search_flights|travel/search_hotels'], out: /travel\/plan_trip/ },
    { argv: ['test', 'travel/plan_trip'], out: /travel\/plan_trip/ },
    { argv: ['activate-skill', 'travel/plan_trip', '--approval', 'approved'], out: /travel\/plan_trip/ },
    { argv: ['run-skill', 'travel/plan_trip'], out: /travel\/search_hotels executed/ },
    { argv: pipeline, out: /^ops\/second executed$/m },
    { argv: [...pipeline, '--step-through'], code: 4, out: /^paused: pipeline-/m },
    { argv: ['test', 'travel/search_flights'], out: /travel\/search_flights/ },
    {
      argv: ['deprecate-skill', 'travel/search_flights', ...replacement],
      out: /travel\/search_flights/,
    },
    { argv: ['run', 'Find flights to Sochi'], out: /^travel\/search_hotels$/m },
    { argv: ['undeprecate-skill', 'travel/search_flights'], out: /travel\/search_flights/ },
    { argv: ['budget'], out: /^day +\d/m },
  ];
}

/** Runs that nobody types. */
export function triggers({ folder, signature }: SmokeInput): readonly SmokeCommand[] {
  const past = '2026-01-18T08:00:00+03:00';
  const env = { SKILLOS_WEBHOOK_SECRET: WEBHOOK_SECRET };
  const handle = ['webhook', 'handle', '--id', 'sample-hook', '--path', join(folder, 'payload.json')];
  return [
    { argv: ['schedule', 'add', 'travel/search_flights', '--run-at', past], out: /^schedule_added: / },
    { argv: ['schedule', 'tick'], out: /^schedule_completed: / },
    {
      argv: ['job', 'enqueue', 'travel/search_flights', '--payload', 'ok', '--max-retries', '2'],
      out: /^job_enqueued: travel\.search_flights-/,
    },
    { argv: [...handle, '--signature', signature()], env, out: /^webhook_enqueued: ops\.first-/ },
    { argv: [...handle, '--signature', 't=1,v1=00'], env, code: 3, out: /^webhook_rejected: 401/ },
    { argv: ['job', 'work'], out: /^job_succeeded: ops\.first-/m },
    { argv: ['job', 'work'], out: /^no_jobs_due$/m },
  ];
}

/** What SkillOS learns, and skills of others. */
export function learning(): readonly SmokeCommand[] {
  const catalog = ['--catalog', packageFile('tests/fixtures/marketplace/catalog.json')];
  const trust = ['--public-key', FIXTURE_KEY, '--namespace', 'community/*'];
  const variants = ['--variant', 'v1', '--variant', 'v2'];
  const results = ['--result', 'v1:success', '--result', 'v2:failure'];
  const golden = packageFile('tests/fixtures/golden_queries.json');
  return [
    {
      argv: ['feedback', 'travel.build_itinerary', '--expected-skill-id', 'travel.search_flights'],
      out: /^feedback_recorded: travel\/build_itinerary, travel\/search_flights$/m,
    },
    { argv: ['metrics', '--golden', golden], out: /^metrics_written: / },
    {
      argv: ['optimize', 'travel/search_flights', ...variants, ...results],
      out: /^optimization_decision: no_action$/m,
    },
    { argv: ['marketplace', 'browse', ...catalog, '--tag', 'greeting'], out: /^community\/hello /m },
    { argv: ['marketplace', 'show', 'community/hello', ...catalog], out: /"id": "community\/hello"/ },
    {
      argv: ['marketplace', 'install', 'community/hello', ...catalog, '--yes'],
      code: 1, // nobody trusts the signer yet
      out: /^$/,
    },
    {
      argv: ['marketplace', 'keys', 'add', 'community-fixture', ...trust],
      out: /community-fixture/,
    },
    {
      argv: ['marketplace', 'install', 'community/hello', ...catalog, '--yes'],
      out: /^installed: community\/hello$/m,
    },
  ];
}

/** In tests/fixtures/marketplace/keys.json. */
const FIXTURE_KEY = '22lpp3Y/Cdf8MUKsdujWxRPoM80o3efcf0Mkst2oTSo=';

export const WEBHOOK_SECRET = 'a webhook secret of the smoke test';
