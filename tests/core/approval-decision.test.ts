import { weigh } from '../../core/approval-decision.ts';
import type { DecisionQuestion } from '../../core/approval-decision.ts';
import { proofOf } from '../../core/approval-proof.ts';
import type { ApprovalRequirement, Decision } from '../../core/approval.ts';
import { parsePermissionFile } from '../../core/permission-file.ts';
import type { PermissionFile } from '../../core/permission-file.ts';
import { signDecision } from '../../core/request-signature.ts';
import type { Principal } from '../../core/run.ts';
import { aDecision, aRequirement } from '../support/builders.ts';

const RUN = 'admin.delete_records-01ARZ3NDEKTSV4RRFFQ69G5FAV';
const DIGEST = 'd'.repeat(64);
const SERVER_KEY = 'k'.repeat(32);
const ABSENT: PermissionFile = { status: 'absent' };
const roles = parsePermissionFile('{"roles": {"lead": ["approvals:decide"], "viewer": []}}');

const bob: Principal = { subject: 'bob', roles: [], via: 'local' };
const lead: Principal = { subject: 'eve', roles: ['lead'], via: 'jwt' };

function ask(
  decision: Partial<Decision>,
  more: Partial<Omit<DecisionQuestion, 'requirement'>> & {
    readonly requirement?: Partial<ApprovalRequirement>;
  } = {},
) {
  return weigh({
    runId: RUN,
    tenant: 'default',
    requester: { subject: 'ann', roles: [], via: 'local' },
    digest: DIGEST,
    decision: aDecision({ digest: DIGEST, principal: bob, ...decision }),
    file: ABSENT,
    trust: { production: false },
    ...more,
    requirement: aRequirement(more.requirement),
  });
}

const COUNTED = { counted: true };
const refused = (code: string, reason?: string) => ({
  counted: false,
  code,
  reason: reason ?? expect.any(String),
});

