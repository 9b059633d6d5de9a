import * as fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { junitXml } from '../../../core/testing/junit.ts';
import type { TestSuite } from '../../../core/testing/junit.ts';

/** Elements with their attributes and texts, in order. Throws where the document is not well-formed. */
function parsed(xml: string): readonly { readonly name: string; readonly at: object; text: string }[] {
  const parser = new SaxesParser();
  const elements: { name: string; at: object; text: string }[] = [];
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => elements.push({ name, at: attributes, text: '' }));
  parser.on('text', (text) => {
    const open = elements.at(-1);
    if (open !== undefined && text.trim() !== '') open.text += text;
  });
  parser.write(xml).close();
  return elements;
}

const AT = '2026-01-02T03:04:05.678Z';

function aSuite(...results: TestSuite['results']): TestSuite {
  return { name: 'a/b', at: AT, results };
}

describe('junitXml', () => {
  test('is one suite per skill, with counts', () => {
    const failed = { kind: 'case', name: 'two', passed: false, message: 'first line\nsecond line' } as const;
    const suite = aSuite({ kind: 'example', name: 'one', passed: true }, failed);
    expect(junitXml([suite, { ...suite, name: 'c/d' }])).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="skillos" tests="4" failures="2" errors="0" skipped="0">
${['a/b', 'c/d']
  .map(
    (
      id,
    ) => `  <testsuite name="${id}" tests="2" failures="1" errors="0" skipped="0" timestamp="2026-01-02T03:04:05">
    <testcase classname="${id}" name="example one"/>
    <testcase classname="${id}" name="case two"><failure message="first line">first line&#10;second line</failure></testcase>
  </testsuite>`,
  )
  .join('\n')}
</testsuites>
`);
  });

  test('is well-formed without any test', () => {
    expect(parsed(junitXml([])).map(({ name }) => name)).toEqual(['testsuites']);
  });

  test.each([
    ['<b attr="x">&amp;</b>]]>', '<b attr="x">&amp;</b>]]>'],
    ['\'"', '\'"'],
    ['a\tb\r', 'a\tb\r'],
    ['\u001b[31m\u0000', '\\u001b[31m\\u0000'],
    ['\ud800 \ufffe 🙂', '\\ud800 \\ufffe 🙂'],
  ])('holds %j', (text, shown) => {
    const [, suite, tested, failure] = parsed(
      junitXml([{ ...aSuite({ kind: 'case', name: text, passed: false, message: text }), name: text }]),
    );
    expect([suite?.at, tested?.at, failure]).toEqual([
      expect.objectContaining({ name: shown }),
      { classname: shown, name: `case ${shown}` },
      { name: 'failure', at: { message: shown }, text: shown },
    ]);
  });

  test('is well-formed for any text', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, text, text, (name, test, message) => {
        const result = { kind: 'case', name: test, passed: false, message } as const;
        const elements = parsed(junitXml([{ name, at: AT, results: [result] }]));
        expect(elements.map((element) => element.name)).toEqual([
          'testsuites',
          'testsuite',
          'testcase',
          'failure',
        ]);
      }),
    );
  });
});
