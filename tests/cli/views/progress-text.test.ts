import { progressText } from '../../../cli/views/progress-text.ts';

const NOW = Date.parse('2026-01-02T03:04:05.000Z');
const live = { skill: 'a/b', isRunning: true, attempt: 1 };

describe('progressText', () => {
  test.each([
    [undefined, ''],
    [live, ''],
    [{ ...live, progress: 0 }, ' ░░░░░░░░░░ 0%'],
    [{ ...live, progress: 0.44 }, ' ████░░░░░░ 44%'],
    [{ ...live, progress: 1 }, ' ██████████ 100%'],
    [{ ...live, progress: 7 }, ' 7'],
    [{ ...live, progress: 'half\u001B[2J\ndone' }, ' half [2J done'],
    [{ ...live, progress: { rows: 3 } }, ' {"rows":3}'],
    [{ ...live, progress: 'x'.repeat(50) }, ` ${'x'.repeat(40)}…`],
    [{ ...live, attempt: 2, progress: 0.5 }, ', attempt 2 █████░░░░░ 50%'],
    [{ ...live, isRunning: false, attempt: 3, nextAt: '2026-01-02T03:04:07.000Z' }, ', attempt 3 in 2.0s'],
    [{ ...live, isRunning: false, attempt: 3, nextAt: '2026-01-02T03:04:04.000Z' }, ', attempt 3'],
    [{ ...live, isRunning: false, waiting: 'Waits for concurrency of a/b' }, ', waits for concurrency'],
  ])('tells of %j', (given, expected) => {
    expect(progressText(given, NOW)).toBe(expected);
  });
});
