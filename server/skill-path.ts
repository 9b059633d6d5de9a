/** The skill that a path names: `travel%2Fsearch`, `travel.search` or two parts. */
import { parseSkillId } from '../core/skill-id.ts';
import type { SkillId } from '../core/skill-id.ts';

/** Paths that lead to the same endpoint. */
export function skillPaths(action = ''): { readonly path: string; readonly aliases: readonly string[] } {
  return { path: `/skills/:skill${action}`, aliases: [`/skills/:domain/:name${action}`] };
}

/** Throws `invalid_skill_id`. */
export function skillIn({ skill, domain, name }: Readonly<Record<string, string | undefined>>): SkillId {
  return parseSkillId(skill ?? `${domain}/${name}`);
}
