/** What `validate` finds in the file of triggers. */
import type { Catalog, Finding } from '../skills/catalog.ts';
import { TRIGGER_FILE } from './trigger-file.ts';
import type { Triggers } from './trigger.ts';

/** Returns entries that are not valid, and triggers of skills that do not exist: their deliveries are refused. */
export function reviewTriggers({ triggers, problems }: Triggers, { skills }: Catalog): readonly Finding[] {
  const lost = triggers.filter(({ skill }) => !skills.has(skill));
  return [
    ...problems.map(({ entry, field, message }) =>
      error({ rule: 'trigger_invalid', field, message: `${entry}: ${message}` }),
    ),
    ...lost.map(({ id, skill }) =>
      error({ rule: 'trigger_skill_unknown', message: `${id}: there is no skill "${skill}"` }),
    ),
  ];
}

function error(found: Pick<Finding, 'rule' | 'field' | 'message'>): Finding {
  return { severity: 'error', file: TRIGGER_FILE, ...found };
}
