/** A finding of `validate` as one line, with the tokens of the predecessor. */
import { CONNECTOR_FOLDER } from '../../core/connectors/connector-file.ts';
import { isErrorCode } from '../../core/errors/error-codes.ts';
import type { Finding } from '../../core/skills/catalog.ts';
import { placeOf } from '../../core/skills/find-skill.ts';
import { plain } from './plain-text.ts';

export function findingLine(finding: Finding): string {
  if (finding.rule === 'policy_invalid') return plain(`invalid_policy: ${finding.message}`);
  if (finding.rule === 'secrets_file_insecure') return plain(`insecure_secrets: ${finding.message}`);
  if (finding.file.startsWith(CONNECTOR_FOLDER)) {
    const kind = finding.severity === 'error' ? 'invalid_connector' : 'warning';
    return plain(`${kind}: ${placeOf(finding)} ${finding.message}`);
  }
  const token = finding.severity === 'error' ? 'invalid_skill' : 'warning';
  // Findings about the code have the error code that a run would end with.
  const part = finding.field === 'entrypoint' && isErrorCode(finding.rule) ? 'entrypoint' : 'metadata';
  return plain(`${token}: ${finding.skill ?? 'unknown'} ${part} ${placeOf(finding)} ${finding.message}`);
}
