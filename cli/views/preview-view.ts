/** A dry run for people. */
import type { JsonValue } from '../../core/json.ts';
import type { PreviewConnector, PreviewDocument, PreviewStep } from '../../core/preparing/preview.ts';
import { skillText } from '../../core/skills/variants.ts';

/** The first lines are those of the predecessor. */
export function previewLines(document: PreviewDocument, planPath: string | undefined): readonly string[] {
  const { skill, plan_digest: digest, preview, steps, approval, cost, tier } = document;
  const needed =
    approval === undefined ? 'not needed' : `${approval.policy} (${approval.reasons.join('; ')})`;
  return [
    skill,
    `plan_id: ${digest}`,
    'affected_entities:',
    ...preview.affected_entities.map((id) => `- ${id}`),
    'steps:',
    ...steps.flatMap(stepLines),
    `approval: ${needed}`,
    `cost: ${cost} (${tier})`,
    ...(planPath === undefined ? [] : [`plan_written: ${planPath}`]),
  ];
}

function stepLines(step: PreviewStep): readonly string[] {
  const { id, skill, variant, side_effects: effects, input, input_from: from } = step;
  const { secrets, connectors, rollback } = step;
  const source = from === undefined ? oneLine(input ?? null) : `output of step ${from.join(', ')}`;
  return [
    `  ${id} ${skillText(skill, variant)} (${effects})`,
    `    input: ${source}`,
    ...(secrets === undefined ? [] : [`    secrets: ${secrets.join(', ')}`]),
    ...(connectors ?? []).map((connector) => `    connector: ${connectorText(connector)}`),
    ...(rollback === undefined ? [] : [`    rollback: ${rollback}`]),
  ];
}

function connectorText({ id, type, host, secrets }: PreviewConnector): string {
  if (type === undefined) return `${id}, which has no valid definition`;
  const names = secrets === undefined ? '' : `, secrets: ${secrets.join(', ')}`;
  return `${id} (${type}) ${host}${names}`;
}

const MAX_INPUT = 500;

function oneLine(value: JsonValue): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= MAX_INPUT ? text : `${text.slice(0, MAX_INPUT)}… (${text.length} characters)`;
}
