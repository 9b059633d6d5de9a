/** The base of the commands of schedules: ports, caller, and Temporal if it is reachable. */
import { intlZones } from '../../../adapters/machine/zones.ts';
import type { SchedulePorts } from '../../../client/schedules/ports.ts';
import type { Temporal } from '../../../client/temporal/connection.ts';
import { isSkillosError } from '../../../core/errors/errors.ts';
import type { Schedule } from '../../../core/schedules/schedule.ts';
import { slotTime } from '../../../core/values/schedule-id.ts';
import { zonedText } from '../../../core/schedules/zone.ts';
import type { OffsetAt } from '../../../core/schedules/zone.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions, rightsOf } from '../../input/identity.ts';
import { openRuntime } from '../../runtime.ts';
import type { Runtime } from '../../runtime.ts';

export abstract class ScheduleCommand extends SkillosCommand {
  identity = identityOptions();
  #runtime: Runtime | undefined;

  protected actor() {
    return actorOf(this);
  }

  protected rights() {
    return rightsOf(this);
  }

  protected get ports(): SchedulePorts {
    return { ...this.runtime.ports, zones: intlZones };
  }

  protected async withTemporal<Result>(work: (temporal: Temporal) => Promise<Result>): Promise<Result> {
    const temporal = await this.runtime.connect();
    try {
      return await work(temporal);
    } finally {
      await temporal.close();
    }
  }

  /** Updates Temporal's Schedule from the record. If Temporal is unreachable, a worker does it later. */
  protected async apply(schedule: Schedule): Promise<void> {
    const { applySchedule } = await import('../../../client/schedules/derived-schedule.ts');
    try {
      await this.withTemporal((temporal) => applySchedule(this.ports, temporal, schedule));
    } catch (error) {
      if (!isSkillosError(error, 'engine_unreachable')) throw error;
      this.note('Temporal does not answer; the change takes effect there when a worker connects');
    }
  }

  protected noteFirings(firings: readonly number[], zone: string, offsetAt: OffsetAt): void {
    for (const at of firings) this.note(`next: ${zonedText(at, offsetAt)} ${zone}, ${slotTime(at)}`);
  }

  /** Ctrl-C ends the wait; the runs continue. */
  protected untilInterrupted(): AbortSignal {
    const interrupted = new AbortController();
    this.context.onInterrupt(() => interrupted.abort());
    return interrupted.signal;
  }

  private get runtime(): Runtime {
    this.#runtime ??= openRuntime(this);
    return this.#runtime;
  }
}
