import { changesInput, firstChanged } from '../../../core/runs/step-command.ts';
import type { CommandSender, SentCommand } from '../../../core/runs/step-command.ts';
import { refuseCommand } from '../../../core/runs/step-ruling.ts';
import type { CommandInput } from '../../../core/runs/step-ruling.ts';
import { signCommand } from '../../../core/runs/step-signature.ts';
import { signersOf } from '../../../core/runs/signers.ts';
import { parsePermissionFile } from '../../../core/rights/permission-file.ts';
import { aDecision, aRequest, aSkill } from '../../support/builders.ts';

const KEY = 'k'.repeat(32);
const RUN = 'pipeline-01ARZ3NDEKTSV4RRFFQ69G5FAV';
const trust = { production: true, serverKey: KEY };
const file = parsePermissionFile(
  '{"roles": {"operator": ["runs:operate"], "lead": ["*"]}, "policies": [{"skill_id": "admin/*", "permissions": "admin:write"}]}',
);
const sent: CommandSender = {
  principal: { subject: 'bob', roles: ['operator'], via: 'jwt' },
  tenant: 'default',
  via: 'api',
  execution: 'e1',
  paused: 2,
  id: 'c1',
};
const NEXT: SentCommand = { command: 'next', sent };
const EDIT: SentCommand = { command: 'edit', input: { value: 'other' }, sent };

function signed(command: SentCommand, runId = RUN): SentCommand {
  return { ...command, sent: { ...command.sent, signature: signCommand(KEY, runId, command) } };
}

const refusal = (command: CommandInput['command'], more: Partial<CommandInput> = {}) =>
  refuseCommand({
    runId: RUN,
    executionId: 'e1',
    tenant: 'default',
    requester: { subject: 'ann', roles: [], via: 'jwt' },
    command,
    paused: 2,
    entries: [aSkill('admin/delete_records')],
    file,
    trust,
    ...more,
  })?.code;

describe('refuseCommand', () => {
  test('takes what a holder of the key sent, also after a journey as JSON', () => {
    expect(refusal(signed(NEXT))).toBeUndefined();
    expect(refusal(JSON.parse(JSON.stringify(signed(NEXT))) as SentCommand)).toBeUndefined();
  });

  const forged = signed(NEXT).sent;
  test.each<[string, CommandInput['command'], Partial<CommandInput>, string]>([
    ['no sender', { command: 'next' }, {}, 'work_refused'],
    ['no signature', NEXT, {}, 'work_refused'],
    ['another command', { command: 'skip', sent: forged }, {}, 'work_refused'],
    ['another principal', { ...NEXT, sent: { ...forged, tenant: 'acme' } }, {}, 'work_refused'],
    ['the signature of another run', signed(NEXT, 'other'), {}, 'work_refused'],
    ['no sender without a key', { command: 'next' }, { trust: { production: false } }, 'work_refused'],
    ['another execution', signed(NEXT), { executionId: 'e2' }, 'run_replayed'],
    ['another pause', signed(NEXT), { paused: 3 }, 'run_not_paused'],
    ['another tenant', signed(NEXT), { tenant: 'acme' }, 'unknown_run'],
  ])('refuses %s', (_what, command, more, code) => {
    expect(refusal(command, more)).toBe(code);
  });

  test('takes a breakpoint wherever the run is', () => {
    expect(refusal(signed({ command: 'break', step: 3, sent }), { paused: undefined })).toBeUndefined();
  });

  test('judges the rights of the sender for what then runs', () => {
    const lead = { ...sent, principal: { ...sent.principal, roles: ['lead'] } };
    const nobody = { ...sent, principal: { ...sent.principal, roles: [] } };
    expect(refusal(signed(EDIT))).toBe('permission_denied');
    expect(refusal(signed({ command: 'skip', sent }))).toBe('permission_denied');
    expect(refusal(signed({ ...EDIT, sent: lead }))).toBeUndefined();
    expect(refusal(signed(EDIT), { entries: [] })).toBeUndefined();
    expect(refusal(signed({ ...NEXT, sent: nobody }))).toBe('permission_denied');
    expect(refusal(signed({ ...NEXT, sent: nobody }), { requester: nobody.principal })).toBeUndefined();
  });
});

test.each([
  ['edit', true, 2],
  ['skip', true, 3],
  ['next', false, 3],
] as const)('%s changes what is received: %s, from step %i on', (command, isChange, first) => {
  expect(changesInput({ command })).toBe(isChange);
  expect(firstChanged({ command }, 2)).toBe(first);
});

test('signersOf signs with the key, and gives nothing without one', () => {
  expect(signersOf(undefined)).toEqual({});
  const { sign, signDecision, signCommand: signs } = signersOf(() => KEY);
  const signatures = [sign?.(RUN, aRequest()), signDecision?.(RUN, aDecision()), signs?.(RUN, NEXT)];
  for (const signature of signatures) expect(signature).toMatch(/^[0-9a-f]{64}$/);
  expect(signatures[2]).toBe(signCommand(KEY, RUN, NEXT));
});
