/** Skill ids in paths: `travel%2Fsearch`, `travel.search` or two segments. */
import { parseSkillId } from '../../core/values/skill-id.ts';
import type { SkillId } from '../../core/values/skill-id.ts';

/** Returns the path and its aliases for an endpoint of one skill. */
export function skillPaths(action = ''): { readonly path: string; readonly aliases: readonly string[] } {
  return { path: `/skills/:skill${action}`, aliases: [`/skills/:domain/:name${action}`] };
}

/** Returns the skill id in the parameters of a path. Throws `invalid_skill_id`. */
export function skillIn({ skill, domain, name }: Readonly<Record<string, string | undefined>>): SkillId {
  return parseSkillId(skill ?? `${domain}/${name}`);
}
