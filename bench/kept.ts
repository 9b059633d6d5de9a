/**
 * Runs over HTTP in an empty root and in one that keeps many runs, on files, in turns: runs a second, and CPU time a run.
 * Usage: npm run bench -- kept [kept runs] [runs a round]
 */
import { rmSync } from 'node:fs';
import type { Bench } from './bench.ts';
import { startTemporal } from './deployment.ts';
import { makeRuns } from './lists.ts';
import { measureSides, printSides, startSide } from './sides.ts';
import type { StartedSide } from './sides.ts';
import { makeRoot } from './stage.ts';

export const keptBench: Bench = {
  summary: 'runs over HTTP in a root that keeps many runs, beside an empty one; [kept] [runs a round]',
  run: async ([kept = '100000', runs = '400']) => {
    const roots = [makeRoot(), makeRoot()] as const;
    makeRuns(roots[1], Number(kept));
    const temporal = await startTemporal(roots[0]);
    const sides: StartedSide[] = [];
    try {
      for (const [index, root] of roots.entries()) {
        const name = index === 0 ? 'empty root' : `${kept} kept runs`;
        sides.push(await startSide(name, { root, address: temporal.address }));
      }
      await measureSides(sides, { warmUp: 100, rounds: 5, runs: Number(runs) });
      printSides(sides);
    } finally {
      for (const child of sides.flatMap(({ children }) => children)) child.kill('SIGKILL');
      await temporal.stop();
      for (const root of roots) rmSync(root, { recursive: true, force: true });
    }
    return 0;
  },
};
