/** Translates a command that runs something into a submission; `printOutcome` renders the outcome. */
import type { JsonValue } from '../../core/json.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import type { Follow, Outcome, SubmitHooks, Wanted } from '../../client/submit/submission.ts';
import { submit } from '../../client/submit/submit.ts';
import { actorOf } from '../input/identity.ts';
import { readPayload } from '../input/payload.ts';
import { readRunOptions } from '../input/run-options.ts';
import type { ReadRunOptions, RunningCommand } from '../input/run-options.ts';
import { openRequestEvents } from '../request-events.ts';
import { openRuntime } from '../runtime.ts';
import type { Runtime } from '../runtime.ts';
import { submitPorts } from './submit-ports.ts';
import type { openRouting } from './routing.ts';

/** The outcome of a plan. */
export type Executed = Exclude<Outcome, { readonly kind: 'found' }>;

type Actor = Awaited<ReturnType<typeof actorOf>>;

/** A command that runs something, with its parsed options and opened ports. */
export interface RunningCall {
  readonly command: RunningCommand;
  readonly runtime: Runtime;
  readonly actor: Actor;
  /** Reads the given payload once; undefined if none was given. */
  readonly payload: () => Promise<string | undefined>;
}

export async function openCall(command: RunningCommand): Promise<RunningCall> {
  let payload: Promise<string | undefined> | undefined;
  return {
    command,
    runtime: openRuntime(command),
    actor: await actorOf(command),
    payload: () => (payload ??= readPayload(command.running, command.context.stdin)),
  };
}

/** `wanted` is a skill, steps, or a run to repeat. */
export async function submitRun(
  command: RunningCommand,
  wanted: Exclude<Wanted, { readonly kind: 'query' }>,
  hooks: SubmitHooks = {},
): Promise<Executed> {
  const read = await readRunOptions(command);
  const call = await openCall(command);
  const { requestId, emit } = openRequestEvents(command, call.actor.rights.tenant);
  const ports = submitPorts(command, call.runtime, { emit });
  const outcome = await submit(ports, submissionOf(call, wanted, withId(read, requestId)), hooks);
  return outcome as Executed; // only a query can end without a plan
}

/** `route` is passed in so that other commands need not load it; it is called more than once. */
export async function submitQuery(
  call: RunningCall,
  wanted: Extract<Wanted, { readonly kind: 'query' }>,
  { route, ...hooks }: SubmitHooks & { readonly route: typeof openRouting },
): Promise<Outcome> {
  const { command, runtime, actor } = call;
  const read = await readRunOptions(command);
  if (wanted.isExecuted || command.running.dryRun) await call.payload(); // an unreadable one is reported before routing
  const { requestId, emit } = openRequestEvents(command, actor.rights.tenant);
  const ports = submitPorts(command, runtime, { routing: () => route(command, runtime), emit });
  return submit(ports, submissionOf(call, wanted, withId(read, requestId)), hooks);
}

function withId(read: ReadRunOptions, requestId: string): ReadRunOptions {
  return { ...read, options: { ...read.options, requestId } };
}

function submissionOf(call: RunningCall, wanted: Wanted, read: ReadRunOptions) {
  const payload: () => Promise<JsonValue | undefined> = call.payload;
  const { actor } = call;
  const waiting = read.isDetached
    ? ({ kind: 'none' } as const)
    : ({ kind: 'history', follow: followerOf(call, read.timeoutMs) } as const);
  return { wanted, payload, actor, options: read.options, waiting };
}

function followerOf({ command, runtime, actor }: RunningCall, timeoutMs: number | undefined): Follow {
  return async ({ temporal, runId, isReplayed, decide }) => {
    const [{ followRun }, { webUrl }] = await Promise.all([
      import('./follow.ts'),
      import('../../client/temporal/connection.ts'),
    ]);
    const { context, json, running } = command;
    if (isReplayed) command.note(`replayed: ${runId}`);
    command.note(`run: ${runId}`);
    const url = webUrl(temporal.target, runId);
    if (url !== undefined) command.note(`web: ${url}`);
    async function onWaiting(record: RunRecord): Promise<boolean> {
      const outcome = await decide(record);
      if (outcome !== undefined) {
        command.note(`${outcome === 'pending' ? 'approval_recorded' : outcome}: ${record.id}`);
      }
      const isDecided = outcome !== undefined && outcome !== 'pending';
      if (isDecided || (await step(record))) return true;
      if (running.wait === true && !json) await sayHowToDecide(record);
      return running.wait === true;
    }
    async function sayHowToDecide({ id, status, approval }: RunRecord): Promise<void> {
      if (status !== 'awaiting_approval' || approval === undefined) return;
      const { decisionLines } = await import('../views/approval-view.ts');
      command.note(`awaiting_approval: ${id}`);
      for (const line of decisionLines(id, approval)) command.note(line);
    }
    /** Resolves to false without a terminal, or if the person leaves the run paused. */
    async function step(record: RunRecord): Promise<boolean> {
      if (record.status !== 'paused' || !context.isInteractive || json) return false;
      const { stepThrough } = await import('./step-through.ts');
      return stepThrough({ runtime, temporal, context, record, actor });
    }
    return followRun({
      runtime,
      temporal,
      context,
      runId,
      timeoutMs,
      isQuiet: json,
      canceller: actor,
      onWaiting,
    });
  };
}
