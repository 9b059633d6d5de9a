import { parseSkillId } from '../../core/values/skill-id.ts';
import { html } from '../../server/ui/html.ts';
import { liveParts } from '../../server/ui/run-views.ts';
import { aRecord } from '../support/builders.ts';

describe('html', () => {
  test.each<[unknown, string]>([
    ['a', 'a'],
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    [`"' onfocus='x`, '&quot;&#39; onfocus=&#39;x'],
    ['&lt;', '&amp;lt;'],
    [0, '0'],
    [undefined, ''],
    [false, ''],
    [html`<b>${'<'}</b>`, '<b>&lt;</b>'],
    [[html`<i></i>`, '<', ['>', 1]], '<i></i>&lt;&gt;1'],
  ])('shows %j as %s', (value, expected) => {
    expect(html`<p title="${value as string}">${value as string}</p>`.markup).toBe(
      `<p title="${expected}">${expected}</p>`,
    );
  });

  test('refuses what only looks like markup of its own', () => {
    const forged = JSON.parse('{"markup":"<script>"}') as string;
    expect(() => html`${forged}`).toThrow(TypeError);
  });
});

test('the page of a run names the variants of its steps, before they begin and after', () => {
  const skill = parseSkillId('test/greet');
  const step = { skill, hash: 'a', variant: 'short' };
  const begun = {
    number: 1,
    skill,
    activityId: '1',
    activity: 'skill',
    attemptsBefore: 0,
    input: { value: 'x' },
    status: 'success',
    attempts: 1,
    scheduledAt: '2026-01-02T03:04:05.000Z',
  } as const;
  const record = aRecord({
    steps: [
      { ...step, number: 1 },
      { ...step, number: 2 },
    ],
  });
  const parts = liveParts({ record, trace: { steps: [begun], undoings: [] } }, Date.parse(begun.scheduledAt));
  for (const number of [1, 2] as const) {
    expect(parts[`step-${number}`]?.markup).toContain(`${number}. test/greet (variant short)`);
  }
});
