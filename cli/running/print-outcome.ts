/** Renders the outcome of a submission: the result on stdout, everything else on stderr. */
import { outcomeDocument } from '../../client/submit/outcome-document.ts';
import type { Previewed } from '../../client/submit/preview.ts';
import type { Outcome } from '../../client/submit/submission.ts';
import { EXIT } from '../../core/errors/exit-codes.ts';
import type { ExitCode } from '../../core/errors/exit-codes.ts';
import { previewDocument } from '../../core/preparing/preview.ts';
import { verdictOf } from '../../core/runs/outcome.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { traceDocument } from '../../core/runs/trace-document.ts';
import { shownParts } from '../input/run-options.ts';
import type { RunningCommand } from '../input/run-options.ts';
import { errorLine } from '../views/errors.ts';
import { printable } from '../views/plain-text.ts';
import { decisionLines } from '../views/approval-view.ts';
import { traceLines } from '../views/trace-view.ts';
import { submitRun } from './submit-run.ts';
import type { Executed } from './submit-run.ts';

type OutcomeOf<Kind> = Extract<Outcome, { readonly kind: Kind }>;

/** For commands other than `run`. */
export async function runAndPrint(...submitted: Parameters<typeof submitRun>): Promise<ExitCode> {
  return printOutcome(submitted[0], await submitRun(...submitted));
}

/** `heading`: lines before the output. */
export async function printOutcome(
  command: RunningCommand,
  outcome: Executed,
  heading: readonly string[] = [],
): Promise<ExitCode> {
  switch (outcome.kind) {
    case 'previewed':
      return printPreviewed(command, outcome);
    case 'stopped':
      return outcome.how === 'waiting' ? printWaiting(command, outcome) : printEnd(command, outcome, heading);
    case 'going_on':
      return printGoingOn(command, outcome);
  }
}

async function printPreviewed(command: RunningCommand, outcome: OutcomeOf<'previewed'>): Promise<ExitCode> {
  const { previewed } = outcome;
  const json = outcomeDocument(outcome);
  if (previewed.status === 'blocked') {
    const { reason, message } = previewed;
    command.print({ text: `blocked: ${reason}`, json });
    command.note(errorLine({ code: reason, message }));
    return verdictOf('blocked', reason).exit;
  }
  const { previewLines } = await import('../views/preview-view.ts');
  const { planPath } = command.running;
  const preview = previewDocument(previewed.preview, previewed.request);
  if (planPath !== undefined) await writePlan(command, planPath, previewed);
  const written = planPath === undefined ? {} : { plan_path: planPath };
  command.print({ text: previewLines(preview, planPath), json: { ...json, ...written } });
  return EXIT.ok;
}

async function writePlan(
  { context }: RunningCommand,
  planPath: string,
  previewed: Extract<Previewed, { readonly status: 'ready' }>,
): Promise<void> {
  const { writePlanFile } = await import('../input/plan-file.ts');
  const { digest } = previewed.preview.prepared;
  const preview = previewDocument(previewed.preview, previewed.request);
  const createdAt = new Date(context.now()).toISOString();
  await writePlanFile(planPath, { createdAt, digest, facts: previewed.facts, preview });
}

/** Prints a waiting run: the reason, and the next commands. */
function printWaiting(command: RunningCommand, outcome: OutcomeOf<'stopped'>): ExitCode {
  const { record } = outcome.parts;
  const { approval } = record;
  if (record.status === 'awaiting_approval' && approval !== undefined) {
    for (const line of decisionLines(record.id, approval)) command.note(line);
  } else {
    command.note(`  look:    skillos debug ${record.id}`);
    command.note(`  go on:   skillos debug ${record.id} next   (or continue, skip, edit, abort)`);
  }
  command.print({ text: `${record.status}: ${record.id}`, json: outcomeDocument(outcome) });
  return verdictOf(record.status).exit;
}

function printEnd(
  command: RunningCommand,
  outcome: OutcomeOf<'stopped'>,
  heading: readonly string[],
): ExitCode {
  const { parts } = outcome;
  const { record, result } = parts;
  const { exit } = verdictOf(record.status, record.reason);
  for (const warning of record.warnings ?? []) command.note(`warning: ${warning.message}`);
  const shown = shownParts(command.running);
  if (shown !== undefined && !command.json) {
    for (const line of ['trace:', ...traceLines(parts, shown)]) command.note(line);
  }
  const trace = shown === undefined ? {} : { trace: traceDocument(parts) };
  const json = { ...outcomeDocument(outcome), ...trace };
  if (command.json || record.status === 'success') {
    command.print({ text: heading, result: printable(result ?? null), json });
    return exit;
  }
  if (record.status === 'blocked') command.print({ text: `blocked: ${record.reason}`, json });
  command.note(endLine(record));
  command.note(`hint: skillos runs show ${record.id}`);
  return exit;
}

function endLine({ status, reason, error }: RunRecord): string {
  return errorLine({
    code: error?.code ?? reason ?? status,
    message: error?.message ?? `Run ended ${status}`,
  });
}

async function printGoingOn(command: RunningCommand, outcome: OutcomeOf<'going_on'>): Promise<ExitCode> {
  const { how, runId } = outcome;
  if (how === 'interrupted') return EXIT.interrupted;
  const { followCommands } = await import('./follow.ts');
  command.note(
    how === 'timeout'
      ? `stopped waiting; the run continues\n${followCommands(runId)}`
      : followCommands(runId),
  );
  command.print({ text: runId, json: outcomeDocument(outcome) });
  return how === 'timeout' ? EXIT.timeout : EXIT.ok;
}
