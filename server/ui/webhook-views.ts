/** Views of webhooks: the list of deliveries, and one delivery with its body. */
import type { JsonValue } from '../../core/json.ts';
import type { DeliveryRecord } from '../../core/webhooks/delivery-record.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { fact, formTokenField, runPath, timeAgo, triggerPath } from './page.ts';
import type { Frame, Page } from './page.ts';
import { shown } from './run-views.ts';

export interface DeliveryList {
  readonly deliveries: readonly DeliveryRecord[];
  /** Id of the last delivery, if there are more. */
  readonly next: string | undefined;
  /** Only deliveries of this trigger are shown. */
  readonly trigger: string | undefined;
  readonly now: number;
}

export function deliveriesPage({ deliveries, next, trigger, now }: DeliveryList): Page {
  const query = new URLSearchParams({ ...(trigger !== undefined && { trigger }), after: next ?? '' });
  const body = html`<h1>Webhooks</h1>
    ${trigger !== undefined && html`<p>Trigger ${trigger}. <a href="/ui/webhooks">All triggers</a></p>`}
    ${deliveries.length === 0 ? html`<p>No deliveries.</p>` : table(deliveries.map((each) => row(each, now)))}
    ${next !== undefined && html`<p><a href="/ui/webhooks?${query.toString()}" rel="next">Older deliveries</a></p>`}`;
  return { title: 'Webhooks', section: 'webhooks', body };
}

function table(rows: readonly Html[]): Html {
  return html`<table>
    <caption>
      Deliveries of seven days, newest first
    </caption>
    <thead>
      <tr>
        <th scope="col">Delivery</th>
        <th scope="col">Status</th>
        <th scope="col">Job</th>
        <th scope="col">When</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

function row(delivery: DeliveryRecord, now: number): Html {
  const { id, trigger, jobId, at } = delivery;
  return html`<tr>
    <th scope="row">
      <a href="${deliveryPath(id)}">${id}</a><br /><small
        ><a href="${triggerPath(trigger)}">${trigger}</a></small
      >
    </th>
    <td data-label="Status">${standing(delivery)}</td>
    <td data-label="Job">${jobId !== undefined && html`<a href="${runPath(jobId)}">${jobId}</a>`}</td>
    <td data-label="When">${timeAgo(at, now)}</td>
  </tr>`;
}

function deliveryPath(id: string): string {
  return `/ui/webhooks/${encodeURIComponent(id)}`;
}

const TONES: Readonly<Record<DeliveryRecord['status'], string>> = {
  enqueued: 'good',
  skipped: 'quiet',
  challenged: 'quiet',
  rejected: 'bad',
  failed: 'bad',
};

function standing({ status, reason }: Pick<DeliveryRecord, 'status' | 'reason'>): Html {
  return html`<span class="badge ${TONES[status]}"
    >${status}${reason !== undefined && `: ${reason.replaceAll('_', ' ')}`}</span
  >`;
}

export interface ShownDelivery {
  readonly record: DeliveryRecord;
  readonly body: JsonValue;
  readonly now: number;
  /** Present for a caller who may enqueue its job again. */
  readonly frame?: Pick<Frame, 'formToken'>;
}

export function deliveryPage({ record, body: sent, now, frame }: ShownDelivery): Page {
  const { id, trigger, skill, at, jobId, replayOf, bytes } = record;
  const body = html`<h1>Delivery ${id}</h1>
    <p>${standing(record)}</p>
    <dl class="facts">
      ${fact('Trigger', html`<a href="${triggerPath(trigger)}">${trigger}</a>`)} ${fact('Skill', skill)}
      ${fact('Received', timeAgo(at, now))} ${fact('Bytes', String(bytes))}
      ${fact('Job', jobId === undefined ? undefined : html`<a href="${runPath(jobId)}">${jobId}</a>`)}
      ${fact('Repeats', replayOf === undefined ? undefined : html`<a href="${deliveryPath(replayOf)}">${replayOf}</a>`)}
    </dl>
    <h2>Body</h2>
    <pre tabindex="0" aria-label="Body of the delivery">${shown(sent)}</pre>
    ${
      frame !== undefined &&
      html`<form method="post" action="${deliveryPath(id)}/replay">
        ${formTokenField(frame)}
        <button>Enqueue its job again</button>
      </form>`
    }`;
  return { title: `Delivery ${id}`, section: 'webhooks', body };
}
