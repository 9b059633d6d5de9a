/** Checks the code of every skill, a few at a time: compiles it, or also loads it in a skill process. */
import { resolve } from 'node:path';
import { compileSkill, openSkillCode } from './bundles.ts';
import type { SharedBundles } from './shared-bundles.ts';
import { packageFile } from '../machine/package.ts';
import { openSkillHost } from '../skill-host/host.ts';
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
  /** That of a deployment; default that of the root. */
  readonly code?: SkillCode;
  /** As in `SkillHostOptions`, for the code of a deployment. */
  readonly fetchBundle?: SharedBundles['fetch'];
}

/** The code store and the skill processes of a command. */
export interface CodeChecker {
  readonly code: SkillCode;
  readonly host: SkillPool;
}

/** Starts a skill process at once; close `host`. */
export function openCodeChecker({ config, env, code, fetchBundle }: Omit<Checking, 'note'>): CodeChecker {
  const root = resolve(config.root);
  const storeDir = bundleFolder(root);
  return {
    code: code ?? openSkillCode({ root, storeDir, production: config.production }),
    host: openSkillHost({
      root,
      environment: env,
      storeDir,
      processes: Math.min(AT_ONCE, config.skillProcesses),
      memoryMb: config.skillMemoryMb,
      sandbox: config.sandbox,
      childPath: packageFile('dist/skill-child.mjs'),
      ...(fetchBundle && { fetchBundle }),
    }),
  };
}

/** Returns one finding per skill whose code does not compile, leaves implementations/ or lacks the export; runs and writes nothing. */
export function compileEntrypoints(root: string, catalog: Catalog): Promise<readonly Finding[]> {
  return findingsOf(catalog, (entry) => findingOf(entry, () => compileSkill(root, entry)), {
    note: () => undefined,
  });
}

/** The same, and keeps the compiled code for the next run; builds only what has changed. */
export function freezeEntrypoints(
  catalog: Catalog,
  code: SkillCode,
  note: Checking['note'] = () => undefined,
): Promise<readonly Finding[]> {
  return findingsOf(catalog, (entry) => findingOf(entry, () => code.freeze(entry)), { note });
}

/** Returns one finding per skill whose code does not bundle, does not load, or exports no function. */
export async function checkEntrypoints(catalog: Catalog, checking: Checking): Promise<readonly Finding[]> {
  const checker = openCodeChecker(checking);
  try {
    return await findingsOf(catalog, (entry) => checkEntrypoint(entry, checker), checking);
  } finally {
    await checker.host.close();
  }
}

async function findingsOf(
  { skills }: Catalog,
  check: (entry: SkillEntry) => Promise<Finding | undefined>,
  { note }: Pick<Checking, 'note'>,
): Promise<readonly Finding[]> {
  const waiting = [...skills.values()]
    .filter(({ composition }) => composition === undefined)
    .flatMap(withVariants);
  const total = waiting.length;
  const findings: Finding[] = [];
  let checked = 0;
  async function checkNext(): Promise<void> {
    for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
      const finding = await check(entry);
      if (finding !== undefined) findings.push(finding);
      if (++checked % NOTE_EVERY === 0) note(`checked ${checked} of ${total} entrypoints`);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, checkNext));
  return findings;
}

function withVariants(entry: SkillEntry): readonly SkillEntry[] {
  const variants = Object.keys(entry.manifest.variants ?? {});
  return [entry].concat(variants.map((variant) => withVariant(entry, variant)));
}

/** Loads the code, which runs its top level. */
export function checkEntrypoint(
  entry: SkillEntry,
  { code, host }: CodeChecker,
): Promise<Finding | undefined> {
  return findingOf(entry, async () => host.check(await code.freeze(entry), entry.id));
}

/** The finding's rule is the error code that a run would end with. */
async function findingOf(entry: SkillEntry, check: () => Promise<unknown>): Promise<Finding | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    if (!isSkillosError(error)) throw error;
    const { code: rule, message } = error;
    const { file, id: skill, variant } = entry;
    const field = variant === undefined ? 'entrypoint' : `variants.${variant}.entrypoint`;
    return { severity: 'error', rule, file, field, skill, message };
  }
}
