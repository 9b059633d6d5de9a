/** The question on the page of a run if its skill was the right one for the query. It works without scripts. */
import { giveFeedback } from '../../client/learning/feedback.ts';
import { openRun } from '../../client/runs/run-records.ts';
import { feedbackEvent } from '../../core/learning/feedback-document.ts';
import type { FeedbackEntry } from '../../core/learning/feedback.ts';
import { mayOperate } from '../../core/rights/operations.ts';
import { isInFlight } from '../../core/runs/run.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { isSkillId, parseSkillId } from '../../core/values/skill-id.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { formTokenField, runPath, timeAgo } from './page.ts';
import { actorOf, formOf, rightsOf } from './page-request.ts';
import type { PageRequest } from './page-request.ts';
import { redirect } from './reply.ts';
import type { PageReply } from './reply.ts';

/**
 * Resolves to undefined for a run in flight, for one that was not routed to one skill, and for a caller who
 * may not read it or give feedback.
 */
export async function feedbackFor(request: PageRequest, record: RunRecord): Promise<Html | undefined> {
  const { query, skill, id, status } = record;
  if (query === undefined || !isSkillId(skill) || isInFlight(status)) return undefined;
  const rights = await rightsOf(request);
  if (!mayOperate(rights, 'runs:read', record).isAllowed) return undefined;
  if (!mayOperate(rights, 'feedback:write').isAllowed) return undefined;
  const { services, frame } = request;
  const { subject, via } = rights.principal;
  const { entries } = await services.feedback.readFeedback(rights.tenant);
  const said = [...entries.values()].findLast(
    (entry) => entry.query === query && entry.by.subject === subject && entry.by.via === via,
  );
  const action = `${runPath(id)}/feedback`;
  return html`<section class="card" aria-labelledby="feedback-title">
    <h2 id="feedback-title">Was this right?</h2>
    <p>This query was routed to ${skill}: ${query}</p>
    ${said !== undefined && html`<p role="status">${saidText(said)}, ${timeAgo(said.at, services.ports.now())}.</p>`}
    <form method="post" action="${action}">${formTokenField(frame)}<button class="good">Yes</button></form>
    <form method="post" action="${action}">
      ${formTokenField(frame)}
      <label for="expected">No, the right skill is</label>
      <input id="expected" name="expected" required autocomplete="off" spellcheck="false" />
      <button>Correct it</button>
    </form>
  </section>`;
}

function saidText({ skill, expected = skill }: FeedbackEntry): string {
  return `You said that ${expected} is right`;
}

/** Confirms the skill of the run, or names the right one. */
export async function takeFeedback(request: PageRequest, runId: string): Promise<PageReply> {
  const { expected } = await formOf(request, ['expected']);
  const { services, ctx } = request;
  const actor = await actorOf(request);
  const run = await openRun(services.ports, actor.rights, { runId, operation: 'runs:read' });
  const entry = await giveFeedback(services.feedback, actor, {
    skill: parseSkillId(run.skill),
    expected: expected === undefined ? undefined : parseSkillId(expected.trim()),
    runId,
    source: 'ui',
  });
  services.events.emit({
    request_id: ctx.state['requestId'] as string,
    tenant: actor.rights.tenant,
    ...feedbackEvent(entry),
  });
  return redirect(runPath(runId));
}
