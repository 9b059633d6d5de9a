/** Waits for a run as its entrance requests, and applies the caller's decision meanwhile. */
import { ERROR_CODES } from '../../core/errors/error-codes.ts';
import { isSkillosError } from '../../core/errors/errors.ts';
import { EXIT } from '../../core/errors/exit-codes.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import { isInFlight } from '../../core/runs/run.ts';
import type { RunRecord, RunStatus } from '../../core/runs/run.ts';
import type { Decided } from '../approvals/approvals.ts';
import { joinSignals } from '../joined-signal.ts';
import { webUrl } from '../temporal/connection.ts';
import type { Temporal } from '../temporal/connection.ts';
import type { Follow, Outcome, Submission, SubmitPorts, Waiting } from './submission.ts';

type Reached = DistributiveOmit<
  Extract<Outcome, { readonly kind: 'stopped' | 'going_on' }>,
  'runId' | 'isReplayed' | 'seconds' | 'document'
>;
type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

interface StartedRun {
  readonly runId: string;
  readonly isReplayed: boolean;
}

const UNDER_WAY: ReadonlySet<RunStatus> = new Set(['queued', 'running']);

export async function waitFor(
  world: SubmitPorts,
  submission: Submission,
  started: StartedRun,
): Promise<Reached> {
  const { waiting } = submission;
  switch (waiting.kind) {
    case 'none':
      return leave(world, started);
    case 'close':
      return waitForClose(world, submission, { ...started, waiting });
    case 'history':
      return world.temporal.hold((temporal) =>
        followHistory(world, temporal, { submission, started, follow: waiting.follow }),
      );
  }
}

/** Reports the run as going on, without the URL of the Web UI if Temporal has gone away since it started. */
async function leave(world: SubmitPorts, { runId }: StartedRun): Promise<Reached> {
  const left = { runId, how: 'left' } as const;
  try {
    return await world.temporal.use((temporal) => goingOn(world, temporal, left));
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    return goingOn(world, undefined, left);
  }
}

function isUnreachable(error: unknown): boolean {
  return isSkillosError(error) && ERROR_CODES[error.code].exit === EXIT.unreachable;
}

async function goingOn(
  { ports }: SubmitPorts,
  temporal: Temporal | undefined,
  { runId, how }: { readonly runId: string; readonly how: 'left' | 'timeout' | 'interrupted' },
): Promise<Reached> {
  const record = await runRecords(ports.records).get(runId);
  const url = temporal === undefined ? undefined : webUrl(temporal.target, runId);
  return { kind: 'going_on', how, status: record?.status ?? 'queued', url };
}

async function followHistory(
  world: SubmitPorts,
  temporal: Temporal,
  followed: { readonly submission: Submission; readonly started: StartedRun; readonly follow: Follow },
): Promise<Reached> {
  const { submission, started, follow } = followed;
  const { runId } = started;
  const decide = (record: RunRecord) => decideFor(world, temporal, { submission, record });
  const end = await follow({ temporal, ...started, decide });
  if (end.how === 'timeout' || end.how === 'interrupted') {
    return goingOn(world, temporal, { runId, how: end.how });
  }
  return { kind: 'stopped', how: end.how, parts: end.parts };
}

type Close = Extract<Waiting, { readonly kind: 'close' }>;

/**
 * If Temporal becomes unreachable, the started run is not reported as refused: its caller would start another
 * one.
 */
async function waitForClose(
  world: SubmitPorts,
  submission: Submission,
  waited: StartedRun & { readonly waiting: Close },
): Promise<Reached> {
  const { runId } = waited;
  try {
    await world.temporal.hold((temporal) => waitAndDecide(world, temporal, { ...waited, submission }));
    return await world.temporal.use((temporal) => reachedBy(world, temporal, runId));
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    const left = await goingOn(world, undefined, { runId, how: 'left' });
    return left.kind === 'going_on' && UNDER_WAY.has(left.status) ? left : stoppedAt(world, undefined, runId);
  }
}

/** Continues to wait after a final decision. */
async function waitAndDecide(
  world: SubmitPorts,
  temporal: Temporal,
  waited: StartedRun & { readonly waiting: Close; readonly submission: Submission },
): Promise<void> {
  const { runId, waiting, submission } = waited;
  const { seconds } = waiting;
  if (seconds === 0) return;
  const [{ awaitRun }, { ensureRecord }] = await Promise.all([
    import('../runs/await-run.ts'),
    import('../runs/read-run.ts'),
  ]);
  const timeoutMs = seconds === undefined ? undefined : Math.ceil(seconds * 1000);
  const { signal, release } = joinSignals([waiting.signal()], timeoutMs);
  try {
    await awaitRun(world.ports, temporal, { runId, signal, returnsWhenParked: true });
    if (submission.options.decision === undefined || signal.aborted) return;
    const record = await ensureRecord(world.ports, temporal, runId);
    const outcome = await decideFor(world, temporal, { submission, record });
    if (outcome === undefined || outcome === 'pending') return;
    await awaitRun(world.ports, temporal, { runId, signal, returnsWhenParked: false });
  } finally {
    release();
  }
}

async function reachedBy(world: SubmitPorts, temporal: Temporal, runId: string): Promise<Reached> {
  const { ensureRecord } = await import('../runs/read-run.ts');
  const { status } = await ensureRecord(world.ports, temporal, runId);
  if (!UNDER_WAY.has(status)) return stoppedAt(world, temporal, runId);
  return { kind: 'going_on', how: 'left', status, url: webUrl(temporal.target, runId) };
}

async function stoppedAt(
  { ports }: SubmitPorts,
  temporal: Temporal | undefined,
  runId: string,
): Promise<Reached> {
  const { readRun } = await import('../runs/read-run.ts');
  const parts = await readRun(ports, temporal, runId);
  return { kind: 'stopped', how: isInFlight(parts.record.status) ? 'waiting' : 'ended', parts };
}

async function decideFor(
  { ports }: SubmitPorts,
  temporal: Temporal,
  { submission, record }: { readonly submission: Submission; readonly record: RunRecord },
): Promise<Decided['outcome'] | undefined> {
  const { actor, options } = submission;
  if (options.decision === undefined || record.status !== 'awaiting_approval') return undefined;
  const { decide, runToDecide } = await import('../approvals/approvals.ts');
  const ask = { actor, runId: record.id, ...options.decision };
  return (await decide(ports, temporal, { ask, run: await runToDecide(ports, ask) })).outcome;
}
