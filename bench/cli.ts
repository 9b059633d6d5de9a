/** Measures whole processes, beside Node without a program. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFile } from '../adapters/machine/package.ts';
import type { Bench } from './bench.ts';
import { fixed, quantile, timed } from './measure.ts';

const CLI = packageFile('dist/skillos.mjs');
export const SKILLS = 1000;

export const cliBench: Bench = {
  summary: 'whole CLI processes: help, routing over 1,000 skills, a run on a warm engine; [rounds]',
  run: async ([rounds = '15']) => {
    const folder = mkdtempSync(join(tmpdir(), 'skillos-bench-'));
    const env = environmentOf(folder);
    const root = makeRoot(join(folder, 'root'));
    const query = 'Convert the amount of item number 417';
    const rows: readonly (readonly [string, readonly string[]])[] = [
      ['node -e 0', ['-e', '0']],
      ['skillos --version', [CLI, '--version']],
      ['skillos --help', [CLI, '--help']],
      [`skillos run, routed over ${SKILLS} skills`, [CLI, 'run', query, '--root', root]],
      [
        'skillos run --execute, warm engine',
        [CLI, 'run', query, '--root', root, '--execute', '--skill', 'item/n417'],
      ],
    ];
    try {
      await print(rows, Number(rounds), env);
    } finally {
      await finish([CLI, 'dev', 'stop', '--root', root], env);
      rmSync(folder, { recursive: true, force: true });
    }
    return 0;
  },
};

async function print(
  rows: readonly (readonly [string, readonly string[]])[],
  rounds: number,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  for (const [, args] of rows) await finish(args, env); // fills caches, starts the engine
  const times = rows.map(() => [] as number[]);
  for (let round = 0; round < rounds; round++) {
    for (const [index, [, args]] of rows.entries()) times[index]?.push(await timed(() => finish(args, env)));
  }
  process.stdout.write(`${'whole process (ms)'.padEnd(42)}    p50    p95\n`);
  for (const [index, [name]] of rows.entries()) {
    const samples = times[index] as number[];
    process.stdout.write(
      `${name.padEnd(42)}${fixed(quantile(samples, 0.5))}${fixed(quantile(samples, 0.95))}\n`,
    );
  }
}

function finish(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'ignore'] });
    child.once('error', reject);
    child.once('exit', () => resolve());
  });
}

/** Without extra certificates, which every Node process would read at its start. */
function environmentOf(folder: string): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  return { ...env, SKILLOS_STATE_DIR: join(folder, 'state') };
}

export function makeRoot(root: string): string {
  mkdirSync(join(root, 'metadata', 'item'), { recursive: true });
  mkdirSync(join(root, 'implementations', 'item'), { recursive: true });
  for (let n = 0; n < SKILLS; n++) {
    const lines = [
      `id: item/n${n}`,
      `name: Item number ${n}`,
      `description: Converts the amount of item number ${n} for the warehouse`,
      'version: 1.0.0',
      'entrypoint: implementations.item.convert:run',
      'tags: [item]',
    ];
    writeFileSync(join(root, 'metadata', 'item', `n${n}.yaml`), `${lines.join('\n')}\n`);
  }
  writeFileSync(
    join(root, 'implementations', 'item', 'convert.ts'),
    'export const run = (text: string) => text;\n',
  );
  return root;
}
