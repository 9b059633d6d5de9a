/** Skill ids: `domain/name`; the form `domain.name` is accepted as input. */
import { SkillosError } from '../errors/errors.ts';

declare const brand: unique symbol;

/** A valid id in the form `domain/name`. */
export type SkillId = string & { readonly [brand]: 'SkillId' };

const PART = '[a-z0-9][a-z0-9_-]{0,62}';
/** Both forms of an id. */
export const SKILL_ID = new RegExp(`^(${PART})[/.](${PART})$`);

export const SKILL_ID_RULE =
  'domain/name (or domain.name), each part 1 to 63 of a-z 0-9 _ - and starting with a letter or digit';

/** Parses `a/b` or `a.b`. Throws `invalid_skill_id` for other texts. */
export function parseSkillId(text: string): SkillId {
  const match = SKILL_ID.exec(text);
  if (!match) {
    throw new SkillosError('invalid_skill_id', `Invalid skill id ${quote(text)}: expected ${SKILL_ID_RULE}`);
  }
  return `${match[1]}/${match[2]}` as SkillId; // the only place that creates the branded type
}

export function isSkillId(text: string): boolean {
  return SKILL_ID.test(text);
}

/** Returns `a.b` for `a/b`: the form for run ids, which contain no slash. */
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
