/** What `storage migrate` prints. */
import type { Migrated } from '../../../client/storage/migrate.ts';
import type { StoreFault } from '../../../client/storage/store-faults.ts';
import type { Output } from '../../command.ts';

interface Terms {
  readonly from: string;
  readonly to: string;
  readonly isDryRun: boolean;
}

const MAX_FAULTS = 1000;

export function migrationOutput({ counts, faults }: Migrated, { from, to, isDryRun }: Terms): Output {
  const { records, logs, blobs, attachments, missing } = counts;
  const lost = missing === 0 ? '' : `; ${missing} attachments were no longer stored`;
  const shown = faults.slice(0, MAX_FAULTS);
  const more = faults.length - shown.length;
  return {
    text: [
      `${isDryRun ? 'storage_counted' : 'storage_migrated'}: ${records} records, ${logs} logs, ${blobs} blobs, ${attachments} attachments${lost}`,
      ...shown.map((fault) => faultLine(fault, isDryRun)),
      ...(more > 0 ? [`and ${more} more`] : []),
    ],
    json: {
      schema: 'skillos.migration/v1',
      from,
      to,
      dry_run: isDryRun,
      records,
      logs,
      blobs,
      attachments,
      attachments_missing: missing,
      damaged: faults.length,
      faults: shown.map(faultItem),
    },
  };
}

function faultLine({ part, name, lines, neededBy, mayBeSkipped }: StoreFault, isDryRun: boolean): string {
  const what = `${part} ${name}${lines === undefined ? '' : `, ${lines} lines`}`;
  if (!isDryRun) return `left_out: ${what}`;
  const user = neededBy === undefined ? '' : `, which ${neededBy} needs`;
  return `damaged: ${what}${mayBeSkipped ? '; left out with --skip-damaged' : user}`;
}

function faultItem({ part, name, lines, neededBy, mayBeSkipped }: StoreFault) {
  return {
    part,
    name,
    ...(lines !== undefined && { lines }),
    ...(neededBy !== undefined && { needed_by: neededBy }),
    skippable: mayBeSkipped,
  };
}
