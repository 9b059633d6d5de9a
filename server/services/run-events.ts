/** Follows each run once, and passes its events to any number of HTTP clients. */
import type { Temporal } from '../../client/temporal/connection.ts';
import type { ClientPorts } from '../../client/ports.ts';
import { findRun } from '../../client/runs/run-records.ts';
import { watchRun } from '../../client/runs/watch.ts';
import { isSkillosError } from '../../core/errors/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { eventDocument } from '../../core/runs/run-event-document.ts';
import { isInFlight } from '../../core/runs/run.ts';
import { EMPTY_TRACE, applyEvent } from '../../core/runs/trace.ts';
import type { RunTrace } from '../../core/runs/trace.ts';
import type { TemporalLink } from './temporal-link.ts';

export interface RunEvent {
  /** Number of the event, from 1; absent for events that are not in the run's history. */
  readonly position?: number;
  readonly document: JsonObject;
}

interface Follower {
  onEvent(event: RunEvent): void;
  /** Called once: the run has ended, or following it failed and the client should reconnect. */
  onEnd(): void;
}

export interface RunEvents {
  /** Delivers past events after the position at once, then new ones. Returns a function that unsubscribes. */
  follow(runId: string, after: number, follower: Follower): () => void;
  /** Resolves to the number of events of a run that has ended. */
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
      if (isSkillosError(error, 'unknown_run')) await this.#emitEndFromRecord();
      // On any other error the clients reconnect, and the run is followed again.
    }
    this.leaveAll();
  }

  async #watch(temporal: Temporal): Promise<void> {
    const { ports, runId } = this.#following;
    for await (const event of watchRun(ports, temporal, { runId, signal: this.#stop.signal })) {
      if (event.kind === 'no_worker') {
        const at = new Date(ports.now()).toISOString();
        this.#emit({ document: { schema: 'skillos.event/v1', kind: event.kind, at } });
        continue;
      }
      const isRepeated = event.kind === 'run_taken' && this.#trace.takenAt !== undefined;
      this.#trace = applyEvent(this.#trace, event);
      if (isRepeated) continue;
      this.#add(eventDocument(event, this.#trace));
    }
  }

  /** Reports the end from the record, if Temporal no longer keeps the history. */
  async #emitEndFromRecord(): Promise<void> {
    const { ports, runId } = this.#following;
    const record = await findRun(ports, runId).catch(() => undefined);
    if (record === undefined || isInFlight(record.status)) return;
    const { status, reason, endedAt: at = record.createdAt } = record;
    const why = reason === undefined ? {} : { reason };
    this.#add({ schema: 'skillos.event/v1', kind: 'run_ended', at, status, ...why });
  }

  #add(document: JsonObject): void {
    this.#emit({ position: this.#events.length + 1, document });
  }

  #emit(event: RunEvent): void {
    if (event.position !== undefined) this.#events.push(event);
    for (const follower of this.#followers) follower.onEvent(event);
  }
}
