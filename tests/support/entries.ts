/** Skills as a catalog holds them, without files. */
import type { SkillEntry } from '../../core/skills/catalog.ts';
import type { Catalogs } from '../../core/skills/catalog.ts';
import { manifestSchema } from '../../core/skills/manifest.ts';
import type { SkillId } from '../../core/values/skill-id.ts';

/** A skill that breaks no rule; `more` are fields of its manifest. */
export function anEntry(id: string, more: Readonly<Record<string, unknown>> = {}): SkillEntry {
  const manifest = manifestSchema.parse({
    id,
    name: 'A skill',
    description: 'Does one thing',
    version: '1.0.0',
    entrypoint: `implementations.${id.replace('/', '.')}:run`,
    ...more,
  });
  return { id: manifest.id, manifest, file: `metadata/${id}.yaml` };
}

export function skillsOf(...entries: readonly SkillEntry[]): ReadonlyMap<SkillId, SkillEntry> {
  return new Map(entries.map((entry) => [entry.id, entry]));
}

/** A catalog in memory. */
export function catalogsOf(
  skills: ReadonlyMap<SkillId, SkillEntry>,
  findings: Awaited<ReturnType<Catalogs['load']>>['findings'] = [],
): Catalogs {
  return {
    load: async () => ({ skills, findings, version: '1' }),
    fingerprint: async () => '1',
    find: async (id) => skills.get(id),
  };
}
