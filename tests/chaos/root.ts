/** The skills root of the load: what its skills do to the world can be counted afterwards. */
import { mkdirSync, readdirSync } from 'node:fs';
import { APPROVAL_FILE } from '../../core/approvals/approval-file.ts';
import { PERMISSION_FILE } from '../../core/rights/permission-file.ts';
import { OPERATIONS } from '../../core/rights/operations.ts';
import { aManifest, writeFiles } from '../support/write-files.ts';

/** Cost of a step of most skills, in units: small, so that the budget of their tenants is never used up. */
const CHEAP = 'cost: 0.001\n';
const CAREFUL = `side_effects: write\nidempotent: true\n${CHEAP}`;

/** Time until an approval policy of the root denies, for approvals that nobody decides. */
const APPROVAL_TIMEOUT = '8s';

/** A call of a skill that had its effect. */
export interface Effect {
  readonly order: string;
  readonly run: string;
  readonly step: number;
}

/**
 * The module of a skill. It waits, fails in attempts up to `failures`, and makes a file: under the idempotency key if `isCareful`,
 * as an author does who wants one effect however often the skill is called, and otherwise a new one for each call.
 */
function moduleOf({ folder, isCareful, failures = 0, waitMs = 100 }: SkillOptions): string {
  return `
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
export async function run(payload: unknown, ctx: any) {
  const [order] = /order-[0-9a-z-]+/.exec(JSON.stringify(payload)) ?? ['schedule'];
  await setTimeout(${waitMs});
  if (ctx.attempt <= ${failures}) throw new Error('not yet');
  const call = [order, ctx.runId, ctx.step${isCareful ? '' : ', randomUUID()'}].join('~');
  try {
    writeFileSync(${JSON.stringify(folder)} + '/' + call, '', { flag: 'wx' });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  await setTimeout(${waitMs});
  return order;
}`;
}

interface SkillOptions {
  readonly folder: string;
  readonly isCareful: boolean;
  readonly failures?: number;
  readonly waitMs?: number;
}

/** Writes the root; skills have their effects in `folder`. */
export function writeRoot(root: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const skills = {
    careful: { manifest: CAREFUL, isCareful: true },
    careless: { manifest: `side_effects: write\n${CHEAP}`, isCareful: false },
    slow: { manifest: CAREFUL, isCareful: true, waitMs: 2000 },
    flaky: { manifest: `${CAREFUL}retry: { initial: 1s }\n`, isCareful: true, failures: 2 },
    failing: { manifest: CAREFUL, isCareful: true, failures: 1000 },
    guarded: { manifest: CAREFUL, isCareful: true },
    expiring: { manifest: CAREFUL, isCareful: true },
    costly: { manifest: 'side_effects: write\nidempotent: true\ncost: 2.5\n', isCareful: true },
  };
  const files = Object.entries(skills).flatMap(([name, { manifest, ...options }]) => [
    [`metadata/chaos/${name}.yaml`, aManifest(`chaos/${name}`, manifest)] as const,
    [`implementations/chaos/${name}.ts`, moduleOf({ folder, ...options })] as const,
  ]);
  const approvals = [
    { skill_id: 'chaos/guarded', policy_id: 'guarded' },
    { skill_id: 'chaos/expiring', policy_id: 'expiring', timeout: APPROVAL_TIMEOUT },
  ];
  writeFiles(root, {
    ...Object.fromEntries(files),
    [APPROVAL_FILE]: JSON.stringify(approvals),
    [PERMISSION_FILE]: JSON.stringify({ roles: { operator: [...OPERATIONS] } }),
    'triggers/webhooks.json': JSON.stringify({ webhooks: [{ id: 'chaos', skill_id: 'chaos/careful' }] }),
  });
}

/** The effects in the folder of `writeRoot`. */
export function effectsIn(folder: string): readonly Effect[] {
  return readdirSync(folder).map((name) => {
    const [order = '', run = '', step = ''] = name.split('~');
    return { order, run, step: Number(step) };
  });
}
