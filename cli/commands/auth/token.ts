import { Command, Option } from 'clipanion';
import { signDevelopmentToken } from '../../../adapters/identity/development-token.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { parseDuration } from '../../../core/values/duration.ts';
import { SkillosCommand } from '../../command.ts';

export class AuthTokenCommand extends SkillosCommand {
  static override paths = [['auth', 'token']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Sign a token for development, with SKILLOS_JWT_SECRET',
    details: 'For trying out roles, approvals and the API. Not in production, where an issuer signs tokens.',
    examples: [
      ['A token of dan, who is cfo, for an hour', 'skillos auth token --sub dan --role cfo'],
      ['With two roles, for a day', 'skillos auth token --sub ann --role ops --role dev --ttl 1d'],
    ],
  });

  sub = Option.String('--sub', { required: true, description: 'Subject: the name of the caller' });
  roles = Option.Array('--role', [], { description: 'A role; repeat for more' });
  ttl = Option.String('--ttl', '1h', { description: 'How long it is valid, such as 30m (default: 1h)' });

  async perform() {
    const { sub, roles, config } = this;
    const iat = Math.floor(this.context.now() / 1000);
    const exp = iat + Math.ceil(parseDuration(this.ttl, '--ttl') / 1000);
    const token = await signDevelopmentToken(config, { sub, roles, tenant: config.tenant, iat, exp });
    this.print({
      text: token,
      json: { schema: 'skillos.token/v1', token, sub, roles, expires_at: new Date(exp * 1000).toISOString() },
    });
    return EXIT.ok;
  }
}
