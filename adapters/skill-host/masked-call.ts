/** Masks the secrets of a skill in what the worker takes from its process. `RunLog` masks the log lines. */
import { isSkillosError } from '../../core/errors/errors.ts';
import type { SkillHooks, SkillSecrets } from '../../core/runs/skill-host.ts';
import { outputMask } from '../../core/settings/masking.ts';
import type { OutputMask } from '../../core/settings/masking.ts';
import { maskedError, maskedJson } from '../secrets/masked.ts';

/** Returns undefined without values. */
export function maskOf(secrets: SkillSecrets): OutputMask | undefined {
  const values = Object.values(secrets).filter((value) => value !== null);
  return values.length === 0 ? undefined : outputMask(values);
}

/** Masks progress. Connector calls keep their secrets, because they are for the server. */
export function maskedHooks(hooks: SkillHooks, mask: OutputMask | undefined): SkillHooks {
  if (mask === undefined) return hooks;
  return { ...hooks, onHeartbeat: (progress) => hooks.onHeartbeat(maskedJson(progress, mask)) };
}

/** Resolves to the masked answer, or rejects with the masked error. */
export async function maskedAnswer(answer: Promise<string>, mask: OutputMask | undefined): Promise<string> {
  if (mask === undefined) return answer;
  try {
    return mask.json(await answer);
  } catch (error) {
    throw isSkillosError(error) ? maskedError(error, mask) : error;
  }
}
