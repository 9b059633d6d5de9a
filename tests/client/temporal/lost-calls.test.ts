import { ServiceError } from '@temporalio/client';
import { asClientError } from '../../../client/temporal/connection.ts';

/** As grpc-js reports a call that the server has ended with this code. */
function callEndedWith(code: number): Error {
  return Object.assign(new Error(`${code}: Call ended`), { code, details: 'Call ended', metadata: {} });
}

test.each([
  ['CANCELLED, by a server at which the deadline has passed first', 1],
  ['DEADLINE_EXCEEDED', 4],
  ['UNAVAILABLE', 14],
])('a call that ends with %s has found Temporal unreachable', (_what, code) => {
  const cause = callEndedWith(code);
  const unreachable = { code: 'engine_unreachable', message: 'Temporal stopped answering' };
  expect(asClientError(cause)).toMatchObject(unreachable);
  expect(asClientError(new ServiceError('Failed to start Workflow', { cause }))).toMatchObject(unreachable);
});

test('any other error is returned unchanged', () => {
  const error = callEndedWith(13);
  expect(asClientError(error)).toBe(error);
});
