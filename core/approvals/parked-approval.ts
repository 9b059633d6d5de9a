/** An approval in the record of the run that it belongs to. */
import type { Carried } from '../values/carried.ts';
import type { ApprovalRequirement, RecordedDecision } from './approval.ts';

/** An approval that a run waits for or has waited for. */
export interface ParkedApproval {
  readonly requirement: ApprovalRequirement;
  /** Digest of the plan; decisions must name it. */
  readonly digest: string;
  /** Input of the plan, or of `step`. */
  readonly input: Carried;
  readonly step?: number;
  /** ISO 8601. */
  readonly since: string;
  /** The execution that waits. */
  readonly executionId?: string;
  readonly decisions: readonly RecordedDecision[];
}
