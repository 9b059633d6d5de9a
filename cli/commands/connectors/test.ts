import { resolve } from 'node:path';
import { Command, Option } from 'clipanion';
import { openCallGuard } from '../../../adapters/connectors/call-guard.ts';
import { openConnectorFiles } from '../../../adapters/connectors/connector-files.ts';
import { findConnector, openConnectors } from '../../../adapters/connectors/connectors.ts';
import { connectorSecrets } from '../../../adapters/connectors/secrets.ts';
import { harmlessCall, isAnswered } from '../../../core/connectors/connector-document.ts';
import { callText } from '../../../core/connectors/connector-text.ts';
import type { CallReport, ConnectorCall } from '../../../core/connectors/connector.ts';
import { isSkillosError } from '../../../core/errors/errors.ts';
import type { SkillosError } from '../../../core/errors/errors.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { assertKnown } from '../../input/connectors.ts';

interface Tried {
  readonly report?: CallReport;
  readonly error?: SkillosError;
}

export class ConnectorsTestCommand extends SkillosCommand {
  static override paths = [['connectors', 'test']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Make one call that changes nothing',
    details:
      'Sends HEAD to base_url, SELECT 1 to a database, or lists the collections of Qdrant, from this process and with the ' +
      'secrets that are set here. Exits with 1 if nothing answers, or with 401 or a failure of the server.',
    examples: [['One connector', 'skillos connectors test weather']],
  });

  connector = Option.String({ name: 'id' });

  async perform() {
    const set = openConnectorFiles(this.config.root)();
    assertKnown(set, this.connector);
    const { report, error } = await this.tryCall(harmlessCall(findConnector(set, this.connector)));
    if (report === undefined) throw error; // refused before the call
    const isFine = isAnswered(report);
    const failure = error && { code: error.code, message: error.message };
    this.print({
      text: `${isFine ? 'connector_ok' : 'connector_failed'}: ${callText(report)}`,
      json: {
        schema: 'skillos.connector-test/v1',
        ok: isFine,
        ...report,
        ...(failure && { error: failure }),
      },
    });
    if (error !== undefined) this.note(`Error: ${error.message} (${error.code})`);
    return isFine ? EXIT.ok : EXIT.failed;
  }

  private async tryCall(call: ConnectorCall): Promise<Tried> {
    const { config, context } = this;
    const root = resolve(config.root);
    const connectors = openConnectors({
      root,
      resolveSecret: connectorSecrets({ root, env: context.env, production: config.production }),
      guard: openCallGuard(config, context.now),
    });
    context.onEnd(() => connectors.close());
    let report: CallReport | undefined;
    try {
      await connectors.call(call, {
        declared: [call.connector],
        isReadOnly: true,
        signal: new AbortController().signal,
        onReport: (made) => {
          report = made;
        },
      });
      return { ...(report && { report }) };
    } catch (error) {
      if (!isSkillosError(error)) throw error;
      return { error, ...(report && { report }) };
    }
  }
}
