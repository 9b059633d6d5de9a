/** What a skill is handed besides its payload, for tests that call it directly. */
import type { SkillContext } from '../../core/skill-api.ts';

export function aSkillContext(changes: Partial<SkillContext> = {}): SkillContext {
  return {
    runId: 'test.skill-01ARZ3NDEKTSV4RRFFQ69G5FAV',
    step: 1,
    attempt: 1,
    idempotencyKey: 'test-key',
    principal: { subject: 'tester', roles: [] },
    tier: 'standard',
    connectors: {},
    secrets: {},
    attachments: { list: () => [], read: none, path: none },
    signal: new AbortController().signal,
    log: () => undefined,
    heartbeat: () => undefined,
    ...changes,
  };
}

function none(): never {
  throw new Error('The test has no attachments');
}
