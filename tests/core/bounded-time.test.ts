/** Everything that reads what callers, manifests and policies say takes little time, whatever it reads. */
import * as fc from 'fast-check';
import { commentOf } from '../../core/approvals/approval.ts';
import { riskOf, textsOf } from '../../core/approvals/risk.ts';
import { parseApprovalFile } from '../../core/approvals/approval-file.ts';
import { mayRun } from '../../core/rights/permission-policy.ts';
import { parsePermissionFile } from '../../core/rights/permission-file.ts';
import { buildRoutingIndex } from '../../core/routing/routing-index.ts';
import { routeQuery } from '../../core/routing/routing.ts';
import { parseCron } from '../../core/schedules/cron.ts';
import { masker } from '../../core/settings/masking.ts';
import { connectivesOf } from '../../core/splitting/connectives.ts';
import { splitQuery } from '../../core/splitting/segments.ts';
import { readAudit } from '../../core/telemetry/audit.ts';
import { durationMs } from '../../core/values/duration.ts';
import { globMatcher } from '../../core/values/glob.ts';
import { nearest } from '../../core/values/nearest.ts';
import { isRunId } from '../../core/values/run-id.ts';
import { isSkillId } from '../../core/values/skill-id.ts';
import { findName, parseStrictJson } from '../../core/values/strict-json.ts';
import { aRights, aSkill } from '../support/builders.ts';
import { aDocument } from '../support/routing-documents.ts';

const LENGTH = 64 * 1024;
/** CPU time in ms on the machine of REFERENCE_MS, without coverage counters. */
const LIMIT_MS = 50;
/** CPU time of `referenceWork` in ms on the machine where the limit was chosen. */
const REFERENCE_MS = 5;
/** Counters of a coverage run make the loops of routing ten times as slow (measured: 6.7 ms become 65). */
const COUNTERS = '__coverage__' in globalThis ? 10 : 1;
const MAX_MS = LIMIT_MS * COUNTERS * Math.max(1, leastOf(5, referenceWork) / REFERENCE_MS);

const INDEX = buildRoutingIndex([
  aDocument('travel/search_flights', 'Search flights between two cities'),
  aDocument('admin/delete_records', 'Delete records of a table'),
]);
const mask = masker(['aaaaaaaaaaaaaaab', 'aab', ' a ', 'p@ss(word)+']);
const SKILL = aSkill('admin/delete_records');

const READERS: readonly (readonly [string, (text: string) => unknown])[] = [
  ['routing', (text) => routeQuery(INDEX, { text, minConfidence: 0.5 })],
  ['connectives of a text that is short enough to be split', (text) => connectivesOf(text.slice(0, 1000))],
  ['the risk of a payload', (text) => riskOf({ ids: ['a/b'], texts: textsOf([text]) })],
  ['a pattern over ids', (text) => globMatcher('*a*b*[a-z]*?c')(text)],
  ['an id under a pattern', (text) => globMatcher(text.slice(0, 200))(text)],
  ['masking', mask],
  ['masking of a field name', (text) => mask({ [text]: text })],
  ['a name in JSON', (text) => ignoring(() => findName(JSON.stringify({ a: text }), () => false))],
  ['strict JSON', (text) => ignoring(() => parseStrictJson(text))],
  ['a permission file', parsePermissionFile],
  [
    'a permission of a token, as long as headers may be',
    (text) => mayRun(rightsOf(text.slice(0, 16_384)), SKILL),
  ],
  ['an attribute', (text) => mayRun(rightsOf('x', { department: text }), SKILL)],
  ['an approval file', parseApprovalFile],
  ['a comment', commentOf],
  ['a cron expression', (text) => ignoring(() => parseCron(text))],
  ['a duration', durationMs],
  ['a run id', isRunId],
  ['a skill id', isSkillId],
  ['an audit entry', (text) => readAudit({ id: text, at: text, action: text })],
  ['a misspelt name', (text) => nearest(text, ['travel/search_flights', 'admin/delete_records'])],
];

/** Texts that make backtracking readers slow: one unit over and over, between a beginning and an end. */
const UNITS = [
  ...Array.from('a ,.-_/:=@0*([{"\\“„«`\'<&ё漢𝒳İ\n\t\u0000\u0301\u200B\uD800\uFB03\uFDFA'),
  ...'a | a|, |://|1.|*a|\\"|{"a":|["a",|"a" |!a|[!|-a|and |and then |after |и |а потом |и,|delete '.split(
    '|',
  ),
  ..."update all |все |aA|Aa|а'|\u001B[".split('|'),
];

function ignoring(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return error;
  }
}

function rightsOf(permission: string, attributes: Readonly<Record<string, string>> = {}) {
  const file = parsePermissionFile(
    JSON.stringify({
      roles: { r: [permission.slice(0, 200).replace(/\p{Cc}/gu, '') || 'a'] },
      policies: [{ skill_id: '*', required_permissions: ['a'.repeat(200)] }],
      abac_policies: [{ skill_id: '*', conditions: { department: ['a'] } }],
    }),
  );
  const principal = {
    subject: 'u',
    roles: ['r'],
    via: 'jwt' as const,
    permissions: [permission],
    attributes,
  };
  return aRights({ file, principal });
}

function filled(unit: string, ends: readonly [string, string] = ['', '']): string {
  return ends[0] + unit.repeat(Math.floor(LENGTH / Buffer.byteLength(unit))) + ends[1];
}

/** Text work of a fixed amount: what this machine takes for it says how fast it is. */
function referenceWork(): unknown {
  return 'Delete the records of a table, and tell me. '
    .repeat(3000)
    .normalize('NFKC')
    .toLowerCase()
    .match(/\p{L}+/gu);
}

/** The least CPU time of this process in ms, because other processes take the machine as well. */
function leastOf(tries: number, run: () => unknown, enough = 0): number {
  let least = Infinity;
  for (let tried = 0; tried < tries && least > enough; tried++) {
    const begun = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(begun);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

const leastMs = (run: () => unknown): number => leastOf(40, run, MAX_MS);

describe.each(READERS)('%s', (_, read) => {
  test('stays within the limit for 64 KiB of one unit', () => {
    const slow = UNITS.map((unit) => [unit, leastMs(() => read(filled(unit)))] as const);
    expect(slow.filter(([, ms]) => ms > MAX_MS)).toEqual([]);
  });

  test('stays within the limit for 64 KiB of anything', () => {
    const piece = fc.oneof(
      fc.constantFrom(...UNITS),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
    );
    const unit = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(unit, piece, piece, (middle, before, after) => {
        expect(leastMs(() => read(filled(middle, [before, after])))).toBeLessThanOrEqual(MAX_MS);
      }),
      { numRuns: 30 },
    );
  });
});

test('splitting stays within the limit for a text of its longest length, beside routing', async () => {
  const nothing = { status: 'no_skill_found', confidence: 0, alternatives: [], reasons: [] } as const;
  for (const unit of UNITS) {
    const text = filled(unit);
    const begun = process.cpuUsage();
    await splitQuery(text.slice(0, 1000), 'auto', () => Promise.resolve(nothing));
    await splitQuery(text, 'auto', () => Promise.resolve(nothing));
    const { user, system } = process.cpuUsage(begun);
    expect((user + system) / 1000).toBeLessThanOrEqual(2 * MAX_MS);
  }
});
