import { deprecateSkill, listSkills, showSkill, undeprecateSkill } from '../../client/skills/skills.ts';
import { authorize } from '../../client/audit/authorize.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { skillFields, skillItem } from '../../core/skills/skill-document.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { endpoint } from '../http/endpoint.ts';
import type { Endpoint } from '../http/endpoint.ts';
import {
  deprecateRequest,
  deprecation,
  skill,
  skillList,
  skillQuery,
  undeprecateRequest,
  validateRequest,
  validation,
} from '../schemas/skills.ts';
import { skillIn, skillPaths } from '../http/skill-path.ts';

const getSkills = endpoint({
  method: 'GET',
  path: '/skills',
  id: 'listSkills',
  tag: 'Skills',
  summary: 'List the skills that the caller may run',
  access: 'caller',
  query: skillQuery,
  replies: { 200: { description: 'The skills, by id.', schema: skillList } },
  handle: async ({ query, services, rights }) => {
    const filter = { tags: query.tag, withDeprecated: query.all };
    const { items } = await listSkills(services.ports.catalogs, await rights(), filter);
    return { json: { schema: 'skillos.skills/v1', items: items.map(skillItem) } };
  },
});

const getSkill = endpoint({
  method: 'GET',
  ...skillPaths(),
  id: 'getSkill',
  tag: 'Skills',
  summary: 'Show one skill: its inputs, outputs and settings',
  access: 'caller',
  replies: { 200: { description: 'The skill.', schema: skill } },
  handle: async ({ params, services, rights }) => {
    const entry = await showSkill(services.ports.catalogs, await rights(), skillIn(params));
    return { json: { schema: 'skillos.skill/v1', ...skillFields(entry) } };
  },
});

const deprecate = endpoint({
  method: 'POST',
  ...skillPaths('/deprecate'),
  id: 'deprecateSkill',
  tag: 'Skills',
  summary: 'Mark a skill as deprecated',
  access: 'caller',
  body: deprecateRequest,
  replies: { 200: { description: 'The skill is deprecated.', schema: deprecation } },
  handle: async ({ params, body, services, actor }) => {
    const id = skillIn(params);
    const reason = body.reason?.trim();
    const replacement = body.replacement_id === undefined ? undefined : parseSkillId(body.replacement_id);
    if (!reason && replacement === undefined) {
      throw new SkillosError('request_invalid', 'Expected reason or replacement_id');
    }
    const document = await deprecateSkill(services.manifests, await actor(body.role), {
      id,
      reason,
      replacement,
    });
    return { json: document };
  },
});

const undeprecate = endpoint({
  method: 'POST',
  ...skillPaths('/undeprecate'),
  id: 'undeprecateSkill',
  tag: 'Skills',
  summary: 'Undo the deprecation of a skill',
  access: 'caller',
  body: undeprecateRequest,
  replies: { 200: { description: 'The skill is not deprecated.', schema: deprecation } },
  handle: async ({ params, body, services, actor }) => {
    return { json: await undeprecateSkill(services.manifests, await actor(body.role), skillIn(params)) };
  },
});

const validate = endpoint({
  method: 'POST',
  path: '/validate',
  id: 'validate',
  tag: 'Skills',
  summary: 'Validate the skills of the root',
  access: 'caller',
  body: validateRequest,
  replies: {
    200: { description: 'The findings; `valid` is false if one of them is an error.', schema: validation },
  },
  handle: async ({ body, services, actor: actorIn }) => {
    const actor = await actorIn();
    // Runs the code of the root, unlike validation without this option.
    if (body.check_entrypoints) await authorize(services.ports, actor, { operation: 'skills:write' });
    return { json: await services.validate({ withCode: body.check_entrypoints }) };
  },
});

export const SKILLS: readonly Endpoint[] = [getSkills, getSkill, deprecate, undeprecate, validate];
