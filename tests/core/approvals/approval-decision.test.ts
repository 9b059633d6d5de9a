import { evaluateDecision } from '../../../core/approvals/approval-decision.ts';
import type { DecisionInput } from '../../../core/approvals/approval-decision.ts';
import { proofOf } from '../../../core/approvals/approval-proof.ts';
import type { ApprovalRequirement, Decision } from '../../../core/approvals/approval.ts';
import { parsePermissionFile } from '../../../core/rights/permission-file.ts';
import type { PermissionFile } from '../../../core/rights/permission-file.ts';
import { signalCode } from '../../../core/approvals/signal-code.ts';
import { signDecision } from '../../../core/approvals/decision-signature.ts';
import type { Principal } from '../../../core/rights/principal.ts';
import { aDecision, aRequirement } from '../../support/builders.ts';

const RUN = 'admin.delete_records-01ARZ3NDEKTSV4RRFFQ69G5FAV';
const DIGEST = 'd'.repeat(64);
const EXECUTION = 'e1';
const SERVER_KEY = 'k'.repeat(32);
const ABSENT: PermissionFile = { status: 'absent' };
const roles = parsePermissionFile('{"roles": {"lead": ["approvals:decide"], "viewer": []}}');

const bob: Principal = { subject: 'bob', roles: [], via: 'local' };
const lead: Principal = { subject: 'eve', roles: ['lead'], via: 'jwt' };

