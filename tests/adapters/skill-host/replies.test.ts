import { parseReply } from '../../../adapters/skill-host/replies.ts';

const parse = (message: object) => parseReply({ kind: 'message', text: JSON.stringify(message) });

test('a process reports its failure, but not that people must approve it', () => {
  const failure = { code: 'skill_failed', message: 'no luck' };
  expect(parse({ type: 'failed', failure })).toEqual({ type: 'failed', failure });
  expect(() => parse({ type: 'failed', failure: { ...failure, code: 'approval_required' } })).toThrow();
});

test('only the call of a connector may be large', () => {
  const text = 'x'.repeat(2 * 1024 * 1024);
  const call = { type: 'connector_call', id: 1, connector: 'a', operation: 'request', args: { body: text } };
  expect(parse(call)).toEqual(call);
  expect(() => parse({ type: 'heartbeat', progress: text })).toThrow('Not a message');
});
