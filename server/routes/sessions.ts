import { createSession, openSession } from '../../client/sessions/sessions.ts';
import { sessionDocument } from '../../core/sessions/session-document.ts';
import { endpoint } from '../http/endpoint.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { newSession, session, sessionRequest } from '../schemas/sessions.ts';

const postSession = endpoint({
  method: 'POST',
  path: '/sessions',
  id: 'createSession',
  tag: 'Runs',
  summary: 'Make a session, for runs that see the messages before them',
  access: 'caller',
  body: sessionRequest,
  replies: { 201: { description: 'The session is stored.', schema: newSession } },
  handle: async ({ body, services, rights }) => {
    const { id } = await createSession(services.ports, await rights(body.role), body.context);
    return { status: 201, json: { schema: 'skillos.session-created/v1', session_id: id } };
  },
});

const getHistory = endpoint({
  method: 'GET',
  path: '/sessions/:session/history',
  id: 'getSessionHistory',
  tag: 'Runs',
  summary: 'Show the messages of a session',
  access: 'caller',
  replies: { 200: { description: 'The session with its messages.', schema: session } },
  handle: async ({ params, services, rights }) => ({
    json: sessionDocument(await openSession(services.ports, await rights(), params['session'] ?? '')),
  }),
});

export const SESSIONS: readonly Endpoint[] = [postSession, getHistory];
