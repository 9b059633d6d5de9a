/** The results for experiments that follow from the end of a run. */
import { isSkillFailure } from '../limits/circuit.ts';
import { durationMs } from '../runs/run-approval.ts';
import type { RunRecord, StepRecord } from '../runs/run.ts';
import { msOf } from '../values/iso-time.ts';
import type { SkillId } from '../values/skill-id.ts';
import type { VariantResult } from './experiment.ts';

type Priced = Required<Pick<StepRecord, 'number' | 'cost'>>;

interface RunResult {
  readonly skill: SkillId;
  readonly result: VariantResult;
}

/**
 * One result per step that took a variant and succeeded, and one for the step whose own failure ended the run. Outputs of
 * an earlier run do not count.
 */
export function runResults(record: RunRecord): readonly RunResult[] {
  const { steps, succeeded = [], error } = record;
  const failed = error !== undefined && isSkillFailure(error.code) ? error.step : undefined;
  return steps.flatMap(({ number, skill, variant, cost }) => {
    const success = succeeded.includes(number);
    const hasEnded = success || number === failed;
    if (variant === undefined || cost === undefined || !hasEnded) return [];
    return [{ skill, result: resultOf(record, { number, variant, cost, success }) }];
  });
}

function resultOf(
  record: RunRecord,
  { number, variant, cost, success }: Pick<VariantResult, 'variant' | 'success'> & Priced,
): VariantResult {
  const { id, executionId = '', steps, endedAt, createdAt } = record;
  const duration =
    steps.length === 1 && endedAt !== undefined ? durationMs(record, msOf(endedAt)) : undefined;
  return {
    variant,
    success,
    at: endedAt ?? createdAt,
    run: id,
    id: `${executionId}/${number}`,
    cost,
    ...(duration !== undefined && { duration_ms: duration }),
  };
}
