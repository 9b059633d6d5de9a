/** The run record's two writes: when a run begins and when it ends. */
import type { JsonObject } from '../core/json.ts';
import { stepsOf } from '../core/plan.ts';
import type { Records } from '../core/ports.ts';
import type { Prepared, RunRecord, RunRequest } from '../core/run.ts';
import { openRecord } from '../core/run-record.ts';
import { runKey } from '../core/run-id.ts';
import type { Settlement } from '../workflows/messages.ts';

interface RecordPorts {
  readonly records: Records;
  readonly now: () => number;
}

type Ready = Extract<Prepared, { status: 'ready' }>;

/** A worker that stalled may claim late, when another has long settled the same execution: the end stands. */
export async function claimRecord(
  ports: RecordPorts,
  request: RunRequest,
  claim: { readonly id: string; readonly executionId: string; readonly prepared: Ready },
): Promise<void> {
  const { id, executionId, prepared } = claim;
  await write(ports, id, (current) => {
    const ours = current?.executionId === executionId ? current : undefined;
    if (ours?.endedAt !== undefined) return ours;
    return {
      ...openRecord(id, request),
      executionId,
      status: 'running',
      digest: prepared.digest,
      steps: stepsOf(prepared.plan).map(({ number, skill, hash }) => ({ number, skill, hash })),
      ...(prepared.warnings.length === 0 ? {} : { warnings: prepared.warnings }),
      startedAt: ours?.startedAt ?? new Date(ports.now()).toISOString(),
    };
  });
}

/** `write` again after a crash changes nothing: the first end stands. */
export async function settleRecord(
  ports: RecordPorts,
  request: RunRequest,
  end: { readonly id: string; readonly executionId: string; readonly settlement: Settlement },
): Promise<void> {
  const { id, executionId, settlement } = end;
  await write(ports, id, (current) => {
    if (current?.executionId === executionId && current.endedAt !== undefined) return current;
    return {
      ...(current ?? openRecord(id, request)),
      executionId,
      ...endOf(settlement),
      endedAt: new Date(ports.now()).toISOString(),
    };
  });
}

function endOf(settlement: Settlement): Partial<RunRecord> {
  switch (settlement.status) {
    case 'success':
      return { status: 'success', output: settlement.output };
    case 'error':
      return { status: 'error', reason: settlement.failure.code, error: settlement.failure };
    case 'blocked': {
      const { reason, policy, message } = settlement;
      return { status: 'blocked', reason, policy, error: { code: reason, message } };
    }
    case 'cancelled':
      return { status: 'cancelled', reason: 'run_cancelled' };
  }
}

async function write(
  ports: RecordPorts,
  id: string,
  change: (current: RunRecord | undefined) => RunRecord,
): Promise<void> {
  // A record is plain JSON by its type; interfaces just lack an index signature.
  await ports.records.update('runs', runKey(id), (current) => {
    return change(current as RunRecord | undefined) as unknown as JsonObject;
  });
}
