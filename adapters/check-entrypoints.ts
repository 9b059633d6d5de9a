/** Loads the code of every skill that has some, a few at a time, each in a skill process. */
import { resolve } from 'node:path';
import { openSkillCode } from './bundles.ts';
import { checkEntrypoint } from './check-entrypoint.ts';
import { packageFile } from './package.ts';
import { openSkillHost } from './skill-host/pool.ts';
import { bundleFolder } from './state.ts';
import type { Catalog, Finding } from '../core/catalog.ts';
import type { Config, Environment } from '../core/config.ts';

const AT_ONCE = 4;
const NOTE_EVERY = 25;

interface Checking {
  readonly config: Config;
  readonly env: Environment;
  readonly note: (line: string) => void;
}

export async function checkEntrypoints(
  { skills }: Catalog,
  { config, env, note }: Checking,
): Promise<readonly Finding[]> {
  const root = resolve(config.root);
  const storeDir = bundleFolder(root);
  const code = openSkillCode({ root, storeDir });
  const host = openSkillHost({
    root,
    environment: env,
    storeDir,
    processes: Math.min(AT_ONCE, config.skillProcesses),
    memoryMb: config.skillMemoryMb,
    childPath: packageFile('dist/skill-child.mjs'),
  });
  const waiting = [...skills.values()].filter(({ composition }) => composition === undefined);
  const total = waiting.length;
  const findings: Finding[] = [];
  let checked = 0;
  async function checkNext(): Promise<void> {
    for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
      const finding = await checkEntrypoint(entry, { code, host });
      if (finding !== undefined) findings.push(finding);
      if (++checked % NOTE_EVERY === 0) note(`checked ${checked} of ${total} entrypoints`);
    }
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, checkNext));
    return findings;
  } finally {
    await host.close();
  }
}
