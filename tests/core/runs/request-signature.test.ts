import { refuseRequestSignature, signRequest } from '../../../core/runs/request-signature.ts';
import { refuseDecisionSignature, signDecision } from '../../../core/approvals/decision-signature.ts';
import type { RunRequest } from '../../../core/runs/run.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aDecision, aRequest } from '../../support/builders.ts';

const KEY = 'k'.repeat(32);
const RUN = 'travel.search_flights-01ARZ3NDEKTSV4RRFFQ69G5FAV';
const request = aRequest();
const signature = signRequest(KEY, RUN, request);
const trust = { production: true, serverKey: KEY };

describe('refuseRequestSignature', () => {
  test('accepts the signature for this run', () => {
    expect(refuseRequestSignature(RUN, { ...request, signature }, trust)).toBeUndefined();
    const travelled = JSON.parse(JSON.stringify({ ...request, signature })) as RunRequest;
    expect(refuseRequestSignature(RUN, travelled, trust)).toBeUndefined();
  });

  test.each<[string, Partial<RunRequest>]>([
    ['another subject', { principal: { ...request.principal, subject: 'root' } }],
    ['another role', { principal: { ...request.principal, roles: ['admin'] } }],
    ['permissions', { principal: { ...request.principal, permissions: ['*'] } }],
    ['another way of knowing', { principal: { ...request.principal, via: 'jwt' } }],
    ['another tenant', { tenant: 'other' }],
    ['another time', { askedAt: '2026-01-02T03:04:05.001Z' }],
    ['another payload', { payload: { value: 'Kazan' } }],
    ['another plan', { plan: { kind: 'step', step: { skill: parseSkillId('admin/delete_records') } } }],
    ['retries', { maxRetries: 9 }],
    ['a cut signature', { signature: signature.slice(1) }],
    ['a signature by another key', { signature: signRequest('x'.repeat(32), RUN, request) }],
    ['an empty signature', { signature: '' }],
  ])('does not believe %s', (_what, forged) => {
    expect(refuseRequestSignature(RUN, { ...request, signature, ...forged }, trust)).toBe(
      'The request is not signed with the server key of the worker',
    );
  });

  test('does not believe the signature of another run', () => {
    expect(refuseRequestSignature(`${RUN.slice(0, -1)}W`, { ...request, signature }, trust)).toBeDefined();
  });

  test.each<[boolean, string | undefined, string | undefined]>([
    [true, KEY, 'The request is not signed with the server key'],
    [false, KEY, 'The request is not signed with the server key'],
    [true, undefined, 'The worker has no SKILLOS_SERVER_KEY to verify the caller'],
    [false, undefined, undefined],
  ])('of an unsigned request, in production %s, with key %s: %s', (production, serverKey, expected) => {
    expect(refuseRequestSignature(RUN, request, { production, serverKey })).toBe(expected);
  });
});

describe('refuseDecisionSignature', () => {
  const decision = aDecision({ comment: 'fine' });
  const signed = { ...decision, signature: signDecision(KEY, RUN, decision) };

  test('accepts the signature for this run', () => {
    expect(refuseDecisionSignature(RUN, signed, trust)).toBeUndefined();
  });

  test('believes nothing else', () => {
    expect(refuseDecisionSignature(RUN, decision, trust)).toBe(
      'The request is not signed with the server key',
    );
    expect(refuseDecisionSignature(RUN, { ...signed, decision: 'denied' }, trust)).toBeDefined();
    expect(refuseDecisionSignature('another', signed, trust)).toBeDefined();
    expect(refuseDecisionSignature(RUN, signed, { production: true })).toBeDefined();
  });

  test('does not take the signature of a request for that of a decision', () => {
    const same = decision as unknown as RunRequest;
    const requested = { ...decision, signature: signRequest(KEY, RUN, same) };
    expect(refuseDecisionSignature(RUN, requested, trust)).toBeDefined();
  });
});
