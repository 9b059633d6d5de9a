/** Details on the page of a run: its input, its connector calls, and what its skills print. */
import { lastOfRunLog, readRunLog } from '../../client/runs/run-log.ts';
import { addCalls } from '../../core/connectors/call-log.ts';
import { callText } from '../../core/connectors/connector-text.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { mayOperate } from '../../core/rights/operations.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import type { RunParts } from '../../core/runs/run-document.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { rightsOf } from './page-request.ts';
import type { PageRequest } from './page-request.ts';
import { shown } from './run-views.ts';

/** The last lines of the log that a page shows; `runs logs` prints all. */
const MAX_LINES = 200;

/** Resolves to undefined for a caller who may decide about the run and may not read it. */
export async function detailsFor(
  request: PageRequest,
  { record, trace }: RunParts,
): Promise<Html | undefined> {
  if (!mayOperate(await rightsOf(request), 'runs:read', record).isAllowed) return undefined;
  const { ports } = request.services;
  const payload = trace.prepared?.payload;
  const [input, { items }] = await Promise.all([
    payload === undefined ? undefined : ports.values.uncarry(payload),
    readRunLog(ports.journal, record.id),
  ]);
  return html`${inputOf(input)}${callsOf(items)}`;
}

/** Resolves to the last lines that skills of the run have printed; to undefined for a caller who may not read it. */
export async function logFor(request: PageRequest, record: RunRecord): Promise<Html | undefined> {
  if (!mayOperate(await rightsOf(request), 'runs:read', record).isAllowed) return undefined;
  const items = await lastOfRunLog(request.services.ports.journal, record.id, MAX_LINES + 1);
  if (items.length === 0) return html`<p>Nothing has been printed.</p>`;
  return html`${items.length > MAX_LINES && html`<p>Earlier lines: <code>skillos runs logs ${record.id}</code></p>`}
    <pre tabindex="0" aria-label="Log of the run">${items.slice(-MAX_LINES).map(lineOf).join('\n')}</pre>`;
}

function inputOf(input: JsonValue | undefined): Html | undefined {
  if (input === undefined) return undefined;
  return html`<details>
    <summary>Input of the run</summary>
    <pre tabindex="0" aria-label="Input of the run">${shown(input)}</pre>
  </details>`;
}

function callsOf(items: readonly JsonObject[]): Html | undefined {
  const steps = [...addCalls(new Map(), items)];
  if (steps.length === 0) return undefined;
  const lines = steps.flatMap(([step, { shown: calls, leftOut }]) =>
    calls
      .map((call) => `step ${step}, attempt ${call.attempt}: ${callText(call)}`)
      .concat(leftOut > 0 ? `step ${step}: ${leftOut} more calls` : []),
  );
  return html`<details>
    <summary>Connector calls</summary>
    <pre tabindex="0" aria-label="Connector calls">${lines.join('\n')}</pre>
  </details>`;
}

function lineOf({ at, step, attempt, stream, message, fields }: JsonObject): string {
  const [time, number, often, from, text] = [at, step, attempt, stream, message].map(wordOf);
  const more = fields === undefined ? '' : ` ${JSON.stringify(fields)}`;
  return `${time} step ${number}, attempt ${often}, ${from}: ${text}${more}`;
}

function wordOf(value: JsonValue | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
