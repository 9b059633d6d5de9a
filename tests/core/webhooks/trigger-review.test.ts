import { reviewTriggers } from '../../../core/webhooks/trigger-review.ts';
import { parseTriggerFile } from '../../../core/webhooks/trigger-file.ts';
import type { Catalog } from '../../../core/skills/catalog.ts';

test('finds entries that are not valid, and triggers of skills that do not exist', () => {
  const webhooks = [
    { id: 'good', skill_id: 'a/b' },
    { id: 'odd', skill_id: 'a/b', payload: 'x' },
    { id: 'lost', skill_id: 'a/none' },
  ];
  const catalog = { skills: new Map([['a/b', {}]]) } as unknown as Catalog;
  expect(reviewTriggers(parseTriggerFile(JSON.stringify({ webhooks })), catalog)).toEqual([
    {
      severity: 'error',
      rule: 'trigger_invalid',
      file: 'triggers/webhooks.json',
      field: 'webhooks.1.payload',
      message: expect.stringContaining('odd: payload "x": expected a JSON pointer') as string,
    },
    {
      severity: 'error',
      rule: 'trigger_skill_unknown',
      file: 'triggers/webhooks.json',
      message: 'lost: there is no skill "a/none"',
    },
  ]);
});
