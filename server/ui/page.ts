/** Layout of all pages, and formatting of statuses and times. */
import { formatDuration } from '../../core/values/duration.ts';
import type { RunStatus } from '../../core/runs/run.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { STYLE } from './style.ts';

export interface Page {
  readonly title: string;
  readonly body: Html;
  /** Section to highlight in the navigation. */
  readonly section?: Section;
  /** Reload interval for browsers without scripts. */
  readonly refreshSeconds?: number | undefined;
  readonly script?: string;
}

export interface Frame {
  /** Nonce of the Content-Security-Policy for our style and script. */
  readonly nonce: string;
  /** Subject of the signed-in caller; absent if nobody is. */
  readonly subject?: string;
  /** True if there is a session to sign out of. */
  readonly hasSession: boolean;
  readonly formToken: string;
}

const DAY_MS = 86_400_000;

type Section = keyof typeof SECTIONS;

const SECTIONS = {
  approvals: 'Approvals',
  runs: 'Runs',
  schedules: 'Schedules',
  webhooks: 'Webhooks',
} as const;

export function renderPage(page: Page, frame: Frame): Html {
  const { title, body, section, refreshSeconds, script } = page;
  const { nonce, subject } = frame;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} – SkillOS</title>
        <link rel="icon" href="data:," />
        ${refreshSeconds !== undefined && html`<noscript><meta http-equiv="refresh" content="${refreshSeconds}" /></noscript>`}
        <style nonce="${nonce}">
          ${trusted(STYLE)}
        </style>
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        <header>
          <strong>SkillOS</strong>
          ${subject !== undefined && navigation(section)}
          ${subject !== undefined && html`<span>${subject}</span>`}
          ${frame.hasSession && html`<form method="post" action="/ui/logout">${formTokenField(frame)}<button>Sign out</button></form>`}
        </header>
        <main id="main" tabindex="-1">${body}</main>
        ${
          script !== undefined &&
          html`<script nonce="${nonce}">
            ${trusted(script)};
          </script>`
        }
      </body>
    </html> `;
}

function navigation(current: Section | undefined): Html {
  const links = Object.entries(SECTIONS).map(
    ([section, label]) =>
      html`<a href="/ui/${section}" ${section === current && html` aria-current="page"`}>${label}</a>`,
  );
  return html`<nav aria-label="Sections">${links}</nav>`;
}

/** Hidden field of every form; another site does not know its value (CSRF). */
export function formTokenField({ formToken }: Pick<Frame, 'formToken'>): Html {
  return html`<input type="hidden" name="form_token" value="${formToken}" />`;
}

/** Marks our own style and script as markup, unescaped. */
function trusted(source: string): Html {
  return { ...html``, markup: source };
}

const TONES: Readonly<Record<RunStatus, string>> = {
  queued: 'wait',
  running: 'wait',
  awaiting_approval: 'wait',
  paused: 'wait',
  success: 'good',
  error: 'bad',
  blocked: 'bad',
  cancelled: 'bad',
};

export function statusBadge(status: RunStatus, reason?: string): Html {
  const words = status.replaceAll('_', ' ');
  return html`<span class="badge ${TONES[status]}"
    >${words}${reason !== undefined && `: ${reason.replaceAll('_', ' ')}`}</span
  >`;
}

export function runPath(runId: string): string {
  return `/ui/runs/${encodeURIComponent(runId)}`;
}

export function schedulePath(id: string): string {
  return `/ui/schedules/${encodeURIComponent(id)}`;
}

/** The deliveries of a trigger. */
export function triggerPath(trigger: string): string {
  return `/ui/webhooks?trigger=${encodeURIComponent(trigger)}`;
}

/** Renders an ISO 8601 time relative to `now` (ms), with the exact time as its title. */
export function timeAgo(at: string, now: number): Html {
  const ms = now - Date.parse(at);
  const words = ms < 0 ? `in ${span(-ms)}` : `${span(ms)} ago`;
  return html`<time datetime="${at}" title="${at}">${words}</time>`;
}

function span(ms: number): string {
  return ms < 2 * DAY_MS ? formatDuration(ms) : `${Math.round(ms / DAY_MS)} days`;
}

export function fact(term: string, value: Html | string | undefined): Html | undefined {
  return value === undefined
    ? undefined
    : html`<dt>${term}</dt>
        <dd>${value}</dd>`;
}