function ask(
  decision: Partial<Decision>,
  more: Partial<Omit<DecisionInput, 'requirement'>> & {
    readonly requirement?: Partial<ApprovalRequirement>;
  } = {},
) {
  return evaluateDecision({
    runId: RUN,
    executionId: EXECUTION,
    tenant: 'default',
    requester: { subject: 'ann', roles: [], via: 'local' },
    digest: DIGEST,
    decision: aDecision({ digest: DIGEST, principal: bob, execution: EXECUTION, ...decision }),
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

describe('evaluateDecision', () => {
  test.each(['approved', 'denied'] as const)(
    'counts that anybody %s where nothing says who may',
    (decision) => {
      expect(ask({ decision })).toEqual(COUNTED);
    },
  );

  describe('of a permission', () => {
    test('counts the requester if self-approval is allowed', () => {
      const ann: Principal = { subject: 'ann', roles: [], via: 'local' };
      expect(ask({ principal: ann }, { file: roles })).toEqual(COUNTED);
      expect(ask({ principal: ann }, { file: roles, requirement: { allowSelf: false } })).toEqual(
        refused('permission_denied'),
      );
      const broken: PermissionFile = { status: 'invalid', message: 'is not JSON' };
      expect(ask({ principal: ann }, { file: broken })).toEqual(refused('policy_invalid'));
    });

    test('counts callers with approvals:decide only', () => {
      expect(ask({ principal: lead }, { file: roles })).toEqual(COUNTED);
      expect(ask({ principal: bob }, { file: roles })).toEqual(
        refused(
          'permission_denied',
          'This requires "approvals:decide", which a caller without a role does not have; roles with it: "lead"',
        ),
      );
    });

    test('counts nobody if the file is invalid, or absent in production', () => {
      const broken = parsePermissionFile('{');
      for (const requirement of [{}, { approvers: ['bob'] }]) {
        expect(ask({}, { file: broken, requirement })).toEqual(refused('policy_invalid'));
        const trust = { production: true, serverKey: SERVER_KEY };
        const signed = {
          signature: signDecision(
            SERVER_KEY,
            RUN,
            aDecision({ digest: DIGEST, principal: bob, execution: EXECUTION }),
          ),
        };
        expect(ask(signed, { trust, requirement })).toEqual(refused('permission_denied'));
      }
    });

    test('does not count a caller of another tenant', () => {
      expect(ask({ tenant: 'acme' })).toEqual(refused('unknown_run', `Unknown run "${RUN}"`));
    });
  });

  test('says so if no role may decide', () => {
    const file = parsePermissionFile('{"roles": {"viewer": ["runs:read"]}}');
    expect(ask({ principal: bob }, { file })).toEqual(
      refused(
        'permission_denied',
        'This requires "approvals:decide", which a caller without a role does not have; no role is granted it',
      ),
    );
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
          : {
              counted: false,
              code: 'permission_denied',
              reason: expect.stringMatching(/^Only .* may decide about this run$/),
            },
      );
    });

    test.each<[readonly string[], readonly (readonly string[])[], string]>([
      [['role:cfo', 'user:ann'], [], 'Only role:cfo or user:ann may decide about this run'],
      [['cfo'], [['user:dan', 'dpo']], 'Only (cfo) and (user:dan or dpo) may decide about this run'],
    ])('on %j and %j, a refused person reads who may decide', (approvers, furtherApprovers, message) => {
      expect(ask({}, { requirement: { approvers, furtherApprovers } })).toEqual(
        refused('permission_denied', message),
      );
    });

    test('counts an approver that has no permission besides', () => {
      expect(ask({}, { requirement: { approvers: ['bob'] }, file: roles })).toEqual(COUNTED);
    });
  });

  describe('by the requester', () => {
    const own: Principal = { subject: 'ann', roles: [], via: 'local' };

    test('counts if self-approval is allowed', () => {
      expect(ask({ principal: own })).toEqual(COUNTED);
    });

    test.each<Principal>([own, { ...own, via: 'jwt' }])(
      'does not count if it is forbidden: %j',
      (principal) => {
        expect(ask({ principal }, { requirement: { allowSelf: false } })).toEqual(
          refused(
            'permission_denied',
            'The requester of a run may not decide about it; anyone with the permission approvals:decide may',
          ),
        );
        expect(ask({ principal: bob }, { requirement: { allowSelf: false } })).toEqual(COUNTED);
      },
    );
  });

  describe('of the approval token', () => {
    const proven = {
      runId: RUN,
      digest: DIGEST,
      decision: 'approved',
      subject: 'bob',
      execution: EXECUTION,
    } as const;
    const proof = proofOf('hush', proven);
    const requirement = { proof: true };

    test('counts with a valid proof', () => {
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
    ])('does not count a decision with %s', (_what, decision) => {
      expect(ask(decision, { requirement, approvalToken: 'hush' })).toEqual(
        refused('approval_proof_invalid'),
      );
    });

    test('is required if the worker got a token later', () => {
      expect(ask({}, { approvalToken: 'hush' })).toEqual(refused('approval_proof_invalid'));
      expect(ask({ proof }, { approvalToken: 'hush' })).toEqual(COUNTED);
    });

    test('counts nothing if the worker lost its token', () => {
      expect(ask({ proof }, { requirement })).toEqual(
        refused('approval_proof_invalid', 'The worker has no approval token to verify the decision with'),
      );
    });
  });

  describe('of the plan', () => {
    test('does not count for another digest', () => {
      expect(ask({ digest: 'e'.repeat(64) })).toEqual(
        refused('plan_changed', 'The decision names the digest of another plan'),
      );
    });

    test('does not count an honest proof about another one', () => {
      const digest = 'e'.repeat(64);
      const proof = proofOf('hush', {
        runId: RUN,
        digest,
        decision: 'approved',
        subject: 'bob',
        execution: EXECUTION,
      });
      expect(ask({ digest, proof }, { approvalToken: 'hush' })).toEqual(refused('plan_changed'));
    });
  });

  describe('of the server key', () => {
    const trust = { production: true, serverKey: SERVER_KEY };
    const decision = aDecision({ digest: DIGEST, principal: lead, execution: EXECUTION });
    const signature = signDecision(SERVER_KEY, RUN, decision);

    test('counts with a valid signature', () => {
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
      expect(ask({ ...decision, ...forged }, { trust, file: roles })).toEqual(refused('work_refused'));
    });
  });

  describe('of the execution', () => {
    const replayed = refused('run_replayed', 'The decision is about another execution of the run');
    const trust = { production: false, serverKey: SERVER_KEY };
    const unsigned = aDecision({ digest: DIGEST, principal: lead });
    const signed = (decision: Decision) => ({
      ...decision,
      signature: signDecision(SERVER_KEY, RUN, decision),
    });

    test('does not count what is about another execution', () => {
      expect(ask({ execution: 'e0' })).toEqual(replayed);
      expect(ask(signed({ ...unsigned, execution: 'e0' }), { trust })).toEqual(replayed);
    });

    test('counts what names none, unless there is a server key or an approval token', () => {
      const { execution: _execution, ...anonymous } = unsigned;
      const asked = (more: Partial<DecisionInput>) =>
        ask({}, { ...more, decision: { ...anonymous, ...(more.trust && signed(anonymous)) } });
      expect(asked({})).toEqual(COUNTED);
      expect(asked({ trust })).toEqual(replayed);
      expect(asked({ approvalToken: 'hush' })).toEqual(replayed);
    });
  });

  describe('of a signal', () => {
    const decision = { decision: 'approved', via: 'signal' } as const;
    const signalled = (more: Parameters<typeof ask>[1] = {}) => ask({}, { decision, ...more });
    const ignored = refused(
      'permission_denied',
      'A signal has no verified sender: use skillos approve or skillos deny',
    );

    test('counts if the requirement allows signals', () => {
      expect(signalled()).toEqual(COUNTED);
    });

    test('counts with a server key only with the code of this wait', () => {
      const trust = { production: false, serverKey: SERVER_KEY };
      const wait = { runId: RUN, executionId: EXECUTION, digest: DIGEST };
      const code = signalCode(SERVER_KEY, wait);
      const withText = (comment: string) => ask({}, { trust, decision: { ...decision, comment } });
      const uncoded = refused(
        'permission_denied',
        'The signal does not begin with the code that skillos approvals show prints',
      );
      expect(withText(code)).toEqual(COUNTED);
      expect(withText(`${code.toUpperCase()} as agreed`)).toEqual(COUNTED);
      expect(signalled({ trust })).toEqual(uncoded);
      expect(withText('as agreed')).toEqual(uncoded);
      expect(withText(`as agreed ${code}`)).toEqual(uncoded);
      expect(withText(signalCode(SERVER_KEY, { ...wait, executionId: 'e0' }))).toEqual(uncoded);
    });

    test('does not count if requirement or worker forbid signals', () => {
      expect(signalled({ requirement: { signals: false } })).toEqual(ignored);
      expect(signalled({ approvalToken: 'hush' })).toEqual(ignored);
      expect(signalled({ trust: { production: true, serverKey: SERVER_KEY } })).toEqual(ignored);
    });
  });
});
