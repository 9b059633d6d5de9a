/** The results of tests as JUnit XML, which CI servers read. Only a few elements, so a library would be longer than this. */
import type { TestResult } from './skill-test.ts';

export interface TestSuite {
  readonly name: string;
  /** ISO 8601. */
  readonly at: string;
  readonly results: readonly Pick<TestResult, 'kind' | 'name' | 'passed' | 'message'>[];
}

/** One suite per skill. Names and messages may be any text. */
export function junitXml(suites: readonly TestSuite[]): string {
  const results = suites.flatMap((suite) => suite.results);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="skillos" ${countsOf(results)}>`,
    ...suites.flatMap(suiteLines),
    '</testsuites>',
    '',
  ].join('\n');
}

function suiteLines({ name, at, results }: TestSuite): readonly string[] {
  const attributes = `name="${escaped(name)}" ${countsOf(results)} timestamp="${escaped(at.slice(0, 19))}"`;
  return [
    `  <testsuite ${attributes}>`,
    ...results.map((result) => caseLine(name, result)),
    '  </testsuite>',
  ];
}

function countsOf(results: TestSuite['results']): string {
  const failures = results.filter(({ passed }) => !passed).length;
  return `tests="${results.length}" failures="${failures}" errors="0" skipped="0"`;
}

function caseLine(suite: string, { kind, name, passed, message = '' }: TestSuite['results'][number]): string {
  const start = `    <testcase classname="${escaped(suite)}" name="${escaped(`${kind} ${name}`)}"`;
  if (passed) return `${start}/>`;
  const [first] = message.split('\n', 1) as [string]; // a text has a first line
  return `${start}><failure message="${escaped(first)}">${escaped(message)}</failure></testcase>`;
}

/** Characters that XML 1.0 has no way to write. */
const NOT_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;
const MARKUP = /[&<>"'\t\n\r]/g;

/** Writes what XML cannot hold as JSON does, such as `\u001b`, and keeps line breaks in attributes. */
function escaped(text: string): string {
  return text
    .replace(NOT_XML, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(MARKUP, (character) => `&#${character.charCodeAt(0)};`);
}
