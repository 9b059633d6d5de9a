import { parseCron } from '../../../core/schedules/cron.ts';

const all = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('parseCron', () => {
  test.each([
    ['5 * * * *', 'minutes', [5]],
    ['*/15 * * * *', 'minutes', [0, 15, 30, 45]],
    ['1-10/4,59,59 * * * *', 'minutes', [1, 5, 9, 59]],
    ['*/1 * * * *', 'minutes', all(0, 59)],
    ['0 9-17 * * *', 'hours', [9, 10, 11, 12, 13, 14, 15, 16, 17]],
    ['0 0 1,15 * *', 'days', [1, 15]],
    ['0 0 */10 * *', 'days', [1, 11, 21, 31]],
    ['0 0 1 jan,DEC *', 'months', [1, 12]],
    ['0 0 1 mar-may *', 'months', [3, 4, 5]],
    ['0 0 * * 0', 'weekdays', [0]],
    ['0 0 * * 7', 'weekdays', [0]],
    ['0 0 * * 5-7', 'weekdays', [0, 5, 6]],
    ['0 0 * * mon-fri', 'weekdays', [1, 2, 3, 4, 5]],
    ['0 0 * * sat-sun', 'weekdays', [0, 6]],
    ['0 0 * * Sun', 'weekdays', [0]],
    ['0 0 * * */2', 'weekdays', [0, 2, 4, 6]],
    ['  0\t0 * *   *  ', 'hours', [0]],
    ['@hourly', 'hours', all(0, 23)],
    ['@Daily', 'hours', [0]],
    ['@midnight', 'minutes', [0]],
    ['@weekly', 'weekdays', [0]],
    ['@monthly', 'days', [1]],
    ['@yearly', 'months', [1]],
    ['@annually', 'months', [1]],
  ] as const)('%j has %s %j', (text, field, expected) => {
    expect(parseCron(text)[field]).toEqual(expected);
  });

  test.each([
    ['* * * * *', { everyHour: true, dayIsOpen: true, weekdayIsOpen: true }],
    ['0 */1 */1 * */1', { everyHour: true, dayIsOpen: true, weekdayIsOpen: true }],
    ['0 0-23 1-31 * 0-6', { everyHour: false, dayIsOpen: false, weekdayIsOpen: false }],
  ])('%j is %j', (text, expected) => {
    expect(parseCron(text)).toMatchObject({ text, ...expected });
  });

  test.each([
    ['', 'five fields (minute hour day month weekday), got 0'],
    ['* * * *', 'five fields (minute hour day month weekday), got 4'],
    ['0 * * * * *', 'five fields (minute hour day month weekday), got 6'],
    ['0 0 * * * * 2027', 'five fields (minute hour day month weekday), got 7'],
    ['CRON_TZ=UTC 0 0 * * *', 'five fields (minute hour day month weekday), got 6'],
    ['@reboot', 'one of @yearly @annually @monthly @weekly @daily @midnight @hourly, or five fields'],
    ['@every 5m', 'one of @yearly @annually @monthly @weekly @daily @midnight @hourly, or five fields'],
    ['60 * * * *', '* or numbers, ranges and steps within 0-59 as minute, got "60"'],
    ['* 24 * * *', '* or numbers, ranges and steps within 0-23 as hour, got "24"'],
    ['0 0 0 * *', '* or numbers, ranges and steps within 1-31 as day of month, got "0"'],
    ['0 0 L * *', '* or numbers, ranges and steps within 1-31 as day of month, got "l"'],
    ['0 0 15W * *', '* or numbers, ranges and steps within 1-31 as day of month, got "15w"'],
    ['0 0 ? * 1', '* or numbers, ranges and steps within 1-31 as day of month, got "?"'],
    ['0 0 1 13 *', '* or numbers, ranges and steps within 1-12, jan-dec as month, got "13"'],
    ['0 0 1 foo *', '* or numbers, ranges and steps within 1-12, jan-dec as month, got "foo"'],
    ['0 0 * * 8', '* or numbers, ranges and steps within 0-7, sun-sat as weekday, got "8"'],
    ['0 0 * * 5#2', '* or numbers, ranges and steps within 0-7, sun-sat as weekday, got "5#2"'],
    ['0 0 * * friL', '* or numbers, ranges and steps within 0-7, sun-sat as weekday, got "fril"'],
    ['0 0 * * fri-mon', '* or numbers, ranges and steps within 0-7, sun-sat as weekday, got "fri-mon"'],
    ['0 0 * * mon-foo', '* or numbers, ranges and steps within 0-7, sun-sat as weekday, got "mon-foo"'],
    ['30-10 * * * *', '* or numbers, ranges and steps within 0-59 as minute, got "30-10"'],
    ['*/0 * * * *', '* or numbers, ranges and steps within 0-59 as minute, got "*/0"'],
    ['*/60 * * * *', '* or numbers, ranges and steps within 0-59 as minute, got "*/60"'],
    ['5/15 * * * *', '* or numbers, ranges and steps within 0-59 as minute, got "5/15"'],
    ['1, * * * *', '* or numbers, ranges and steps within 0-59 as minute, got ""'],
    ['-1 * * * *', '* or numbers, ranges and steps within 0-59 as minute, got "-1"'],
    ['٣ * * * *', '* or numbers, ranges and steps within 0-59 as minute, got "٣"'],
    ['0 0 30 2 *', 'a day that occurs in one of the months; this expression never fires'],
    ['0 0 31 4,6,9,11 *', 'a day that occurs in one of the months; this expression never fires'],
  ])('refuses %j', (text, expected) => {
    expect(() => parseCron(text)).toThrow(
      expect.objectContaining({
        code: 'invalid_schedule',
        message: `Invalid cron expression ${JSON.stringify(text)}: expected ${expected}`,
      }),
    );
  });

  test('takes a day that no month has where a weekday is enough', () => {
    expect(parseCron('0 0 30 2 1').weekdays).toEqual([1]);
  });

  test('shows the beginning of a long text', () => {
    expect(() => parseCron('1,'.repeat(150))).toThrow(/^Invalid cron expression "(1,){100}\.\.\."/);
  });
});
