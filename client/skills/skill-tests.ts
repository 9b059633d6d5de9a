/** Tests a skill, and stores the report under the digest of the tested content. Needs no Temporal. */
import { coverageDocument } from '../../core/testing/coverage.ts';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { stepsOf } from '../../core/plans/plan.ts';
import type { ConnectorExchange } from '../../core/testing/connector-exchange.ts';
import type { TestRunner } from '../../core/testing/test-runner.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import { differenceAt, differingLines } from '../../core/testing/difference.ts';
import { TEST_REPORTS, casesOf, hasEffects, reportKey } from '../../core/testing/skill-test.ts';
import type { SkillContent, TestCase, TestReport, TestResult } from '../../core/testing/skill-test.ts';
import { authorize } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import type { ClientPorts } from '../ports.ts';
import { readContent } from './skill-content.ts';
import type { ContentPorts } from './skill-content.ts';

export interface TestPorts
  extends Pick<ClientPorts, 'records' | 'journal' | 'now' | 'loadSchemas'>, ContentPorts {
  readonly bench: TestRunner;
}

export interface Tested {
  readonly report: TestReport;
  readonly coverage: { readonly file: string; readonly ratio: number };
  /** Output for `payload`; absent if none was given or the case failed. */
  readonly output?: JsonValue;
}

/** Lines of a difference that are shown. */
const MAX_DIFFERING_LINES = 40;

interface StartRequest {
  readonly id: SkillId;
  /** Payload to test with; default: the examples of the manifest. */
  readonly payload: string | undefined;
  /** True to run skills with side effects in the root itself; default: in a temporary copy. */
  readonly inPlace?: boolean;
  readonly onResult?: (result: TestResult) => void;
}

/**
 * A failing case is a result, not an error. Rejects with `usage` if a destructive skill has no payload, recording or test
 * file to call it with, with `recording_invalid`, and as `authorize` and `readContent` do.
 */
export async function testSkill(ports: TestPorts, actor: Actor, ask: StartRequest): Promise<Tested> {
  const { id } = ask;
  await authorize(ports, actor, { operation: 'skills:write', skill: id });
  const content = await readContent(ports, id);
  const cases = casesOf(content, await ports.bench.recordings(id), ask.payload);
  const answers = await ports.bench.answers(id);
  if (hasEffects(content.plan) && !ask.inPlace) await ports.bench.copyRoot();
  const results: TestResult[] = [];
  const add = (result: TestResult): void => {
    results.push(result);
    ask.onResult?.(result);
  };
  let output: JsonValue | undefined;
  for (const each of cases) {
    const tried = await tryCase(ports, content, { ...each, answers });
    add(tried.result);
    if (each.kind === 'payload') output = tried.output;
  }
  const isConfined = stepsOf(content.plan).some(({ entry }) => entry.manifest.sandbox === true);
  for (const result of await ports.bench.runTestFile(id, isConfined)) add(result);
  if (results.length === 0) throw nothingToTest(id);
  const report = await keepReport(ports, content, { results, by: actor.rights.principal.subject });
  return {
    report,
    coverage: await keepCoverage(ports, content),
    ...(output === undefined ? {} : { output }),
  };
}

/** Returns the report for this content, or undefined if it was never tested. */
export async function findReport(
  { records }: Pick<TestPorts, 'records'>,
  content: Pick<SkillContent, 'entry' | 'digest'>,
): Promise<TestReport | undefined> {
  // Only SkillOS writes reports.
  return (await records.get(TEST_REPORTS, reportKey(content))) as TestReport | undefined;
}

async function tryCase(
  ports: TestPorts,
  content: SkillContent,
  { kind, name, payload, recording, answers }: TestCase & { readonly answers: readonly ConnectorExchange[] },
): Promise<{ readonly result: TestResult; readonly output?: JsonValue }> {
  const { output, problem } = await runSkill(ports, content, {
    payload,
    ...(recording ?? { calls: answers }),
  });
  const message = problem ?? (recording && output !== undefined && unlikeRecorded(recording.output, output));
  const result: TestResult = { kind, name, passed: !message, ...(message && { message }) };
  return { result, ...(output === undefined ? {} : { output }) };
}

/** Without an output there is a problem. */
interface Ran {
  readonly output?: JsonValue;
  readonly problem?: string | undefined;
}

/** Runs a skill once. A failure of the skill, and an output that does not fit its schema, are a problem, not an error. */
export async function runSkill(
  ports: TestPorts,
  content: SkillContent,
  { payload, ...fixture }: Parameters<TestRunner['run']>[2] & { readonly payload: JsonValue },
): Promise<Ran> {
  try {
    const output = await ports.bench.run(content.plan, payload, fixture);
    return { output, problem: await mismatch(ports, content, output) };
  } catch (error) {
    if (!isSkillosError(error)) throw error;
    return { problem: error.message };
  }
}

/** Checks a composition's output against its schema; a skill's own process has checked its output already. */
async function mismatch(
  { loadSchemas }: TestPorts,
  { entry: { composition, manifest } }: SkillContent,
  output: JsonValue,
): Promise<string | undefined> {
  if (composition === undefined || manifest.outputs === undefined) return undefined;
  const [issue] = (await loadSchemas()).checkFully(manifest.outputs, output);
  return issue && `Invalid output ${issue.path}: ${issue.message}`;
}

function unlikeRecorded(expected: JsonValue, actual: JsonValue): string | undefined {
  const pointer = differenceAt(expected, actual);
  if (pointer === undefined) return undefined;
  const place = pointer === '' ? '' : ` at ${pointer}`;
  const lines = differingLines(expected, actual).slice(0, MAX_DIFFERING_LINES);
  return [`The output differs from the recorded one${place}`, ...lines].join('\n');
}

async function keepReport(
  ports: TestPorts,
  content: SkillContent,
  { results, by }: Pick<TestReport, 'results' | 'by'>,
): Promise<TestReport> {
  const report: TestReport = {
    skill: content.entry.id,
    digest: content.digest,
    passed: results.every(({ passed }) => passed),
    at: new Date(ports.now()).toISOString(),
    by,
    results,
  };
  await ports.records.update(TEST_REPORTS, reportKey(content), () => report as unknown as JsonObject); // plain JSON by its type
  return report;
}

async function keepCoverage({ bench }: TestPorts, content: SkillContent): Promise<Tested['coverage']> {
  const document = coverageDocument(content, await bench.coverage());
  return { file: await bench.saveCoverage(document), ratio: document.coverage_ratio };
}

function nothingToTest(id: SkillId): SkillosError {
  const message = `Skill "${id}" destroys something: expected --payload, a recorded run or a test file`;
  return new SkillosError('usage', message, { hint: 'skillos record <run>' });
}
