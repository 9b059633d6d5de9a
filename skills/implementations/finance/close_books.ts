/** Closes a month: checks that every entry of the bundled ledger balances and writes the closing report. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PermanentError } from 'skillos';
import type { SkillContext } from 'skillos';
import { monthIn, todayIn } from '../language/dates.ts';
import { replaceJson, sampleFolder } from '../storage/json_files.ts';
import ledger from './data/ledger.json' with { type: 'json' };
import { decimal, format } from './decimal.ts';

export interface CloseRequest {
  readonly query?: string;
  /** Such as `2026-10`; without one, the latest complete month. */
  readonly month?: string;
}

export interface Balance {
  readonly account: string;
  readonly debit: string;
  readonly credit: string;
  /** Debit minus credit, carried forward from the months before. */
  readonly balance: string;
}

export interface ClosingReport {
  readonly month: string;
  readonly currency: string;
  readonly entries: number;
  readonly accounts: readonly Balance[];
  readonly debit: string;
  readonly credit: string;
}

type Ledger = typeof ledger;
type Entry = Ledger['entries'][number];
type Line = Entry['lines'][number];

/** The report of a month is always the same file with the same content, so that a second attempt does no harm. */
export async function run(
  request: CloseRequest,
  ctx: SkillContext,
): Promise<ClosingReport & { file: string }> {
  const report = closingReport(
    request.month ?? monthIn(request.query ?? '', todayIn()) ?? ledger.complete_until,
  );
  const folder = sampleFolder('reports');
  const file = `closing-${report.month}.json`;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await replaceJson(join(folder, file), report);
  ctx.log(`Closed ${report.month}`, { file, entries: report.entries });
  return { ...report, file };
}

export function closingReport(month: string, book: Ledger = ledger): ClosingReport {
  const entries = book.entries.filter(({ date }) => date.startsWith(month));
  if (entries.length === 0)
    throw new PermanentError(`Expected a month with entries in the ledger, got "${month}"`);
  refuseUnbalanced(entries);
  if (month > book.complete_until) {
    throw new PermanentError(`Month "${month}" is still open, expected ${book.complete_until} or earlier`);
  }
  const lines = entries.flatMap((entry) => entry.lines);
  const known = book.entries.filter(({ date }) => date.slice(0, 7) <= month).flatMap((entry) => entry.lines);
  return {
    month,
    currency: book.currency,
    entries: entries.length,
    accounts: accountsOf(known).map((account) => balanceOf(account, lines, known)),
    debit: amount(sum(lines, 'debit')),
    credit: amount(sum(lines, 'credit')),
  };
}

function refuseUnbalanced(entries: readonly Entry[]): void {
  const wrong = entries
    .filter(({ lines }) => sum(lines, 'debit') !== sum(lines, 'credit'))
    .map(({ id }) => `"${id}"`);
  if (wrong.length > 0) throw new PermanentError(`Expected debit to equal credit in ${wrong.join(', ')}`);
}

function accountsOf(lines: readonly Line[]): readonly string[] {
  return [...new Set(lines.map(({ account }) => account))].sort();
}

function balanceOf(account: string, lines: readonly Line[], known: readonly Line[]): Balance {
  const own = lines.filter((line) => line.account === account);
  const all = known.filter((line) => line.account === account);
  return {
    account,
    debit: amount(sum(own, 'debit')),
    credit: amount(sum(own, 'credit')),
    balance: amount(sum(all, 'debit') - sum(all, 'credit')),
  };
}

/** In cents. */
function sum(lines: readonly Line[], side: 'debit' | 'credit'): bigint {
  return lines.reduce((total, line) => total + decimal(line[side]).digits, 0n);
}

function amount(cents: bigint): string {
  return format({ digits: cents, scale: 2 });
}
