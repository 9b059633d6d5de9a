/** Dry runs at the command line: what would happen, and the plan file that keeps it. */
import { readFile } from 'node:fs/promises';
import { writeAtomic } from '../adapters/files.ts';
import { openPreviews } from '../adapters/preview-ports.ts';
import { previewRun } from '../client/preview.ts';
import type { Previewed } from '../client/preview.ts';
import type { Ask } from '../client/runs.ts';
import type { Config } from '../core/config.ts';
import { SkillosError } from '../core/errors.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { changesSince, parsePlanFile, planFileText } from '../core/plan-file.ts';
import { previewDocument } from '../core/preview.ts';
import type { PreviewDocument, PreviewStep } from '../core/preview.ts';
import type { Blocked } from '../core/run.ts';
import type { Runtime } from './runtime.ts';

interface DryRun {
  readonly ask: Ask;
  readonly runtime: Runtime;
  readonly config: Config;
  /** Where the plan is kept, or was. */
  readonly planPath?: string | undefined;
}

export type DryRunResult =
  | { readonly status: 'blocked'; readonly blocked: Blocked }
  | {
      readonly status: 'dry_run';
      readonly text: readonly string[];
      readonly json: JsonObject & { readonly schema: string };
    };

/** With a plan path the plan is written there; whatever stood there is replaced. */
export async function dryRun({ ask, runtime, config, planPath }: DryRun): Promise<DryRunResult> {
  const previewed = await preview({ ask, runtime, config });
  if (previewed.status === 'blocked') return { status: 'blocked', blocked: previewed };
  const document = previewDocument(previewed.preview, previewed.request);
  const { digest } = previewed.preview.prepared;
  if (planPath !== undefined) {
    const createdAt = new Date(runtime.ports.now()).toISOString();
    await writePlan(planPath, planFileText({ createdAt, digest, facts: previewed.facts, preview: document }));
  }
  const written = planPath === undefined ? {} : { plan_path: planPath };
  return { status: 'dry_run', text: previewLines(document, planPath), json: { ...document, ...written } };
}

/** The digest that the run must have; rejects with `plan_changed`, naming what has. */
export async function plannedDigest(run: DryRun & { readonly planPath: string }): Promise<string> {
  const file = parsePlanFile(await readPlan(run.planPath));
  const previewed = await preview(run);
  if (previewed.status === 'blocked') return file.digest; // the worker says so too, and that it is recorded
  const { digest } = previewed.preview.prepared;
  const changes = changesSince(file, { digest, facts: previewed.facts });
  if (changes.length === 0) return digest;
  throw new SkillosError('plan_changed', `The plan has changed since it was written: ${changes.join(', ')}`, {
    details: { changes },
    hint: 'Make the plan anew with --dry-run and look at it',
  });
}

function preview({ ask, runtime, config }: DryRun): Promise<Previewed> {
  const { ports, state } = runtime;
  return previewRun(ports, openPreviews(config, { catalogs: ports.catalogs, records: state.records }), ask);
}

async function readPlan(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new SkillosError('plan_not_found', `Cannot read plan file ${JSON.stringify(path)}`, {
      cause: error,
      hint: `Write it with --dry-run --plan-path ${path}`,
    });
  }
}

async function writePlan(path: string, text: string): Promise<void> {
  try {
    await writeAtomic(path, text);
  } catch (error) {
    throw new SkillosError('input_unreadable', `Cannot write plan file ${JSON.stringify(path)}`, {
      cause: error,
    });
  }
}

/** The predecessor's lines first. */
function previewLines(document: PreviewDocument, planPath: string | undefined): readonly string[] {
  const { skill, plan_digest: digest, preview: told, steps, approval, cost, tier } = document;
  const asks = approval === undefined ? 'not needed' : `${approval.policy} (${approval.reasons.join('; ')})`;
  return [
    skill,
    `plan_id: ${digest}`,
    'affected_entities:',
    ...told.affected_entities.map((id) => `- ${id}`),
    'steps:',
    ...steps.flatMap(stepLines),
    `approval: ${asks}`,
    `cost: ${cost} (${tier})`,
    ...(planPath === undefined ? [] : [`plan_written: ${planPath}`]),
  ];
}

function stepLines(step: PreviewStep): readonly string[] {
  const { id, skill, side_effects: effects, input, input_from: from, secrets, rollback } = step;
  const source = from === undefined ? oneLine(input ?? null) : `output of step ${from.join(', ')}`;
  return [
    `  ${id} ${skill} (${effects})`,
    `    input: ${source}`,
    ...(secrets === undefined ? [] : [`    secrets: ${secrets.join(', ')}`]),
    ...(rollback === undefined ? [] : [`    rollback: ${rollback}`]),
  ];
}

const MAX_INPUT = 500;

function oneLine(value: JsonValue): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= MAX_INPUT ? text : `${text.slice(0, MAX_INPUT)}… (${text.length} characters)`;
}
