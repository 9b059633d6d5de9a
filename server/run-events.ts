/** Runs that are followed over HTTP: each is followed once, however many look on. */
import type { Temporal } from '../client/connection.ts';
import type { ClientPorts } from '../client/ports.ts';
import { findRun } from '../client/run-records.ts';
import { watchRun } from '../client/watch.ts';
import { isSkillosError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { eventDocument } from '../core/run-event-document.ts';
import { isInFlight } from '../core/run.ts';
import { EMPTY_TRACE, applyEvent } from '../core/trace.ts';
import type { RunTrace } from '../core/trace.ts';
import type { TemporalLink } from './temporal-link.ts';

export interface RunEvent {
  /** Place in the run's history, from 1; absent for what is not in it. */
  readonly position?: number;
  readonly document: JsonObject;
}

interface Follower {
  onEvent(event: RunEvent): void;
  /** The run has ended, or following it failed and is to be tried again. */
  onEnd(): void;
}

export interface RunEvents {
  /** What happened after the position comes at once, the rest as it happens. Returns how to leave. */
  follow(runId: string, after: number, follower: Follower): () => void;
  /** How many events a run has that has ended. */
  countOf(runId: string): Promise<number>;
  close(): void;
}

export function openRunEvents(ports: ClientPorts, temporal: TemporalLink): RunEvents {
  const followed = new Map<string, FollowedRun>();
  function follow(runId: string, after: number, follower: Follower): () => void {
    let run = followed.get(runId);
    if (run === undefined) {
      run = new FollowedRun({ ports, temporal, runId, onOver: () => followed.delete(runId) });
      followed.set(runId, run);
    }
    return run.join(after, follower);
  }
  return {
    follow,
    countOf: (runId) =>
      new Promise((resolve) => {
        let count = 0;
        follow(runId, 0, { onEvent: () => (count += 1), onEnd: () => resolve(count) });
      }),
    close() {
      for (const run of followed.values()) run.leaveAll();
    },
  };
}

interface Following {
  readonly ports: ClientPorts;
  readonly temporal: TemporalLink;
  readonly runId: string;
  readonly onOver: () => void;
}

class FollowedRun {
  readonly #following: Following;
  readonly #events: RunEvent[] = [];
  readonly #followers = new Set<Follower>();
  readonly #stop = new AbortController();
  #trace: RunTrace = EMPTY_TRACE;

  constructor(following: Following) {
    this.#following = following;
    void this.#run();
  }

  join(after: number, follower: Follower): () => void {
    for (const event of this.#events) {
      if (event.position !== undefined && event.position > after) follower.onEvent(event);
    }
    const joined: Follower = {
      onEvent: (event) => {
        if (event.position === undefined || event.position > after) follower.onEvent(event);
      },
      onEnd: () => follower.onEnd(),
    };
    this.#followers.add(joined);
    return () => {
      this.#followers.delete(joined);
      if (this.#followers.size === 0) this.#over();
    };
  }

  leaveAll(): void {
    for (const follower of this.#followers) follower.onEnd();
    this.#followers.clear();
    this.#over();
  }

  #over(): void {
    this.#stop.abort();
    this.#following.onOver();
  }

  async #run(): Promise<void> {
    const { temporal } = this.#following;
    try {
      await temporal.hold((connected) => this.#watch(connected));
    } catch (error) {
      if (isSkillosError(error, 'unknown_run')) await this.#tellFromRecord();
      // Whatever else it was: the followers come back and ask again.
    }
    this.leaveAll();
  }

  async #watch(temporal: Temporal): Promise<void> {
    const { ports, runId } = this.#following;
    for await (const event of watchRun(ports, temporal, { runId, signal: this.#stop.signal })) {
      if (event.kind === 'no_worker') {
        const at = new Date(ports.now()).toISOString();
        this.#tell({ document: { schema: 'skillos.event/v1', kind: event.kind, at } });
        continue;
      }
      const isTakenAgain = event.kind === 'run_taken' && this.#trace.takenAt !== undefined;
      this.#trace = applyEvent(this.#trace, event);
      if (isTakenAgain) continue;
      this.#add(eventDocument(event, this.#trace));
    }
  }

  /** Temporal forgets histories; how the run ended stays in its record. */
  async #tellFromRecord(): Promise<void> {
    const { ports, runId } = this.#following;
    const record = await findRun(ports, runId).catch(() => undefined);
    if (record === undefined || isInFlight(record.status)) return;
    const { status, reason, endedAt: at = record.createdAt } = record;
    const why = reason === undefined ? {} : { reason };
    this.#add({ schema: 'skillos.event/v1', kind: 'run_ended', at, status, ...why });
  }

  #add(document: JsonObject): void {
    this.#tell({ position: this.#events.length + 1, document });
  }

  #tell(event: RunEvent): void {
    if (event.position !== undefined) this.#events.push(event);
    for (const follower of this.#followers) follower.onEvent(event);
  }
}
