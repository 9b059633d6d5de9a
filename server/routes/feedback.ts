import { giveFeedback, listFeedback, undoFeedback } from '../../client/learning/feedback.ts';
import {
  feedbackDocument,
  feedbackEvent,
  feedbackListDocument,
  feedbackPage,
} from '../../core/learning/feedback-document.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { endpoint } from '../http/endpoint.ts';
import type { Endpoint } from '../http/endpoint.ts';
import {
  feedback,
  feedbackList,
  feedbackListQuery,
  feedbackRequest,
  undoRequest,
} from '../schemas/feedback.ts';

const postFeedback = endpoint({
  method: 'POST',
  path: '/feedback',
  id: 'giveFeedback',
  tag: 'Feedback',
  summary: 'Say if the router chose the right skill for a query',
  access: 'caller',
  body: feedbackRequest,
  replies: { 201: { description: 'The entry is stored.', schema: feedback } },
  handle: async ({ body, services, actor: actorIn, requestId }) => {
    const { skill_id: skill, expected_skill_id: expected, query, run_id: runId } = body;
    const actor = await actorIn(body.role);
    const entry = await giveFeedback(services.feedback, actor, {
      skill: parseSkillId(skill),
      expected: expected === undefined ? undefined : parseSkillId(expected),
      query,
      runId,
      source: 'api',
    });
    services.events.emit({
      request_id: requestId,
      tenant: actor.rights.tenant,
      ...feedbackEvent(entry),
    });
    return { status: 201, json: feedbackDocument(entry) };
  },
});

const getFeedback = endpoint({
  method: 'GET',
  path: '/feedback',
  id: 'listFeedback',
  tag: 'Feedback',
  summary: 'List the feedback, and the weights of skills that follow from it',
  access: 'caller',
  query: feedbackListQuery,
  replies: { 200: { description: 'The entries, newest first.', schema: feedbackList } },
  handle: async ({ query, services, actor }) => {
    const page = feedbackPage(await listFeedback(services.feedback, await actor()), query);
    return { json: feedbackListDocument(page) };
  },
});

const postUndo = endpoint({
  method: 'POST',
  path: '/feedback/:feedback/undo',
  id: 'undoFeedback',
  tag: 'Feedback',
  summary: 'Remove one entry, as if it had never been',
  access: 'caller',
  body: undoRequest,
  replies: { 200: { description: 'The entry is removed.', schema: feedback } },
  handle: async ({ params, body, services, actor }) => {
    const entry = await undoFeedback(services.feedback, await actor(body.role), params['feedback'] ?? '');
    return { json: feedbackDocument(entry, true) };
  },
});

export const FEEDBACK: readonly Endpoint[] = [postFeedback, getFeedback, postUndo];
