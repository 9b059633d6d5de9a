/** Testing a skill, and the report that stands for its exact content. Needs no Temporal. */
import { coverageDocument } from '../core/coverage.ts';
import { SkillosError, isSkillosError } from '../core/errors.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import type { SkillBench } from '../core/skill-bench.ts';
import type { SkillId } from '../core/skill-id.ts';
import { TEST_REPORTS, casesOf, differenceAt, reportKey } from '../core/skill-test.ts';
import type { SkillContent, TestCase, TestReport, TestResult } from '../core/skill-test.ts';
import { permit } from './actor.ts';
import type { Actor } from './actor.ts';
import type { ClientPorts } from './ports.ts';
import { readContent } from './skill-content.ts';
import type { ContentPorts } from './skill-content.ts';

export interface TestPorts
  extends Pick<ClientPorts, 'records' | 'journal' | 'now' | 'loadSchemas'>, ContentPorts {
  readonly bench: SkillBench;
}

export interface Tested {
  readonly report: TestReport;
  readonly coverage: { readonly file: string; readonly ratio: number };
  /** What came of the payload that was given. */
  readonly output?: JsonValue;
}

interface Ask {
  readonly id: SkillId;
  /** Instead of the examples of the manifest. */
  readonly payload: string | undefined;
  readonly onResult?: (result: TestResult) => void;
}

/**
 * A failing case is a result; only what keeps the test from being made rejects: `usage` where a skill destroys and
 * nothing says with what to call it, `recording_invalid`, and as `permit` and `readContent` do.
 */
export async function testSkill(ports: TestPorts, actor: Actor, ask: Ask): Promise<Tested> {
  const { id } = ask;
  await permit(ports, actor, { operation: 'skills:write', skill: id });
  const content = await readContent(ports, id);
  const cases = casesOf(content, await ports.bench.recordings(id), ask.payload);
  const results: TestResult[] = [];
  const add = (result: TestResult): void => {
    results.push(result);
    ask.onResult?.(result);
  };
  let output: JsonValue | undefined;
  for (const each of cases) {
    const tried = await tryCase(ports, content, each);
    add(tried.result);
    if (each.kind === 'payload') output = tried.output;
  }
  for (const result of await ports.bench.runTestFile(id)) add(result);
  if (results.length === 0) throw nothingToTest(id);
  const report = await keepReport(ports, content, { results, by: actor.rights.principal.subject });
  return {
    report,
    coverage: await keepCoverage(ports, content),
    ...(output === undefined ? {} : { output }),
  };
}

/** What testing this content came to; `undefined` where it was not tested. */
export async function findReport(
  { records }: Pick<TestPorts, 'records'>,
  content: Pick<SkillContent, 'entry' | 'digest'>,
): Promise<TestReport | undefined> {
  // Written by this product alone.
  return (await records.get(TEST_REPORTS, reportKey(content))) as TestReport | undefined;
}

async function tryCase(
  ports: TestPorts,
  content: SkillContent,
  { kind, name, payload, recording }: TestCase,
): Promise<{ readonly result: TestResult; readonly output?: JsonValue }> {
  try {
    const output = await ports.bench.run(content.plan, payload, recording);
    const message =
      (await misfit(ports, content, output)) ?? (recording && unlikeRecorded(recording.output, output));
    return { result: { kind, name, passed: message === undefined, ...(message && { message }) }, output };
  } catch (error) {
    if (!isSkillosError(error)) throw error;
    return { result: { kind, name, passed: false, message: error.message } };
  }
}

/** A skill's own process checks what it returns; nobody but the test checks a composition's. */
async function misfit(
  { loadSchemas }: TestPorts,
  { entry: { composition, manifest } }: SkillContent,
  output: JsonValue,
): Promise<string | undefined> {
  if (composition === undefined || manifest.outputs === undefined) return undefined;
  const [issue] = (await loadSchemas()).checkValue(manifest.outputs, output);
  return issue && `Invalid output ${issue.path}: ${issue.message}`;
}

function unlikeRecorded(expected: JsonValue, actual: JsonValue): string | undefined {
  const pointer = differenceAt(expected, actual);
  if (pointer === undefined) return undefined;
  return `The output differs from the recorded one${pointer === '' ? '' : ` at ${pointer}`}`;
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
