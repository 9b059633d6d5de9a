/** The store goes away at one moment of a run and comes back: the run waits, does nothing twice and pays once. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { activityInfo } from '@temporalio/activity';
import type { WorkerPorts } from '../../activities/ports.ts';
import { findRun } from '../../client/runs/run-records.ts';
import { startRun } from '../../client/submit/start-run.ts';
import { auditLogName } from '../../core/telemetry/audit.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { LIMITS_KIND } from '../../core/limits/limits.ts';
import type { Limits } from '../../core/limits/limits.ts';
import { parseSteps } from '../../core/plans/plan-steps.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';

/** Not safe to repeat, though its manifest lets failures be tried again; input and output are too large to be inline. */
const ONCE = `
import { appendFileSync } from 'node:fs';
export async function run({ file, text }: { file: string; text: string }, ctx: { attempt: number }) {
  appendFileSync(file, ctx.attempt + '\\n');
  return text;
}`;
const MANIFEST = `
side_effects: write
inputs: { type: object }
retry: { max_attempts: 3, initial: 10ms }
`;
const TEXT = 'x'.repeat(20_000);

/** What a worker asks of the store: a document as it is to be, an entry of a log, a value. */
interface Touch {
  readonly what: 'document' | 'log' | 'read value' | 'write value';
  readonly kind?: string;
  readonly document?: JsonObject | undefined;
  /** Whether the run's record says that it has begun. */
  readonly isBegun: boolean;
}

const MOMENTS: Readonly<Record<string, (touch: Touch) => boolean>> = {
  'the claim is taken': ({ kind, document }) => kind === LIMITS_KIND && holds(document),
  'the run is recorded as begun': ({ kind, document }) =>
    kind === 'runs' && document?.['status'] === 'running',
  'the claim is put into the audit log': ({ what }) => what === 'log',
  'the run is decided on': ({ what, isBegun }) => what === 'read value' && !isBegun,
  'the step loads its input': ({ what, isBegun }) => what === 'read value' && isBegun,
  'the step is recorded as begun': ({ document }) => document?.['begun'] !== undefined,
  'the step keeps its output': ({ what }) => what === 'write value',
  'the run is recorded as ended': ({ kind, document }) =>
    kind === 'runs' && document?.['endedAt'] !== undefined,
  'the run is charged': ({ kind, document }) => kind === LIMITS_KIND && !holds(document),
};

function holds(document: JsonObject | undefined): boolean {
  return Object.keys((document as Limits | undefined)?.reservations ?? {}).length > 0;
}

interface Outage {
  readonly moment: (touch: Touch) => boolean;
  /** Whether what was asked for is done all the same, and only the answer is lost. */
  readonly isDone: boolean;
  left: number;
}

let outage: Outage | undefined;

function fail(away: Outage): never {
  away.left--;
  throw new SkillosError('storage_unreachable', 'The store is away');
}

const begun = new Set<string | undefined>();

async function through<T>(asked: Omit<Touch, 'isBegun'>, work: () => Promise<T>): Promise<T> {
  const run = activityInfo().workflowExecution?.workflowId;
  const touch = { ...asked, isBegun: begun.has(run) };
  const away = outage !== undefined && outage.left > 0 && outage.moment(touch) ? outage : undefined;
  if (away?.isDone === false) fail(away);
  const result = await work();
  if (asked.document?.['status'] === 'running') begun.add(run);
  return away === undefined ? result : fail(away);
}

function unsteady(ports: WorkerPorts): WorkerPorts {
  const { records, journal, blobs } = ports;
  return {
    ...ports,
    records: {
      ...records,
      update: async (kind, key, change) => {
        const current = await records.get<never>(kind, key);
        const document = change(current);
        if (document === current) return document;
        return through({ what: 'document', kind, document }, () => records.update(kind, key, change));
      },
    },
    journal: {
      ...journal,
      append: (log, entries) =>
        log.startsWith('audit/')
          ? through({ what: 'log' }, () => journal.append(log, entries))
          : journal.append(log, entries),
    },
    blobs: {
      put: (bytes) => through({ what: 'write value' }, () => blobs.put(bytes)),
      get: (hash) => through({ what: 'read value' }, () => blobs.get(hash)),
      missing: (hashes) => blobs.missing(hashes),
      touch: (hashes) => through({ what: 'write value' }, () => blobs.touch(hashes)),
    },
  };
}

let deployment: Deployment;
let tenants = 0;

beforeAll(async () => {
  deployment = await openDeployment(rootWith({ 'test/once': { code: ONCE, manifest: MANIFEST } }));
  await deployment.startWorkerWith(unsteady);
});

afterAll(() => deployment.close());

const cases = Object.entries(MOMENTS).flatMap(([name, moment]) => [
  { name, moment, fate: 'is not done', isDone: false, left: 4 },
  { name, moment, fate: 'is done', isDone: true, left: 1 },
]);

test.each(cases)(
  'as $name, which $fate',
  async ({ moment, isDone, left }) => {
    const { ports, temporal, root } = deployment;
    const tenant = `tenant-${++tenants}`;
    const file = join(root, tenant);
    outage = { moment, isDone, left };
    const { runId } = await startRun(ports, temporal, {
      plan: parseSteps(['test/once']),
      payload: { file, text: TEXT },
      principal: { subject: 'tester', roles: [], via: 'local' },
      tenant,
    });
    await temporal.client.workflow.getHandle(runId).result();

    const { status, output } = await findRun(ports, runId);
    expect({ status, output: output && (await ports.values.uncarry(output)) }).toEqual({
      status: 'success',
      output: TEXT,
    });
    expect(readFileSync(file, 'utf8')).toBe('1\n');
    await eventually(async () => {
      const { spent, reservations } = (await ports.records.get<Limits>(LIMITS_KIND, tenant)) as Limits;
      expect({ spent: new Set(Object.values(spent)), reservations }).toEqual({
        spent: new Set([10_000]),
        reservations: {},
      });
    });
    const { entries } = await ports.journal.read(auditLogName(tenant));
    expect(new Set(entries.map(({ action }) => action))).toEqual(new Set(['run_allowed']));
    expect(outage.left).toBe(0);
  },
  180_000,
);
