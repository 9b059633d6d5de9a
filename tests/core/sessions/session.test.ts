import {
  MAX_MESSAGE_CHARS,
  messageText,
  newSession,
  openRunsOf,
  parseSessionId,
  seenBy,
  withEnds,
  withTurn,
  withoutTurn,
} from '../../../core/sessions/session.ts';
import type { Session, TurnEnd } from '../../../core/sessions/session.ts';
import { sessionDocument } from '../../../core/sessions/session-document.ts';
import { aRights } from '../../support/builders.ts';

const at = (second: number) => `2026-01-02T03:04:${String(second).padStart(2, '0')}.000Z`;
const session = newSession(aRights(), { id: 'trip', at: at(0) });

function asked(from: Session, runId: string, second: number, keepLast = 12): Session {
  return withTurn(from, { runId, content: `${runId}?`, at: at(second), keepLast });
}

function ended(from: Session, ends: Readonly<Record<string, TurnEnd>>): Session {
  return withEnds(from, new Map(Object.entries(ends)));
}

const contentsOf = ({ messages }: Pick<Session, 'messages'>) => messages.map(({ content }) => content);

describe('parseSessionId', () => {
  test.each(['a', 'trip-1', '0_x', 'x'.repeat(63)])('takes %j', (id) => {
    expect(parseSessionId(id)).toBe(id);
  });

  test.each(['', 'Trip', 'a.b', '-a', 'a/b', 'a\n', 'x'.repeat(64), 'ü'])('refuses %j', (id) => {
    expect(() => parseSessionId(id)).toThrow(/^Invalid session id ".*": expected a-z 0-9/s);
  });
});

describe('withTurn', () => {
  test('adds a request once', () => {
    const one = asked(session, 'r1', 1);
    expect(one).toMatchObject({
      updatedAt: at(1),
      messages: [{ role: 'user', content: 'r1?', at: at(1), runId: 'r1' }],
    });
    expect(asked(one, 'r1', 2)).toBe(one);
  });

  test('keeps the last messages', () => {
    const all = ['r1', 'r2', 'r3', 'r4'].reduce((known, run, index) => asked(known, run, index, 3), session);
    expect(contentsOf(all)).toEqual(['r2?', 'r3?', 'r4?']);
  });
});

describe('withoutTurn', () => {
  const two = asked(asked(session, 'r1', 1), 'r2', 3);

  test('removes the request of a run that was not started', () => {
    expect(contentsOf(withoutTurn(two, 'r1'))).toEqual(['r2?']);
  });

  test('keeps a run that has ended', () => {
    const known = ended(two, { r1: { at: at(2), answer: 'r1!' } });
    expect(withoutTurn(known, 'r1')).toEqual(known);
  });
});

describe('withEnds', () => {
  const two = asked(asked(session, 'r1', 1), 'r2', 3);

  test('adds the answer of a run by its time, and waits for the other run', () => {
    const known = ended(two, { r1: { at: at(2), answer: 'r1!' } });
    expect(contentsOf(known)).toEqual(['r1?', 'r1!', 'r2?']);
    expect(openRunsOf(known)).toEqual(['r2']);
    expect(contentsOf(ended(known, { r2: { at: at(4), answer: 'r2!' } }))).toEqual([
      'r1?',
      'r1!',
      'r2?',
      'r2!',
    ]);
  });

  test('adds a late answer after the requests before it', () => {
    expect(contentsOf(ended(two, { r1: { at: at(4), answer: 'r1!' } }))).toEqual(['r1?', 'r2?', 'r1!']);
  });

  test('adds an answer after its request, whatever the clocks say', () => {
    const known = ended(asked(two, 'r3', 4), { r2: { at: at(0), answer: 'r2!' } });
    expect(contentsOf(known)).toEqual(['r1?', 'r2?', 'r2!', 'r3?']);
  });

  test('adds no answer for a run without success, and does not ask for it again', () => {
    const known = ended(two, { r1: { at: at(2) }, r2: { at: at(4) }, other: { at: at(4), answer: 'no' } });
    expect(contentsOf(known)).toEqual(['r1?', 'r2?']);
    expect(openRunsOf(known)).toEqual([]);
    expect(ended(known, { r1: { at: at(2), answer: 'late' } })).toBe(known);
  });
});

describe('seenBy', () => {
  test('shows the messages before the request of the run', () => {
    const known = asked(ended(asked(session, 'r1', 1), { r1: { at: at(2), answer: 'r1!' } }), 'r2', 3);
    expect(seenBy(known, 'r2')).toEqual({
      id: 'trip',
      messages: [
        { role: 'user', content: 'r1?', at: at(1) },
        { role: 'assistant', content: 'r1!', at: at(2) },
      ],
    });
  });

  test('shows the context, and nothing to a run that is not in the session', () => {
    const given = newSession(aRights(), { id: 'trip', at: at(0), context: { city: 'Sochi' } });
    expect(seenBy(asked(given, 'r1', 1), 'other')).toEqual({
      id: 'trip',
      context: { city: 'Sochi' },
      messages: [],
    });
  });
});

describe('messageText', () => {
  test.each([
    ['text', 'text'],
    [{ a: [1] }, '{"a":[1]}'],
    [null, 'null'],
    ['x'.repeat(MAX_MESSAGE_CHARS), 'x'.repeat(MAX_MESSAGE_CHARS)],
    ['x'.repeat(MAX_MESSAGE_CHARS + 1), `${'x'.repeat(MAX_MESSAGE_CHARS - 1)}…`],
    [`${'x'.repeat(MAX_MESSAGE_CHARS - 2)}🙂🙂`, `${'x'.repeat(MAX_MESSAGE_CHARS - 2)}…`],
  ])('%#', (value, text) => {
    expect(messageText(value)).toBe(text);
  });
});

test('the document has the messages with their runs', () => {
  expect(sessionDocument(asked(session, 'r1', 1))).toEqual({
    schema: 'skillos.session/v1',
    session_id: 'trip',
    principal: session.principal.subject,
    created_at: at(0),
    updated_at: at(1),
    context: {},
    messages: [{ role: 'user', content: 'r1?', at: at(1), run_id: 'r1' }],
  });
  const given = newSession(aRights(), { id: 'trip', at: at(0), context: { city: 'Sochi' } });
  expect(sessionDocument(given)).toMatchObject({ context: { city: 'Sochi' } });
});
