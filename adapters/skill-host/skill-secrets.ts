/** Runs in the skill process: `ctx.secrets`, which JSON and loops do not show. */
import type { SkillSecrets } from '../../core/runs/skill-host.ts';
import { declaredOnly } from './declared-only.ts';
import { HostError } from './failure.ts';

/** Reading a secret that is not set throws `secret_missing`. */
export function skillSecrets(secrets: SkillSecrets): Readonly<Record<string, string>> {
  const values = new Map(Object.entries(secrets));
  return declaredOnly({
    field: 'secrets',
    names: [...values.keys()],
    read(key) {
      const value = values.get(key) ?? null;
      if (value !== null) return value;
      throw new HostError('secret_missing', `The secret ${JSON.stringify(key)} of the skill is not set`);
    },
    isEnumerable: false,
  });
}
