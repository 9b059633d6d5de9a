/** Runs the eval of a skill, and keeps its scores. Needs no Temporal. */
import {
  EVALS,
  casesToRun,
  evalOf,
  evalResult,
  historyKey,
  mismatchOf,
  scoreOf,
  withScore,
} from '../../core/testing/eval.ts';
import type { EvalHistory, EvalReport, EvalResult, EvalScore } from '../../core/testing/eval.ts';
import { hasEffects } from '../../core/testing/skill-test.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import { authorize } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import { readContent } from './skill-content.ts';
import { runSkill } from './skill-tests.ts';
import type { TestPorts } from './skill-tests.ts';
import { showSkill } from './skills.ts';

interface EvalRequest {
  readonly id: SkillId;
  /** Adds the score to the history of the skill. */
  readonly save: boolean;
  readonly onResult: (result: EvalResult) => void;
}

/**
 * A failing case is a result, not an error. A skill with side effects runs in a temporary copy of the root. Rejects with
 * `eval_not_configured` or `manifest_invalid`, and as `authorize`, `showSkill` and `readContent` do.
 */
export async function evalSkill(ports: TestPorts, actor: Actor, ask: EvalRequest): Promise<EvalReport> {
  const { id, save, onResult } = ask;
  const skill = await openSkill(ports, actor, id);
  const section = evalOf(skill, (await ports.catalogs.load()).findings);
  const content = await readContent(ports, id);
  const calls = await ports.bench.answers(id);
  if (hasEffects(content.plan)) await ports.bench.copyRoot();
  const timeoutMs = section.timeout_seconds === 0 ? undefined : section.timeout_seconds * 1000;
  const results: EvalResult[] = [];
  for (const one of casesToRun(section)) {
    const { output, problem } = await runSkill(ports, content, { payload: one.input, calls, timeoutMs });
    const wrong = output === undefined ? problem : (problem ?? mismatchOf(one, output, ports.bench.search));
    const result = evalResult(one, wrong);
    results.push(result);
    onResult(result);
    if (section.fail_fast && !result.passed) break;
  }
  const score = scoreOf(results, {
    at: new Date(ports.now()).toISOString(),
    by: actor.rights.principal.subject,
    digest: content.digest,
    pass_threshold: section.pass_threshold,
  });
  if (save) {
    await ports.records.update<EvalHistory>(EVALS, historyKey(id), (history) => withScore(history, score));
  }
  return { skill: id, score, results };
}

/** Resolves to the kept scores of a skill, newest first. Rejects as `authorize` and `showSkill` do. */
export async function listScores(
  ports: Pick<TestPorts, 'catalogs' | 'records' | 'journal' | 'now'>,
  actor: Actor,
  id: SkillId,
): Promise<readonly EvalScore[]> {
  await openSkill(ports, actor, id);
  const history = await ports.records.get<EvalHistory>(EVALS, historyKey(id));
  return [...(history?.scores ?? [])].reverse();
}

async function openSkill(ports: Pick<TestPorts, 'catalogs' | 'journal' | 'now'>, actor: Actor, id: SkillId) {
  await authorize(ports, actor, { operation: 'skills:write', skill: id });
  return showSkill(ports.catalogs, actor.rights, id);
}
