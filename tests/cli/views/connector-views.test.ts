/** What people read about connectors in traces and dry runs. */
import { previewLines } from '../../../cli/views/preview-view.ts';
import { traceLines } from '../../../cli/views/trace-view.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aRecord } from '../../support/builders.ts';

const SKILL = parseSkillId('travel/search');
const at = '2026-01-02T03:04:05.000Z';

describe('traceLines', () => {
  const call = {
    at,
    attempt: 1,
    connector: 'weather',
    method: 'GET',
    host: 'h:1',
    status: 200,
    ms: 12,
    bytes: 340,
  };
  const lines = (count: number, leftOut: number) =>
    traceLines(
      {
        record: aRecord({ id: 'r', status: 'success', steps: [{ number: 1, skill: SKILL, hash: 'h' }] }),
        trace: {
          startedAt: at,
          steps: [
            {
              number: 1,
              skill: SKILL,
              status: 'success',
              attempts: 1,
              attemptsBefore: 0,
              activity: '1',
              scheduledAt: at,
              input: { value: 'in' },
            },
          ],
          undoings: [],
        },
        calls: new Map([['1', { shown: Array.from({ length: count }, () => call), leftOut }]]),
      },
      { values: false, times: false },
    );

  test('has the calls under their step', () => {
    expect(lines(1, 0)).toEqual([
      'r success',
      '1 travel/search success',
      '    call:    weather GET h:1 200 12 ms 340 bytes',
    ]);
  });

  test('says how many calls it leaves out', () => {
    expect(lines(25, 3)).toHaveLength(2 + 20 + 1);
    expect(lines(25, 3).at(-1)).toBe('      … 8 more calls');
  });
});

describe('previewLines', () => {
  test('names what a step reaches, and the secrets by name', () => {
    const lines = previewLines(
      {
        schema: 'skillos.run/v1',
        status: 'dry_run',
        skill: SKILL,
        plan_digest: 'd',
        preview: { plan_id: 'd', affected_entities: [SKILL] },
        steps: [
          {
            id: 1,
            skill: SKILL,
            name: 'Search',
            hash: 'h',
            status: 'planned',
            side_effects: 'read',
            input: 'x',
            secrets: ['API_KEY'],
            connectors: [
              { id: 'weather', type: 'http', host: 'api.example.com', secrets: ['TOKEN', 'USER'] },
              { id: 'books', type: 'sql', host: 'sqlite' },
              { id: 'gone' },
            ],
            cost: 1,
          },
        ],
        cost: 1,
        tier: 'standard',
      },
      undefined,
    );
    expect(lines).toEqual(
      expect.arrayContaining([
        '    secrets: API_KEY',
        '    connector: weather (http) api.example.com, secrets: TOKEN, USER',
        '    connector: books (sql) sqlite',
        '    connector: gone, which has no valid definition',
      ]),
    );
  });
});
