import { endpoint } from '../endpoint.ts';
import type { Endpoint } from '../endpoint.ts';

const getMetrics = endpoint({
  method: 'GET',
  path: '/metrics',
  id: 'getMetrics',
  tag: 'Operations',
  summary: 'What Prometheus reads of this process',
  access: 'caller',
  replies: { 200: { description: 'Its text format.', type: 'text/plain' } },
  handle: async ({ services, rights }) => {
    await rights();
    const { contentType: type, text: body } = await services.metrics.render();
    return { content: { type, body } };
  },
});

export const OPERATIONS: readonly Endpoint[] = [getMetrics];
