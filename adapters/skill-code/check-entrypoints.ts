/** Loads the code of every skill in skill processes, a few at a time, and reports failures. */
import { resolve } from 'node:path';
import { openSkillCode } from './bundles.ts';
import { packageFile } from '../machine/package.ts';
import { openSkillHost } from '../skill-host/pool.ts';
import type { SkillPool } from '../skill-host/pool.ts';
import { bundleFolder } from '../storage/state.ts';
import { isSkillosError } from '../../core/errors/errors.ts';
import type { SkillCode } from '../../core/runs/skill-host.ts';
import type { Catalog, Finding, SkillEntry } from '../../core/skills/catalog.ts';
import { withVariant } from '../../core/skills/variants.ts';
import type { Config, Environment } from '../../core/settings/config.ts';

const AT_ONCE = 4;
const NOTE_EVERY = 25;

interface Checking {
  readonly config: Config;
  readonly env: Environment;
  readonly note: (line: string) => void;
}

/** Returns one finding per skill whose code does not bundle, does not load, or exports no function. */
export async function checkEntrypoints(
  { skills }: Catalog,
  { config, env, note }: Checking,
): Promise<readonly Finding[]> {
  const root = resolve(config.root);
  const storeDir = bundleFolder(root);
  const code = openSkillCode({ root, storeDir, production: config.production });
  const host = openSkillHost({
    root,
    environment: env,
    storeDir,
    processes: Math.min(AT_ONCE, config.skillProcesses),
    memoryMb: config.skillMemoryMb,
    childPath: packageFile('dist/skill-child.mjs'),
  });
  const waiting = [...skills.values()]
    .filter(({ composition }) => composition === undefined)
    .flatMap(withVariants);
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

function withVariants(entry: SkillEntry): readonly SkillEntry[] {
  const variants = Object.keys(entry.manifest.variants ?? {});
  return [entry].concat(variants.map((variant) => withVariant(entry, variant)));
}

/** Loads the code, which runs its top level. The finding's rule is the error code that a run would end with. */
export async function checkEntrypoint(
  entry: SkillEntry,
  { code, host }: { readonly code: SkillCode; readonly host: SkillPool },
): Promise<Finding | undefined> {
  try {
    await host.check(await code.freeze(entry), entry.id);
    return undefined;
  } catch (error) {
    if (!isSkillosError(error)) throw error;
    const { code: rule, message } = error;
    const { file, id: skill, variant } = entry;
    const field = variant === undefined ? 'entrypoint' : `variants.${variant}.entrypoint`;
    return { severity: 'error', rule, file, field, skill, message };
  }
}
