/** Measures decisions: a warm snapshot of a root of 1,000 skills with policies, and the verdict. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPresentRoots } from '../adapters/deployments/present-root.ts';
import { previewPorts } from '../adapters/preparing/preview-ports.ts';
import { uncarry } from '../adapters/storage/carrying.ts';
import { openState } from '../adapters/storage/state.ts';
import { APPROVAL_FILE } from '../core/approvals/approval-file.ts';
import { parseConfig } from '../core/settings/config.ts';
import { PERMISSION_FILE } from '../core/rights/permission-file.ts';
import { sequenceOf } from '../core/plans/plan-steps.ts';
import type { RequestedStep, Plan } from '../core/plans/plan.ts';
import { prepare } from '../core/preparing/prepare.ts';
import type { RunRequest } from '../core/runs/run.ts';
import { parseSkillId } from '../core/values/skill-id.ts';
import { writeFiles } from '../tests/support/write-files.ts';
import { SKILLS, makeRoot } from './cli.ts';
import type { Bench } from './bench.ts';
import { fixed, quantile, timed } from './measure.ts';

export const prepareBench: Bench = {
  summary: 'deciding about a run in a root of 1,000 skills with 200 policies; [rounds]',
  run: async ([rounds = '500']) => {
    const root = makeRoot(join(mkdtempSync(join(tmpdir(), 'skillos-bench-')), 'root'));
    writePolicies(root);
    const config = parseConfig({ SKILLOS_ROOT: root });
    const state = openState(config);
    const previews = previewPorts(config, {
      roots: openPresentRoots(config, state),
      records: state.records,
      values: { uncarry: (carried) => uncarry(carried, state.blobs) },
    });
    process.stdout.write(`${'snapshot and verdict, warm (ms)'.padEnd(36)}    p50    p95\n`);
    for (const steps of [1, 10, 100]) {
      const request = requestOf(steps);
      const times: number[] = [];
      const decide = async (): Promise<void> => {
        const { status } = prepare(request, 'x', await previews.takeSnapshot(request));
        if (status !== 'ready') throw new Error(`Expected a plan, got ${status}`);
      };
      await decide(); // freezes the code
      for (let round = 0; round < Number(rounds); round++) times.push(await timed(decide));
      const name = `${steps} of ${SKILLS} skills`;
      process.stdout.write(
        `${name.padEnd(36)}${fixed(quantile(times, 0.5))}${fixed(quantile(times, 0.95))}\n`,
      );
    }
    await state.close();
    rmSync(join(root, '..'), { recursive: true, force: true });
    return 0;
  },
};

function requestOf(count: number): RunRequest {
  const steps = Array.from({ length: count }, (_, index): Plan<RequestedStep> => ({
    kind: 'step',
    step: { skill: parseSkillId(`item/n${index}`) },
  }));
  return {
    plan: sequenceOf(steps),
    payload: { value: 'x' },
    principal: { subject: 'bench', roles: ['bench'], via: 'local' },
    tenant: 'default',
    askedAt: new Date().toISOString(),
  };
}

function writePolicies(root: string): void {
  const globs = Array.from({ length: 100 }, (_, index) => `item/n${index}*`);
  const policies = globs.map((skill_id) => ({ skill_id, required_permissions: ['item:read'] }));
  const approvals = globs.map((skill_id) => ({ skill_id, requires_approval: false }));
  writeFiles(root, {
    [PERMISSION_FILE]: JSON.stringify({ roles: { bench: ['item:*'] }, policies }),
    [APPROVAL_FILE]: JSON.stringify({ policies: approvals }),
  });
}
