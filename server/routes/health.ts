import { JSON_TYPE, endpoint } from '../http/endpoint.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { healthText } from '../services/health.ts';
import { health, live, ready } from '../schemas/health.ts';

const getHealth = endpoint({
  method: 'GET',
  path: '/health',
  id: 'getHealth',
  tag: 'Health',
  summary: 'State of the server and of the services that it needs',
  access: 'open',
  replies: {
    200: { description: 'Healthy, or degraded: optional parts may be missing.', schema: health },
    503: { description: 'Unhealthy: a service that the server needs is unavailable.', schema: health },
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
  summary: 'Liveness of the process',
  access: 'open',
  replies: { 200: { description: 'The process answers.', schema: live } },
  handle: async () => ({ json: { schema: 'skillos.live/v1', status: 'live' } }),
});

const getReady = endpoint({
  method: 'GET',
  path: '/health/ready',
  id: 'getReady',
  tag: 'Health',
  summary: 'Readiness for requests',
  access: 'open',
  replies: {
    200: { description: 'Ready.', schema: ready },
    503: {
      description: 'Not ready: the server is stopping, or a service that it needs is unavailable.',
      schema: ready,
    },
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
