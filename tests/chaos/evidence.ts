/** Reads what is left when all faults are over: records, budgets, audit log, workflows, effects, processes. */
import { readFileSync, readdirSync } from 'node:fs';
import { openPorts } from '../../adapters/open.ts';
import { verifyAudit } from '../../client/audit/verify.ts';
import { readWholeLog } from '../../client/runs/run-log.ts';
import { connectTemporal } from '../../client/temporal/connection.ts';
import type { Temporal } from '../../client/temporal/connection.ts';
import type { JsonObject } from '../../core/json.ts';
import { LIMITS_KIND } from '../../core/limits/limits.ts';
import type { Limits } from '../../core/limits/limits.ts';
import { RUNS_KIND } from '../../core/runs/run-records.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { parseConfig } from '../../core/settings/config.ts';
import { auditLogName } from '../../core/telemetry/audit.ts';
import { parseAmount } from '../../core/values/amount.ts';
import { firedRunId } from '../../core/values/schedule-id.ts';
import { aRights } from '../support/builders.ts';
import type { Evidence } from './invariants.ts';
import { SCHEDULE, SCHEDULE_SECONDS, TENANTS } from './orders.ts';
import type { Load } from './orders.ts';
import { effectsIn } from './root.ts';
import { DAILY_LIMIT } from './topology.ts';
import type { Topology } from './topology.ts';

const PAGE = 1000;

/** When the schedule was added and when it ends, Unix milliseconds. */
export interface Firing {
  readonly from: number;
  readonly to: number;
}

export class Observer {
  readonly #topology: Topology;
  readonly #opened;
  #temporal: Temporal | undefined;

  constructor(topology: Topology) {
    this.#topology = topology;
    this.#opened = openPorts(parseConfig(topology.env), Date.now);
  }

  async close(): Promise<void> {
    await this.#temporal?.close();
    await this.#opened.state.close();
  }

  async records(): Promise<readonly RunRecord[]> {
    const found: RunRecord[] = [];
    for (let after: string | undefined; ;) {
      const page = await this.#opened.ports.records.list<RunRecord & JsonObject>(RUNS_KIND, {
        limit: PAGE,
        ...(after === undefined ? {} : { after }),
      });
      found.push(...page.map(({ value }) => value));
      if (page.length < PAGE) return found;
      after = page.at(-1)?.key;
    }
  }

  /** All workflows of the namespace, by id, with the status of their last execution. */
  async workflows(): Promise<ReadonlyMap<string, string>> {
    this.#temporal ??= await connectTemporal({
      address: this.#topology.address,
      namespace: 'default',
      taskQueue: 'skillos',
      local: false,
    });
    const statuses = new Map<string, string>();
    const all = this.#temporal.client.workflow.list({ query: "WorkflowType = 'run'" });
    for await (const { workflowId, status } of all) statuses.set(workflowId, status.name);
    return statuses;
  }

  /** Of the tenants that have run something. */
  async limits(): Promise<ReadonlyMap<string, Limits>> {
    const limits = new Map<string, Limits>();
    for (const tenant of TENANTS) {
      const found = await this.#opened.ports.records.get<Limits>(LIMITS_KIND, tenant);
      if (found !== undefined) limits.set(tenant, found);
    }
    return limits;
  }

  /** `orphans` are known only when everything has been stopped. */
  async evidence(load: Load, firing: Firing): Promise<Omit<Evidence, 'orphans'>> {
    const { ports } = this.#opened;
    const allowed: string[] = [];
    const auditFaults: string[] = [];
    for (const tenant of TENANTS) {
      const entries = await readWholeLog(ports.journal, auditLogName(tenant));
      allowed.push(
        ...entries.filter(({ action }) => action === 'run_allowed').map(({ run }) => run as string),
      );
      auditFaults.push(...(await this.#auditFaults(tenant)));
    }
    return {
      orders: load.orders,
      refusals: load.refusals,
      records: await this.records(),
      workflows: await this.workflows(),
      effects: effectsIn(this.#topology.effects),
      limits: await this.limits(),
      dailyLimit: parseAmount(String(DAILY_LIMIT)) as number,
      firings: firingsOf(firing),
      allowed,
      auditFaults,
    };
  }

  async #auditFaults(tenant: string): Promise<readonly string[]> {
    const { serverKey = '' } = parseConfig(this.#topology.env);
    const { faults, unproven, unreadable, findings } = await verifyAudit(
      this.#opened.ports,
      aRights({ tenant }),
      {
        serverKey,
        heads: [],
        onProgress() {},
      },
    );
    if (faults + unproven + unreadable === 0) return [];
    const counts = `${faults} faults, ${unproven} entries unproven, ${unreadable} unreadable`;
    return [`tenant ${tenant}: ${counts}: ${JSON.stringify(findings)}`];
  }
}

/** The run ids of all times of the schedule: whole multiples of its interval. */
export function firingsOf({ from, to }: Firing): readonly string[] {
  const step = SCHEDULE_SECONDS * 1000;
  const ids: string[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step)
    ids.push(firedRunId({ tenant: 'red', schedule: SCHEDULE, at, attempt: 1 }));
  return ids;
}

/** Command lines of processes whose HOME is the folder, which skills and all that they start inherit. Linux only. */
export function processesOf(folder: string): readonly string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`HOME=${folder}`)) return [];
      return [`${pid}: ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').slice(0, 200)}`];
    } catch {
      return []; // it has ended, or belongs to somebody else
    }
  });
}
