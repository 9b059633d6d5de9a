/** A skill's identity: `domain/name`, with the dotted form accepted wherever an id is read. */
import { SkillosError } from './errors.ts';

declare const brand: unique symbol;

/** `domain/name`; always in the slash form. */
export type SkillId = string & { readonly [brand]: 'SkillId' };

const PART = '[a-z0-9][a-z0-9_-]{0,62}';
const ID = new RegExp(`^(${PART})[/.](${PART})$`);

export const SKILL_ID_RULE =
  'domain/name (or domain.name), each part 1 to 63 of a-z 0-9 _ - and starting with a letter or digit';

/** Reads `a/b` or `a.b`; throws `invalid_skill_id` for anything else. */
export function parseSkillId(text: string): SkillId {
  const match = ID.exec(text);
  if (!match) {
    throw new SkillosError('invalid_skill_id', `Invalid skill id ${quote(text)}: expected ${SKILL_ID_RULE}`);
  }
  return `${match[1]}/${match[2]}` as SkillId; // the only place that mints one
}

export function isSkillId(text: string): boolean {
  return ID.test(text);
}

/** `a/b` → `a.b`, the form used in run ids, which may not hold a slash. */
export function dotted(id: SkillId): string {
  return id.replace('/', '.');
}

export function domainOf(id: SkillId): string {
  return id.slice(0, id.indexOf('/'));
}

export function nameOf(id: SkillId): string {
  return id.slice(id.indexOf('/') + 1);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}
