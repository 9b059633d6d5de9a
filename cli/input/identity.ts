/** The caller of a command: the subject of a token, otherwise the local user. */
import { readFile, stat } from 'node:fs/promises';
import { Option } from 'clipanion';
import { loginName } from '../../adapters/machine/login-name.ts';
import { presentPolicies } from '../../adapters/deployments/present-root.ts';
import type { Actor } from '../../client/audit/authorize.ts';
import type { Config } from '../../core/settings/config.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { callerOf, localCaller } from '../../core/rights/caller.ts';
import type { Caller } from '../../core/rights/caller.ts';
import type { Rights } from '../../core/rights/permission-policy.ts';
import type { SkillosCommand } from '../command.ts';
import { openRuntime } from '../runtime.ts';
import type { Runtime } from '../runtime.ts';
import { optionGroup } from './option-group.ts';

export const identityOptions = () =>
  optionGroup({
    role: Option.String('--role', { description: 'Act in this role; with a token, one of its roles' }),
    jwt: Option.String('--jwt', {
      description: 'Token of the caller: its text or @file (default: SKILLOS_JWT_TOKEN)',
    }),
  });

type GivenIdentity = ReturnType<typeof identityOptions>;

/** A command that identifies its caller. */
export type IdentifiedCommand = SkillosCommand & { readonly identity: GivenIdentity };

const MAX_TOKEN_FILE_BYTES = 64 * 1024;

/** Resolves to the caller with the present policies. Rejects with `root_not_found`, and as `VerifyToken` and `callerOf` do. */
export async function rightsOf(
  command: IdentifiedCommand,
  given?: Pick<Runtime, 'root' | 'roots'>,
): Promise<Rights> {
  const { identity, config } = command;
  const { root, roots } = given ?? openRuntime(command); // without a root there would be no policies
  const caller = await identify(identity, config);
  const file = await presentPolicies(roots, root).permissions();
  return { ...caller, production: config.production, file };
}

/** Resolves to the caller as the actor of an audited change. */
export async function actorOf(command: IdentifiedCommand): Promise<Actor & { readonly way: 'cli' }> {
  return { rights: await rightsOf(command), way: 'cli' };
}

/** Loads the verifier only if there is a token. */
async function identify(given: GivenIdentity, config: Config): Promise<Caller> {
  const requested = { role: given.role, tenant: config.tenant };
  const token = await readToken(given.jwt ?? config.jwtToken);
  if (token === undefined) return localCaller(loginName(), requested);
  const { openTokenVerifier } = await import('../../adapters/identity/jwt.ts');
  return callerOf(await openTokenVerifier(config)(token), requested);
}

/** Returns the token; `@file` names a file with it. */
export async function readToken(given: string | undefined): Promise<string | undefined> {
  if (!given?.startsWith('@')) return given;
  const file = given.slice(1);
  try {
    const found = await stat(file);
    if (found.isFile() && found.size <= MAX_TOKEN_FILE_BYTES) return (await readFile(file, 'utf8')).trim();
  } catch {
    // The error below covers all causes.
  }
  throw new SkillosError('input_unreadable', `Cannot read token file ${JSON.stringify(file)}`);
}
