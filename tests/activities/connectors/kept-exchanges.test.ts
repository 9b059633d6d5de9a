import { keepExchanges } from '../../../activities/connectors/kept-exchanges.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { outputMask } from '../../../core/settings/masking.ts';
import { exchangeLogName } from '../../../core/values/run-id.ts';
import { memoryJournal } from '../../support/memory-journal.ts';

const RUN = 'a.b-01ARZ3NDEKTSV4RRFFQ69G5FAV';
const WHERE = { step: 1, attempt: 2 };
const call = { connector: 'c', operation: 'request', args: { key: 'the-secret' } };

function keeping() {
  const journal = memoryJournal();
  const kept = keepExchanges({ journal, runId: RUN, where: WHERE, mask: outputMask(['the-secret']) });
  const stored = async () => {
    await kept.close();
    return (await journal.read(exchangeLogName(RUN))).entries;
  };
  return { kept, stored };
}

test('keeps calls in the order in which they began, with masked secrets', async () => {
  const { kept, stored } = keeping();
  let answerFirst: (value: string) => void = () => undefined;
  const first = kept.keep(call, new Promise<string>((resolve) => (answerFirst = resolve)));
  await kept.keep({ ...call, args: {} }, Promise.resolve('you sent the-secret'));
  answerFirst('late');
  await first;
  const common = { connector: 'c', operation: 'request' };
  expect(await stored()).toEqual([
    { ...WHERE, exchange: { ...common, args: { key: '[REDACTED]' }, value: 'late' } },
    { ...WHERE, exchange: { ...common, args: {}, value: 'you sent [REDACTED]' } },
  ]);
});

test('keeps failures with a code, and not those of calls that were given up', async () => {
  const { kept, stored } = keeping();
  const failed = new SkillosError('connector_timeout', 'slow');
  await expect(kept.keep(call, Promise.reject(failed))).rejects.toBe(failed);
  await expect(kept.keep(call, Promise.reject(new Error('aborted')))).rejects.toThrow('aborted');
  expect(await stored()).toMatchObject([
    { exchange: { error: { code: 'connector_timeout', message: 'slow' } } },
  ]);
});

test.each([
  ['1,000 calls', 1001, 'x', 1000],
  ['8 MiB', 3, 'x'.repeat(3 * 1024 * 1024), 2],
])('says that more than %s were not kept', async (_, count, value, expected) => {
  const { kept, stored } = keeping();
  for (let made = 0; made < count; made++) await kept.keep(call, Promise.resolve(value));
  const entries = await stored();
  expect(entries).toHaveLength(expected + 1);
  expect(entries.at(-1)).toEqual({ ...WHERE, cut: true });
});

test('writes nothing without calls', async () => {
  expect(await keeping().stored()).toEqual([]);
});
