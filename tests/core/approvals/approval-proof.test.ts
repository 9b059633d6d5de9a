import { isProven, proofOf } from '../../../core/approvals/approval-proof.ts';
import type { Proven } from '../../../core/approvals/approval-proof.ts';

const proven: Proven = {
  runId: 'ops.first-01',
  digest: 'd'.repeat(64),
  decision: 'approved',
  subject: 'ann',
};
const proof = proofOf('hush', proven);

describe('proofOf', () => {
  test('is an HMAC-SHA-256 in hex, and not the token', () => {
    expect(proof).toMatch(/^[0-9a-f]{64}$/);
    expect(proofOf('hush', { ...proven })).toBe(proof);
  });
});

describe('isProven', () => {
  test('accepts the proof of the same content', () => {
    expect(isProven('hush', proven, proof)).toBe(true);
  });

  test.each<[string, Partial<Proven>]>([
    ['run', { runId: 'ops.first-02' }],
    ['plan', { digest: 'e'.repeat(64) }],
    ['decision', { decision: 'denied' }],
    ['person', { subject: 'bob' }],
  ])('refuses it for another %s', (_what, other) => {
    expect(isProven('hush', { ...proven, ...other }, proof)).toBe(false);
  });

  test.each([
    ['another token', proofOf('other', proven)],
    ['the token itself', 'hush'],
    ['nothing', ''],
    ['a part', proof.slice(1)],
  ])('refuses %s', (_what, forged) => {
    expect(isProven('hush', proven, forged)).toBe(false);
  });
});