describe('weigh', () => {
  test.each(['approved', 'denied'] as const)(
    'counts that anybody %s where nothing says who may',
    (decision) => {
      expect(ask({ decision })).toEqual(COUNTED);
    },
  );

  describe('of a permission', () => {
    test('counts who asked for the run, where they may decide at all', () => {
      const ann: Principal = { subject: 'ann', roles: [], via: 'local' };
      expect(ask({ principal: ann }, { file: roles })).toEqual(COUNTED);
      expect(ask({ principal: ann }, { file: roles, requirement: { allowSelf: false } })).toEqual(
        refused('permission_denied'),
      );
      const broken: PermissionFile = { status: 'invalid', message: 'is not JSON' };
      expect(ask({ principal: ann }, { file: broken })).toEqual(refused('policy_invalid'));
    });

    test('counts who holds approvals:decide, and nobody else', () => {
      expect(ask({ principal: lead }, { file: roles })).toEqual(COUNTED);
      expect(ask({ principal: bob }, { file: roles })).toEqual(
        refused('permission_denied', 'This requires "approvals:decide", which nobody without a role has'),
      );
    });

    test('counts nobody where the file is broken, or absent in production', () => {
      const broken = parsePermissionFile('{');
      for (const requirement of [{}, { approvers: ['bob'] }]) {
        expect(ask({}, { file: broken, requirement })).toEqual(refused('policy_invalid'));
        const trust = { production: true, serverKey: SERVER_KEY };
        const signed = {
          signature: signDecision(SERVER_KEY, RUN, aDecision({ digest: DIGEST, principal: bob })),
        };
        expect(ask(signed, { trust, requirement })).toEqual(refused('permission_denied'));
      }
    });

    test('does not count who belongs to another tenant', () => {
      expect(ask({ tenant: 'acme' })).toEqual(refused('unknown_run', `Unknown run "${RUN}"`));
    });
  });

  describe('of approvers', () => {
    test.each<[readonly string[], readonly (readonly string[])[], Partial<Principal>, boolean]>([
      [['user:bob'], [], {}, true],
      [['bob'], [], {}, true],
      [['role:bob'], [], {}, false],
      [['role:cfo'], [], { roles: ['cfo'] }, true],
      [['cfo'], [], { roles: ['cfo'] }, true],
      [['user:cfo'], [], { roles: ['cfo'] }, false],
      [['role:cfo', 'user:bob'], [], {}, true],
      [['role:cfo', 'user:ann'], [], {}, false],
      [['role:cfo'], [['user:bob']], {}, false],
      [['role:cfo'], [['user:bob']], { roles: ['cfo'] }, true],
      [['user:bob'], [['role:cfo'], ['role:dpo']], { roles: ['cfo'] }, false],
    ])('on %j and %j, %j counts: %s', (approvers, furtherApprovers, principal, isCounted) => {
      const requirement = { approvers, furtherApprovers };
      const weight = ask({ principal: { ...bob, ...principal } }, { requirement });
      expect(weight).toEqual(
        isCounted
          ? COUNTED
          : refused('permission_denied', 'Only the approvers that the policy names may decide'),
      );
    });

    test('counts an approver that has no permission besides', () => {
      expect(ask({}, { requirement: { approvers: ['bob'] }, file: roles })).toEqual(COUNTED);
    });
  });

  describe('of the one who asked', () => {
    const own: Principal = { subject: 'ann', roles: [], via: 'local' };

    test('counts where that is allowed', () => {
      expect(ask({ principal: own })).toEqual(COUNTED);
    });

    test.each<Principal>([own, { ...own, via: 'jwt' }])('does not count where it is not: %j', (principal) => {
      expect(ask({ principal }, { requirement: { allowSelf: false } })).toEqual(
        refused('permission_denied', 'Who asked for a run may not decide about it'),
      );
      expect(ask({ principal: bob }, { requirement: { allowSelf: false } })).toEqual(COUNTED);
    });
  });

  describe('of the approval token', () => {
    const proven = { runId: RUN, digest: DIGEST, decision: 'approved', subject: 'bob' } as const;
    const proof = proofOf('hush', proven);
    const requirement = { proof: true };

    test('counts what proves it', () => {
      expect(ask({ proof }, { requirement, approvalToken: 'hush' })).toEqual(COUNTED);
    });

    test.each<[string, Partial<Decision>]>([
      ['nothing', {}],
      ['an empty proof', { proof: '' }],
      ['the token itself', { proof: 'hush' }],
      ['another token', { proof: proofOf('other', proven) }],
      ['the proof of an approval for a denial', { proof, decision: 'denied' }],
      ['the proof of somebody else', { proof, principal: lead }],
      ['the proof of another run', { proof: proofOf('hush', { ...proven, runId: 'other' }) }],
    ])('does not count what carries %s', (_what, decision) => {
      expect(ask(decision, { requirement, approvalToken: 'hush' })).toEqual(
        refused('approval_proof_invalid'),
      );
    });

    test('asks for it where the worker has been given one since', () => {
      expect(ask({}, { approvalToken: 'hush' })).toEqual(refused('approval_proof_invalid'));
      expect(ask({ proof }, { approvalToken: 'hush' })).toEqual(COUNTED);
    });

    test('counts nothing where the worker has lost it since', () => {
      expect(ask({ proof }, { requirement })).toEqual(
        refused('approval_proof_invalid', 'The worker has no approval token to verify the decision with'),
      );
    });
  });

  describe('of the plan', () => {
    test('does not count what is about another one', () => {
      expect(ask({ digest: 'e'.repeat(64) })).toEqual(
        refused('plan_changed', 'The decision is about another plan'),
      );
    });

    test('does not count an honest proof about another one', () => {
      const digest = 'e'.repeat(64);
      const proof = proofOf('hush', { runId: RUN, digest, decision: 'approved', subject: 'bob' });
      expect(ask({ digest, proof }, { approvalToken: 'hush' })).toEqual(refused('plan_changed'));
    });
  });

  describe('of the server key', () => {
    const trust = { production: true, serverKey: SERVER_KEY };
    const decision = aDecision({ digest: DIGEST, principal: lead });
    const signature = signDecision(SERVER_KEY, RUN, decision);

    test('counts what a holder of it sent', () => {
      expect(ask({ ...decision, signature }, { trust, file: roles })).toEqual(COUNTED);
    });

    test.each<[string, Partial<Decision>]>([
      ['no signature', {}],
      ['another decider', { signature, principal: { ...lead, subject: 'root' } }],
      ['another role', { signature, principal: { ...lead, roles: ['lead', 'cfo'] } }],
      ['another word', { signature, decision: 'denied' }],
      ['another comment', { signature, comment: 'fine' }],
      ['the signature of another run', { signature: signDecision(SERVER_KEY, 'other', decision) }],
    ])('does not count %s', (_what, forged) => {
      expect(ask({ ...decision, ...forged }, { trust, file: roles })).toEqual(refused('permission_denied'));
    });
  });

  describe('of a signal', () => {
    const decision = { decision: 'approved', via: 'signal' } as const;
    const signalled = (more: Parameters<typeof ask>[1] = {}) => ask({}, { decision, ...more });
    const ignored = refused(
      'permission_denied',
      'A signal does not say who decides: use skillos approve or skillos deny',
    );

    test('counts where the requirement lets it', () => {
      expect(signalled()).toEqual(COUNTED);
    });

    test('does not count where the requirement does not, or the worker does not any more', () => {
      expect(signalled({ requirement: { signals: false } })).toEqual(ignored);
      expect(signalled({ approvalToken: 'hush' })).toEqual(ignored);
      expect(signalled({ trust: { production: true, serverKey: SERVER_KEY } })).toEqual(ignored);
    });
  });
});
