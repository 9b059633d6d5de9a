import { JSON_TYPE, endpoint } from '../endpoint.ts';
import type { Endpoint } from '../endpoint.ts';
import { healthText } from '../health.ts';
import { health, live, ready } from '../schemas/health.ts';

const getHealth = endpoint({
  method: 'GET',
  path: '/health',
  id: 'getHealth',
  tag: 'Health',
  summary: 'How the server and what it needs are',
  access: 'open',
  replies: {
    200: { description: 'It works, perhaps with less than all of its parts.', schema: health },
    503: { description: 'Something that it needs is away.', schema: health },
  },
  handle: async ({ services }) => {
    const found = await services.health();
    return {
      status: found.status === 'unhealthy' ? 503 : 200,
      content: { type: JSON_TYPE, body: healthText(found) },
    };
  },
});

const getLive = endpoint({
  method: 'GET',
  path: '/health/live',
  id: 'getLive',
  tag: 'Health',
  summary: 'Whether the process lives',
  access: 'open',
  replies: { 200: { description: 'It does.', schema: live } },
  handle: async () => ({ json: { schema: 'skillos.live/v1', status: 'live' } }),
});

const getReady = endpoint({
  method: 'GET',
  path: '/health/ready',
  id: 'getReady',
  tag: 'Health',
  summary: 'Whether requests should be sent here',
  access: 'open',
  replies: {
    200: { description: 'They should.', schema: ready },
    503: { description: 'Not now: it stops, or something that it needs is away.', schema: ready },
  },
  handle: async ({ services }) => {
    const { status, components } = await services.health();
    const isReady = status !== 'unhealthy' && !services.lifecycle.isStopping;
    return {
      status: isReady ? 200 : 503,
      json: {
        schema: 'skillos.ready/v1',
        status: isReady ? 'ready' : 'not_ready',
        components: Object.fromEntries(
          Object.entries(components).map(([name, { status }]) => [name, status]),
        ),
      },
    };
  },
});

export const HEALTH: readonly Endpoint[] = [getHealth, getLive, getReady];
