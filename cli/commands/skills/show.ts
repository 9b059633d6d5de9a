import { Command, Option } from 'clipanion';
import { openCatalog } from '../../../adapters/catalog.ts';
import type { SkillEntry } from '../../../core/catalog.ts';
import { EXIT } from '../../../core/exit-codes.ts';
import { findSkill } from '../../../core/find-skill.ts';
import type { JsonObject, JsonValue } from '../../../core/json.ts';
import { parseSkillId } from '../../../core/skill-id.ts';
import { retryPolicyOf, timeoutMsOf } from '../../../core/skill.ts';
import { SkillosCommand } from '../../command.ts';
import { oneLine } from '../../plain-text.ts';

export class SkillsShowCommand extends SkillosCommand {
  static override paths = [['skills', 'show']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Show one skill: what it takes, and how it runs',
    examples: [['All about one', 'skillos skills show travel/search_flights']],
  });

  skill = Option.String({ name: 'id' });

  async perform() {
    const entry = await findSkill(openCatalog(this.config.root), parseSkillId(this.skill));
    const fields = fieldsOf(entry);
    const width = Math.max(...Object.keys(fields).map((field) => field.length));
    this.print({
      text: Object.entries(fields).map(([field, value]) => `${field.padEnd(width)}  ${textOf(value)}`),
      json: { schema: 'skillos.skill/v1', ...fields },
    });
    return EXIT.ok;
  }
}

/** The manifest as a run would take it, defaults filled in; empty lists and absent fields are left out. */
function fieldsOf({ manifest, file }: SkillEntry): JsonObject {
  const { timeout: _timeout, retry: _retry, ...rest } = manifest;
  const retry = retryPolicyOf(manifest);
  const fields = {
    ...rest,
    timeout_ms: timeoutMsOf(manifest),
    retry: {
      max_attempts: retry.maxAttempts,
      initial_ms: retry.initialMs,
      backoff: retry.backoff,
      max_interval_ms: retry.maxIntervalMs,
      non_retryable: retry.nonRetryable,
    },
    file,
  };
  return Object.fromEntries(Object.entries(fields).filter(isSaid)) as JsonObject; // absent fields are gone
}

function isSaid([, value]: [string, unknown]): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}

function textOf(value: JsonValue): string {
  if (typeof value === 'string') return oneLine(value);
  const isList = Array.isArray(value) && value.every((item) => typeof item === 'string');
  return isList ? value.map(oneLine).join(', ') : oneLine(JSON.stringify(value));
}
