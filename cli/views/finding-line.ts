/** A finding of `validate` as one line, with the tokens of the predecessor. */
import { CONNECTOR_FOLDER } from '../../core/connectors/connector-file.ts';
import { isErrorCode } from '../../core/errors/error-codes.ts';
import type { Finding } from '../../core/skills/catalog.ts';
import { placeOf } from '../../core/skills/find-skill.ts';
import { TRIGGER_FILE } from '../../core/webhooks/trigger-file.ts';
import { plain } from './plain-text.ts';

/** Of rules about a whole file, whose messages name it. */
const FILE_TOKENS = new Map([
  ['policy_invalid', 'invalid_policy'],
  ['secrets_file_insecure', 'insecure_secrets'],
  ['trigger_file_invalid', 'invalid_triggers'],
  ['keyring_invalid', 'invalid_keyring'],
]);

export function findingLine(finding: Finding): string {
  const fileToken = FILE_TOKENS.get(finding.rule);
  if (fileToken !== undefined) return plain(`${fileToken}: ${finding.message}`);
  if (finding.file === TRIGGER_FILE) {
    return plain(`invalid_trigger: ${placeOf(finding)} ${finding.message}`);
  }
  if (finding.file.startsWith(CONNECTOR_FOLDER)) {
    const kind = finding.severity === 'error' ? 'invalid_connector' : 'warning';
    return plain(`${kind}: ${placeOf(finding)} ${finding.message}`);
  }
  const token = finding.severity === 'error' ? 'invalid_skill' : 'warning';
  // Findings about the code have the error code that a run would end with.
  const part = finding.field === 'entrypoint' && isErrorCode(finding.rule) ? 'entrypoint' : 'metadata';
  return plain(`${token}: ${finding.skill ?? 'unknown'} ${part} ${placeOf(finding)} ${finding.message}`);
}
