import { checkTexts } from '../../../core/skills/composition-store.ts';

test.each([
  [{ name: '\u001b[2J' }, 'Invalid --name: expected text without control characters'],
  [
    { name: 'Plan', description: '\u001b[2J' },
    'Invalid --description: expected text without control characters',
  ],
])('refuses the texts %j', (texts, message) => {
  expect(() => checkTexts(texts)).toThrow(expect.objectContaining({ code: 'usage', message }));
});

test.each([{}, { name: 'Plan' }, { name: 'Plan', description: 'Plans a trip' }])(
  'takes the texts %j',
  (texts) => {
    expect(() => checkTexts(texts)).not.toThrow();
  },
);
