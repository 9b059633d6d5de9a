import { Command, Option } from 'clipanion';
import { readTextFile } from '../../../adapters/files/text-file.ts';
import { serverKeyOf } from '../../../adapters/machine/engine-key.ts';
import { verifyAudit } from '../../../client/audit/verify.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import type { JsonObject } from '../../../core/json.ts';
import { AUDIT_VERIFICATION, readVerification } from '../../../core/telemetry/audit-chain.ts';
import type { ChainFinding, ChainHead } from '../../../core/telemetry/audit-chain.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions, rightsOf } from '../../input/identity.ts';
import { openRuntime } from '../../runtime.ts';
import { oneLine } from '../../views/plain-text.ts';

const MAX_HEAD_BYTES = 16 * 1024 * 1024;
/** Progress is shown for a log of this many entries. */
const NOTED_FROM = 10_000;

const WORDS = {
  edited: 'was changed after it was written',
  reordered: 'stands after a later entry of its writer, or twice',
  unsigned: 'has no signature of this key, unlike entries before it',
} as const;

export class AuditVerifyCommand extends SkillosCommand {
  static override paths = [['audit', 'verify']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Verify that no audit entry was edited, removed, reordered or added by somebody else',
    details: `
      Entries are signed with the server key. Each process that writes numbers its entries and signs each with the one before.

      The last entries of a log can be removed without a trace in the rest. To find that, keep the output of --json elsewhere
      and give it to a later call by --head.

      Exits with 1 if anything is wrong, or if nothing could be proven. Requires the permission audit:read.
    `,
    examples: [
      ['Verify the whole log', 'skillos audit verify'],
      ['Keep its end elsewhere', 'skillos audit verify --json > /backup/audit-head.json'],
      [
        'Verify that all which was there then still is',
        'skillos audit verify --head /backup/audit-head.json',
      ],
    ],
  });

  identity = identityOptions();
  head = Option.String('--head', {
    description: 'JSON output of an earlier call, whose entries must still be there',
  });

  async perform() {
    const { ports } = openRuntime(this);
    const rights = await rightsOf(this);
    const heads = this.head === undefined ? [] : readHeads(this.head, rights.tenant);
    const serverKey = serverKeyOf(this.config, this.context.env);
    if (serverKey === undefined) {
      throw new SkillosError(
        'config_invalid',
        'The audit log cannot be verified without SKILLOS_SERVER_KEY',
        {
          hint: 'Without a server key entries are not signed: whoever can write the log can change it',
        },
      );
    }
    const report = await verifyAudit(ports, rights, {
      serverKey: serverKey(),
      heads,
      onProgress: (entries) => {
        if (entries >= NOTED_FROM) this.note(`audit: ${entries} entries read`);
      },
    });
    const isWhole = report.faults === 0 && report.unreadable === 0;
    const status = !isWhole ? 'audit_broken' : report.proven === 0 ? 'audit_unproven' : 'audit_verified';
    const { entries, proven, unproven, unreadable, faults, findings } = report;
    this.print({
      text: [
        `${status}: ${proven} of ${entries} entries proven, ${faults} faults`,
        ...findings.map((finding) => `  ${oneLine(textOf(finding))}`),
        ...(faults > findings.length ? [`  and ${faults - findings.length} more`] : []),
        ...(unreadable > 0 ? [`  ${unreadable} lines are not JSON`] : []),
      ],
      json: {
        schema: AUDIT_VERIFICATION,
        status,
        tenant: rights.tenant,
        ...(report as unknown as JsonObject),
      },
    });
    if (unproven > 0 && isWhole) {
      this.note(
        `${unproven} entries have no signature of this key, for example because they are older than the key`,
      );
    }
    return status === 'audit_verified' ? EXIT.ok : EXIT.failed;
  }
}

function textOf({ fault, entry, writer, numbers }: ChainFinding): string {
  const [first, last] = numbers ?? [];
  if (fault === 'missing') {
    const which = first === last ? `entry ${first}` : `entries ${first} to ${last}`;
    return `${fault}: ${which} of writer ${writer}`;
  }
  const which = entry === undefined ? 'an entry without an id' : `entry ${JSON.stringify(entry)}`;
  const where = writer === undefined ? '' : ` (${first} of writer ${writer})`;
  return `${fault}: ${which}${where} ${WORDS[fault]}`;
}

function readHeads(file: string, tenant: string): readonly ChainHead[] {
  const text = readTextFile(file, MAX_HEAD_BYTES);
  const name = `Head file ${JSON.stringify(file)}`;
  if (typeof text !== 'string') {
    throw new SkillosError('input_unreadable', `${name} ${text.problem ?? 'does not exist'}`);
  }
  const read = readVerification(text);
  if (read === undefined) {
    throw new SkillosError('input_invalid', `${name} is not the JSON output of skillos audit verify`);
  }
  if (read.tenant !== tenant) {
    const tenants = `${JSON.stringify(read.tenant)}, and this log to ${JSON.stringify(tenant)}`;
    throw new SkillosError('input_invalid', `${name} belongs to tenant ${tenants}`);
  }
  return read.heads;
}
