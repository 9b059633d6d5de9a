import { html } from '../../server/ui/html.ts';

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
