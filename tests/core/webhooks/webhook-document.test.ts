import { parseSkillId } from '../../../core/values/skill-id.ts';
import { triggersDocument } from '../../../core/webhooks/webhook-document.ts';

test.each([
  [undefined, '/webhooks/echo'],
  ['https://skills.example', 'https://skills.example/webhooks/echo'],
])('triggersDocument with the public address %s', (publicUrl, url) => {
  const trigger = { id: 'echo', skill: parseSkillId('test/echo'), scheme: 'skillos' } as const;
  const states = { triggers: [{ trigger, secret: 'set' }], problems: [] } as const;
  expect(triggersDocument(states, publicUrl).items).toEqual([
    { id: 'echo', skill: 'test/echo', scheme: 'skillos', url, secret: 'set' },
  ]);
});
