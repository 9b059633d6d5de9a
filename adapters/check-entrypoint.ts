/** Whether a skill's code bundles, loads and exports a function, found out by loading it: its top level runs. */
import type { Finding, SkillEntry } from '../core/catalog.ts';
import { isSkillosError } from '../core/errors.ts';
import type { SkillCode } from '../core/ports.ts';
import type { SkillPool } from './skill-host/pool.ts';

/** The rule of the finding is the code of the error that a run would end with. */
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
    return { severity: 'error', rule, file: entry.file, field: 'entrypoint', skill: entry.id, message };
  }
}
