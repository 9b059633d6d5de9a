/** Temporal's schedules and the starts of workflows, on a clock of the test. Holds what the real server holds, and may lose it. */
import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/client';
import type { ScheduleOptions } from '@temporalio/client';
import type { Temporal } from '../../client/temporal/connection.ts';
import type { RunRequest } from '../../core/runs/run.ts';
import { slotTime } from '../../core/values/schedule-id.ts';

/** Starts a workflow; the server has made sure that its id is new. */
export type OnStart = (runId: string, request: RunRequest) => Promise<void>;

type Derived = Pick<ScheduleOptions, 'spec' | 'action' | 'policies' | 'state'>;

export interface SimulatedTemporal {
  readonly temporal: Temporal;
  /** What the server would answer about a schedule; undefined if it has none of this id. */
  readonly state: (id: string) => ScheduleOptions['state'];
  readonly ids: () => readonly string[];
  /** Fires what its own schedules say for the times after `from` up to `to`, as far as their catch-up windows reach. */
  fire(from: number, to: number): Promise<void>;
  /** Loses its database. */
  readonly wipe: () => void;
}

/** Knows intervals and single times, which are the specs that the test uses. Runs end at once, so that none overlap. */
export function simulateTemporal(onStart: OnStart): SimulatedTemporal {
  const schedules = new Map<string, Derived>();
  const started = new Set<string>();

  async function start(type: string, { workflowId, args }: { workflowId: string; args: [RunRequest] }) {
    if (started.has(workflowId)) {
      throw new WorkflowExecutionAlreadyStartedError('It exists', workflowId, type);
    }
    started.add(workflowId);
    await onStart(workflowId, args[0]);
  }

  function found(id: string): Derived {
    const derived = schedules.get(id);
    if (derived === undefined) throw new ScheduleNotFoundError('schedule not found', id);
    return derived;
  }

  const handle = (id: string) => ({
    update: async (change: () => Derived) => void (found(id), schedules.set(id, change())),
    delete: async () => void (found(id), schedules.delete(id)),
  });
  const client = {
    schedule: {
      create: async ({ scheduleId, ...derived }: ScheduleOptions) => {
        if (schedules.has(scheduleId)) throw new ScheduleAlreadyRunning('It exists', scheduleId);
        schedules.set(scheduleId, derived);
      },
      getHandle: handle,
      list: async function* () {
        for (const [scheduleId, { state }] of schedules) yield { scheduleId, state: { note: state?.note } };
      },
    },
    workflow: { start },
    workflowService: {
      getWorkflowExecutionHistory: async () => ({ history: { events: [{}] } }), // every run has closed
    },
    connection: { withAbortSignal: <T>(_signal: AbortSignal, call: () => Promise<T>) => call() },
  };
  return {
    temporal: { client, target: { taskQueue: 'q', namespace: 'n' } } as unknown as Temporal,
    state: (id) => schedules.get(id)?.state,
    ids: () => [...schedules.keys()],
    async fire(from, to) {
      for (const [id, derived] of schedules) {
        for (const at of timesOf(derived, from, to)) {
          const { state = {}, action } = derived;
          if (state.paused === true || state.remainingActions === 0) break;
          if (state.remainingActions !== undefined) {
            schedules.set(id, {
              ...derived,
              state: { ...state, remainingActions: state.remainingActions - 1 },
            });
          }
          const workflowId = `${id}-${slotTime(at)}`;
          await start('run', { workflowId, args: action.args as [RunRequest] }).catch(() => undefined); // it exists
        }
      }
    },
    wipe() {
      schedules.clear();
      started.clear();
    },
  };
}

function timesOf({ spec, policies }: Derived, from: number, to: number): readonly number[] {
  const after = Math.max(from, to - Number(policies?.catchupWindow ?? 0));
  const everyMs = Number(spec.intervals?.[0]?.every ?? 0);
  if (everyMs > 0) {
    const first = Math.floor(after / everyMs) + 1;
    const count = Math.max(0, Math.floor(to / everyMs) - first + 1);
    return Array.from({ length: count }, (_, index) => (first + index) * everyMs);
  }
  const [calendar] = spec.calendars ?? [];
  if (calendar === undefined) return [];
  const { year, month, dayOfMonth, hour, minute, second } = calendar as Readonly<Record<string, string>>; // or numbers
  const at = Date.parse(`${dayOfMonth} ${month} ${year} ${hour}:${minute}:${second} UTC`);
  return at > after && at <= to ? [at] : [];
}
